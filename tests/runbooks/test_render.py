"""A runbook printed for reading offline."""

import re
from dataclasses import replace

import pytest

from gospel_rollback_tui.runbooks.render import WIDTH, render
from tests.runbooks.library import LIBRARY, PRODUCTION, STAGING

TEXTS = {(runbook.id, environment.name): render(runbook, environment) for runbook in LIBRARY.runbooks for environment in (PRODUCTION, STAGING)}


@pytest.mark.parametrize("scenario", [runbook.id for runbook in LIBRARY.runbooks])
def test_every_step_is_printed_with_what_it_takes(scenario: str) -> None:
    """Each title under its number, and the estate's own names."""
    text = TEXTS[scenario, "production"]
    runbook = LIBRARY.runbook(scenario)
    assert text.startswith(f"{runbook.title} — production\n")
    for number, path in enumerate(runbook.paths, 1):
        assert f"Way {number}: {path.title}" in re.sub(r"\n\s*", " ", text)
        for position, step in enumerate(path.steps, 1):
            assert f"\n{number}.{position}  {step.title}" in text
    assert "gospelib-production" in text
    assert "gospelib-staging" not in text


@pytest.mark.parametrize("key", TEXTS, ids=":".join)
def test_no_placeholder_is_printed(key: tuple[str, str]) -> None:
    """Values that are not known are shell variables, and each is explained above its commands."""
    text = TEXTS[key]
    assert not re.search(r"<[A-Z_]{3,}>", text)
    assert not re.search(r"(?<![$%.])\{[a-z_]+\.[a-z_]+\}(?!')", re.sub(r"jsonpath='[^']*'", "", text))
    for step in text.split("\n\n"):
        for name in set(re.findall(r"\$\{([A-Z_]+):\?\}", step)):
            assert f"Needs     {name} — " in step


def test_prose_wraps_and_commands_do_not() -> None:
    """A command on two lines would be two commands."""
    for text in TEXTS.values():
        in_commands = False
        for line in text.splitlines():
            label = line[4:14].strip()
            in_commands = label == "Commands" or (in_commands and not label and bool(line.strip()))
            assert in_commands or len(line) <= WIDTH, line


def test_a_step_that_is_not_allowed_here_says_so_and_prints_no_command() -> None:
    """The full ingest exists in staging's print only."""
    assert "generateName" in TEXTS["corrupted-graph", "staging"]
    production = TEXTS["corrupted-graph", "production"]
    assert "generateName" not in production
    assert "Not here  production does not allow it" in production


def test_a_step_whose_names_are_missing_says_which() -> None:
    """The configuration's gap is named where it matters, and the rest is printed."""
    bare = replace(PRODUCTION, names=tuple((name, value) for name, value in PRODUCTION.names if not name.startswith("rds.")))
    text = render(LIBRARY.runbook("total-failure"), bare)
    assert "Not here  The configuration of production does not say rds.identifier" in re.sub(r"\n\s{10,}", " ", text)
    assert "Write `rds: {identifier: …}` under production" in re.sub(r"\n\s{10,}", " ", text)


def test_undo_and_its_absence_and_what_differs_are_printed() -> None:
    """The three lines that save somebody at night."""
    text = TEXTS["total-failure", "production"]
    for label in ("Undo", "No undo", "Differs", "Look for"):
        assert f"\n    {label:<10}" in text


def test_a_choice_of_a_service_lists_what_the_estate_has() -> None:
    """Offline, the live list is the configuration's."""
    text = re.sub(r"\n\s{10,}", " ", TEXTS["bad-code", "production"])
    assert "SERVICE_DEPLOYMENT — deployment of the service: gospelib-gateway (gateway), gospelib-content (content)" in text
    assert "REVISION — chosen from the live list." in text
