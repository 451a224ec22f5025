"""The `{names}` in a runbook's texts: found, filled with an environment's values, or left to the shell as variables.

`{name}` and `{section.name}` in small letters are names. Whatever else has braces is text: `${home}`, `%{http_code}`,
`{{.Name}}`, `{"spec": …}`, `{.spec.template}`, and kubectl's `{end}`.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.names import ESTATE_NAMES, SERVICE_NAMES, names_of, names_of_service
from gospel_rollback_tui.domain.runbook import Ask

_NAME = re.compile(r"(?<![{$%])\{(?!end\})([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}(?!\})")
SERVICE = "service"
"""The choice or ask whose answer is a service's short name: it gives `{service.deployment}` and the like."""


def names_in(text: str) -> tuple[str, ...]:
    """Returns the names that a text uses, each once, in order."""
    return tuple(dict.fromkeys(_NAME.findall(text)))


def is_estate_name(name: str) -> bool:
    """Returns whether the configuration gives this name, directly or through the chosen service."""
    section, _, key = name.partition(".")
    return name in ESTATE_NAMES or (section == SERVICE and key in SERVICE_NAMES)


def fill(text: str, environment: Environment, answers: Mapping[str, str]) -> str:
    """Returns the text with every name replaced by the environment's value or by an answer.

    Raises:
        UsageError: A name has no value; nothing is ever rendered half-filled.
    """
    values = values_of(environment, answers)

    def value_of(name: str) -> str:
        """Returns the name's value; raises UsageError, with what to do, where it has none."""
        try:
            return values[name]
        except KeyError:
            raise UsageError(_missing(name, environment, answers), next_step=_remedy(name, environment)) from None

    return _replace(text, value_of)


def fill_for_shell(text: str, environment: Environment, answers: Mapping[str, str] = MappingProxyType({})) -> str:
    """Returns the text with every name filled, and those without a value as shell variables.

    `{snapshot_id}` becomes `${SNAPSHOT_ID:?}`: a shell refuses to run the command while the variable is not set.
    """
    values = values_of(environment, answers)
    return _replace(text, lambda name: values.get(name) or variable(name))


def values_of(environment: Environment, answers: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Returns every name that has a value, with it; an answer never overrides the estate."""
    values = {name: value for name, value in answers.items() if value}
    values.update(names_of(environment))
    try:
        values.update(names_of_service(environment.service(answers[SERVICE])))
    except KeyError:
        return values
    return values


def answer_complaint(ask: Ask, answer: str) -> str:
    """Returns why an answer is not one that its question takes, or an empty text."""
    if re.fullmatch(ask.pattern, answer):
        return ""
    return f"{answer!r} does not look like {ask.example!r}: it must match {ask.pattern}" if answer else f"it takes an answer such as {ask.example!r}"


def variable(name: str) -> str:
    """Returns the shell variable that stands for a name without a value; a shell fails where it is not set."""
    return f"${{{variable_name(name)}:?}}"


def variable_name(name: str) -> str:
    """Returns the shell's name for a name without a value."""
    return name.upper().replace(".", "_")


def _replace(text: str, value_of: Callable[[str], str]) -> str:
    return _NAME.sub(lambda match: value_of(match[1]), text)


def _missing(name: str, environment: Environment, answers: Mapping[str, str]) -> str:
    section, _, key = name.partition(".")
    if section == "allowed":
        return f"{environment.name} does not allow it: {ESTATE_NAMES[name]}."
    if name in ESTATE_NAMES:
        return f"The configuration of {environment.name} does not say {name} ({ESTATE_NAMES[name]})."
    if section != SERVICE or key not in SERVICE_NAMES:
        return f"No value was given for {name!r}."
    chosen = answers.get(SERVICE, "")
    if not chosen:
        return f"No service was chosen, so {name!r} has no value."
    known = ", ".join(service.name for service in environment.services)
    if all(service.name != chosen for service in environment.services):
        return f"{environment.name} has no service {chosen!r}; it has {known}."
    return f"The configuration of {environment.name} does not say {key!r} of the service {chosen}."


def _remedy(name: str, environment: Environment) -> str:
    if name not in ESTATE_NAMES:
        return "Answer the step's question first."
    section, _, key = name.partition(".")
    if section == "allowed":
        return "Take another way."
    line = f"`{section}: {{{key}: …}}`" if key else f"`{name}: …`"
    return f"Write {line} under {environment.name} in the configuration."
