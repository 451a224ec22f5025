"""A step's texts as an operator meets them in one environment: what it needs, what it says, and whether it can be done here."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.names import ESTATE_NAMES
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.runbooks.fill import fill, fill_for_shell, names_in, values_of, variable_name

_NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


def unfilled(step: Step, environment: Environment, answers: Mapping[str, str] = _NO_ANSWERS) -> tuple[str, ...]:
    """Returns the names a step's texts use that have no value yet, asks included, in order of use."""
    values = values_of(environment, answers)
    texts = (*step.commands, step.look_for, step.undo, *(value for _, value in step.parameters))
    return tuple(dict.fromkeys(name for text in texts for name in names_in(text) if name not in values))


def not_here(step: Step, environment: Environment) -> str:
    """Returns why a step cannot be done in this environment, and what to do; empty: it can.

    The configuration lacks a name that its commands need, or does not allow what it does.
    """
    lacking = [name for name in unfilled(step, environment) if name in ESTATE_NAMES]
    if not lacking:
        return ""
    try:
        fill(f"{{{lacking[0]}}}", environment, {})
    except UsageError as error:
        return f"{error.text} {error.next_step}"
    return ""


def shown(step: Step, environment: Environment, answers: Mapping[str, str] = _NO_ANSWERS) -> Step:
    """Returns the step with every text filled for reading.

    Where a value is not known yet, commands carry a shell variable that a shell refuses while it is not set, and
    prose carries the variable's name.
    """
    prose = {name: variable_name(name) for name in unfilled(step, environment, answers)}
    return replace(
        step,
        commands=(*_kubeconfig(step, environment), *(fill_for_shell(command, environment, answers) for command in step.commands)),
        look_for=_prose(step.look_for, environment, answers, prose),
        undo=fill_for_shell(step.undo, environment, answers),
        parameters=tuple((name, fill_for_shell(value, environment, answers)) for name, value in step.parameters),
    )


def _kubeconfig(step: Step, environment: Environment) -> tuple[str, ...]:
    """Returns what makes kubectl read the environment's own kubeconfig, where it has one and a command needs it."""
    path = environment.cluster.kubeconfig
    return (f"export KUBECONFIG={shlex.quote(path)}",) if path and any("kubectl " in command for command in step.commands) else ()


def _prose(text: str, environment: Environment, answers: Mapping[str, str], otherwise: Mapping[str, str]) -> str:
    known = values_of(environment, answers)
    return fill_for_shell(text, environment, {**{name: word for name, word in otherwise.items() if name not in known}, **answers})
