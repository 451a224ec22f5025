"""The table of scripts: complete, consistent, and found by name."""

import pytest

from gospel_rollback_tui.drill.catalogue import catalogue_lines, scenario_ids
from gospel_rollback_tui.drill.fault import DESCRIPTIONS, Fault, UnknownFaultError, find_fault
from gospel_rollback_tui.drill.script import SERVICE_PORTS, PodFate, Script, image_name
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT, SCRIPTS, UnknownScriptError, find_script, first_script_of

SCENARIOS = (
    "bad-code",
    "bad-code-reversible-migration",
    "bad-code-irreversible-migration",
    "infrastructure",
    "corrupted-graph",
    "total-failure",
)

by_id = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)


def test_every_scenario_of_the_matrix_has_a_script() -> None:
    """The scenarios come in the matrix's order, each playable."""
    assert scenario_ids() == SCENARIOS
    assert all(first_script_of(scenario).scenario == scenario for scenario in SCENARIOS)


def test_the_default_is_the_first_script_of_bad_code() -> None:
    """A drill without arguments plays the incident in which every pod is ready."""
    assert DEFAULT_SCRIPT == first_script_of("bad-code").id == "ready-but-failing"


@by_id
def test_a_script_gives_every_service_a_history(script: Script) -> None:
    """Every service has at least two revisions, oldest first, rolled out before users failed."""
    assert [history.service for history in script.histories] == list(SERVICE_PORTS)
    for history in script.histories:
        moments = [revision.applied_before for revision in history.revisions]
        assert len(moments) >= 2
        assert moments == sorted(moments, reverse=True)
        assert moments[-1] > script.failing_before


@by_id
def test_a_script_breaks_something_users_notice(script: Script) -> None:
    """Some live revision neither becomes ready nor answers well, and there is a symptom for it."""
    live = {history.service: history.revisions[-1].tag for history in script.histories}
    broken = [b for b in script.behaviours if live[b.service] == b.tag and (b.answers or b.fate is not PodFate.READY)]
    assert broken
    assert script.symptoms


@by_id
def test_faults_of_a_script_exist(script: Script) -> None:
    """A script names only faults that can be switched on."""
    assert [find_fault(name).value for name in script.faults] == list(script.faults)


def test_a_service_that_a_script_does_not_mention_is_healthy() -> None:
    """The default behaviour is Ready, answers well and writes no errors."""
    behaviour = find_script("ready-but-failing").behaviour("ai", "v2.14.0")
    assert (behaviour.fate, behaviour.answers, behaviour.logs) == (PodFate.READY, (), ())


def test_unknown_names_are_refused_with_those_that_exist() -> None:
    """The message of a refusal lists what could have been meant."""
    with pytest.raises(UnknownScriptError, match="ready-but-failing, crash-loop"):
        find_script("nope")
    with pytest.raises(UnknownScriptError, match="corrupted-graph"):
        first_script_of("nope")
    with pytest.raises(UnknownFaultError, match="api-down"):
        find_fault("nope")
    with pytest.raises(KeyError):
        find_script("self-heal").history("nope")


def test_the_catalogue_has_one_line_for_each_thing() -> None:
    """Every line has a kind, a name and a description, and no name comes twice."""
    lines = [line.split("\t") for line in catalogue_lines()]
    assert all(len(line) == 3 and all(line) for line in lines)
    assert len(lines) == len(SCENARIOS) + len(SCRIPTS) + len(Fault)
    assert len({(kind, name) for kind, name, _ in lines}) == len(lines)
    assert set(DESCRIPTIONS) == set(Fault)


def test_image_names_are_those_of_the_registry() -> None:
    """One repository a service, the release as its tag."""
    assert image_name("gateway", "v2.14.0") == "123456789012.dkr.ecr.us-east-1.amazonaws.com/gospelib-gateway:v2.14.0"
