"""Prints a runbook as plain text with an environment's names, for reading offline and following by hand."""

import re
import textwrap
from collections.abc import Iterator, Mapping

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.runbook import MANUAL_ACTION, Ask, Path, Runbook, Step
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.runbooks.fill import SERVICE, variable_name
from gospel_rollback_tui.runbooks.step_texts import not_here, shown, unfilled

WIDTH = 100
"""Columns of prose; commands are never broken."""
_LABEL = 10


def render(runbook: Runbook, environment: Environment) -> str:
    """Returns the whole runbook; values that nobody has answered yet stand in commands as shell variables.

    Prose is wrapped at 100 columns. Commands stay on their lines, so that they can be copied; a command whose
    variable is not set is refused by the shell.
    """
    lines = [*_paragraph(f"{runbook.title} — {environment.name}"), "=" * min(WIDTH, len(runbook.title) + len(environment.name) + 3), ""]
    lines += _paragraph(runbook.summary)
    lines += ["", f"Objective: {span(runbook.objective) if runbook.objective else 'varies'}", f"Ways back: {len(runbook.paths)}"]
    for number, path in enumerate(runbook.paths, 1):
        lines += ["", "", *_path(number, path, environment)]
    return "\n".join(lines) + "\n"


def _path(number: int, path: Path, environment: Environment) -> Iterator[str]:
    title = f"Way {number}: {path.title}"
    yield from _paragraph(title)
    yield "-" * min(WIDTH, len(title))
    yield from _paragraph(path.summary)
    if path.suited:
        yield from _labelled("Suited", "; ".join(f"{fact} is {value}" for fact, value in path.suited))
    if path.reverted_by:
        yield from _labelled("Reverted", f"by {path.reverted_by}")
    for position, step in enumerate(path.steps, 1):
        yield ""
        yield from _step(f"{number}.{position}", step, environment)


def _step(number: str, step: Step, environment: Environment) -> Iterator[str]:
    yield from _wrap(step.title, f"{number}  ", " " * (len(number) + 2))
    yield from _labelled("Why", step.why)
    yield from _labelled("Done by", _done_by(step))
    yield from _labelled("Time", _time(step))
    refusal = not_here(step, environment)
    if refusal:
        yield from _labelled("Not here", refusal)
        return
    asks = {ask.name: ask for ask in step.asks}
    for name in unfilled(step, environment):
        yield from _labelled("Needs", f"{variable_name(name)} — {_need(name, asks, environment)}")
    seen = shown(step, environment)
    for index, command in enumerate(seen.commands):
        label = "Commands" if index == 0 else ""
        for offset, line in enumerate(command.split("\n")):
            yield f"    {label if offset == 0 else '':<{_LABEL}}{line}".rstrip()
    for label, text in (("Look for", seen.look_for), ("Undo", seen.undo), ("No undo", seen.no_undo), ("Differs", seen.differs)):
        if text:
            yield from _labelled(label, text)


def _done_by(step: Step) -> str:
    who = "hand" if step.action == MANUAL_ACTION else f"the tool ({step.action})" + (", or by hand with these commands" if step.commands else "")
    optional = "" if step.required else "; may be skipped"
    return f"{who}; {step.danger.word if step.danger > Danger.OBSERVE else 'observe: changes nothing'}{optional}"


def _time(step: Step) -> str:
    usual = f"usually {span(step.usual)}, " if step.usual else ""
    return f"{usual}given up after {span(step.timeout)}"


def _need(name: str, asks: Mapping[str, Ask], environment: Environment) -> str:
    """Returns what a variable must be set to."""
    section, _, key = name.partition(".")
    if section == SERVICE and key:
        values = ((service.name, str(getattr(service, key))) for service in environment.services)
        return f"{key} of the service: " + ", ".join(f"{value} ({short})" for short, value in values if value)
    if name in asks:
        return f"{asks[name].question} For example {asks[name].example}."
    return "chosen from the live list."


def _labelled(label: str, text: str) -> Iterator[str]:
    """Yields a text behind its label, wrapped in a column of its own."""
    first = f"    {label:<{_LABEL}}"
    yield from _wrap(text, first, " " * (4 + _LABEL))


def _paragraph(text: str) -> Iterator[str]:
    yield from _wrap(text, "", "")


def _wrap(text: str, first: str, rest: str) -> Iterator[str]:
    flat = re.sub(r"\s+", " ", text).strip()
    yield from textwrap.wrap(flat, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
