"""The table of scripts: which nights the drill can play, by name and by scenario."""

from gospel_rollback_tui.drill.bad_code import BAD_CODE_SCRIPTS
from gospel_rollback_tui.drill.gitops_scripts import GITOPS_SCRIPTS
from gospel_rollback_tui.drill.migration_scripts import MIGRATION_SCRIPTS
from gospel_rollback_tui.drill.other_scenarios import OTHER_SCRIPTS
from gospel_rollback_tui.drill.script import Script

SCRIPTS: tuple[Script, ...] = BAD_CODE_SCRIPTS + GITOPS_SCRIPTS + MIGRATION_SCRIPTS + OTHER_SCRIPTS
DEFAULT_SCRIPT = SCRIPTS[0].id


class UnknownScriptError(LookupError):
    """A script or scenario that the table does not have; the message names those it has."""


def find_script(name: str) -> Script:
    """Return the script of that name.

    Raises:
        UnknownScriptError: There is none.
    """
    for script in SCRIPTS:
        if script.id == name:
            return script
    raise UnknownScriptError(f"no script {name!r}; there are: {', '.join(script.id for script in SCRIPTS)}")


def first_script_of(scenario: str) -> Script:
    """Return the script that a scenario is drilled with unless another is asked for.

    Raises:
        UnknownScriptError: No script plays that scenario.
    """
    for script in SCRIPTS:
        if script.scenario == scenario:
            return script
    known = ", ".join(dict.fromkeys(script.scenario for script in SCRIPTS))
    raise UnknownScriptError(f"no script plays {scenario!r}; scenarios are: {known}")
