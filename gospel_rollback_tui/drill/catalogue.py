"""What a drill can be made of: the lines of `drill --list`, made for pipes."""

from gospel_rollback_tui.drill.fault import DESCRIPTIONS
from gospel_rollback_tui.drill.scripts import SCRIPTS


def scenario_ids() -> tuple[str, ...]:
    """Return the scenarios that have a script, in the matrix's order."""
    return tuple(dict.fromkeys(script.scenario for script in SCRIPTS))


def catalogue_lines() -> tuple[str, ...]:
    """Return one line a scenario, script and fault: kind, name and what it is, parted by tabs."""
    scenarios = [f"scenario\t{scenario}\t{', '.join(script.id for script in SCRIPTS if script.scenario == scenario)}" for scenario in scenario_ids()]
    scripts = [f"script\t{script.id}\t{script.title}" for script in SCRIPTS]
    faults = [f"fault\t{fault.value}\t{description}" for fault, description in DESCRIPTIONS.items()]
    return (*scenarios, *scripts, *faults)
