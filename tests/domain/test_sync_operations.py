"""Which operation of Argo CD is ours, and how it ended."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.sync_operations import Ending, Wanted, has_begun, judge_operation, operation_from, wanted_by
from gospel_rollback_tui.domain.sync_windows import Windows, windows_from

ASKED = 1_795_415_100.4
"""Between two whole seconds, as requests are."""
STARTED = "2026-11-23T06:25:00Z"
"""The second in which it was asked for, cut as Argo CD writes it."""


def _operation(revision: str = "V1", **sync: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    return {"sync": {"revision": revision, "syncStrategy": {"apply": {}}, **sync}, "initiatedBy": {"username": "ada"}, "retry": {}}


def _state(phase: str, started: str = STARTED, *, operation: dict[str, Any] | None = None, message: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    return {"operation": operation or _operation(), "phase": phase, "startedAt": started, "message": message, **more}


def _application(state: dict[str, Any] | None = None, *, asked: dict[str, Any] | None = None, history: tuple[tuple[int, str], ...] = ()) -> dict[str, Any]:
    entries = [{"id": number, "revision": revision, "deployedAt": STARTED} for number, revision in history]
    status = {"history": entries, **({"operationState": state} if state else {})}
    return {"status": status, **({"operation": asked} if asked else {})}


BEFORE = _application(_state("Succeeded", "2026-11-22T06:00:00Z", operation=_operation("V2")), history=((0, "V1"), (1, "V2")))
WANTED = wanted_by(BEFORE, ("V1",))


@pytest.mark.parametrize(
    ("now", "ending", "begun"),
    [
        (BEFORE, Ending.WAITED, False),
        (_application(asked=_operation(), history=((0, "V1"), (1, "V2"))), Ending.WAITED, True),
        (_application(_state("Running"), asked=_operation()), Ending.WAITED, True),
        (_application(_state("Terminating"), asked=_operation()), Ending.WAITED, True),
        (_application(_state("Succeeded")), Ending.SUCCEEDED, True),
        (_application(_state("Failed", message="one or more objects failed to apply")), Ending.FAILED, True),
        (_application(_state("Error", message="ComparisonError: …")), Ending.FAILED, True),
        (_application(_state("Running", message="Sync operation blocked by sync window"), asked=_operation()), Ending.HELD, True),
        (_application(_state("Succeeded", operation=_operation(dryRun=True))), Ending.OTHER, None),
        (_application(_state("Succeeded", operation=_operation("V3"))), Ending.OTHER, None),
        (_application(_state("Succeeded", operation=_operation(resources=[{"kind": "Deployment", "name": "gw"}]))), Ending.OTHER, None),
        (_application(_state("Succeeded", operation=_operation("V3")), history=((0, "V1"), (1, "V2"), (2, "V1"), (3, "V3"))), Ending.SUCCEEDED, True),
        (_application(_state("Succeeded", "2026-11-22T06:00:00Z", operation=_operation("V2")), asked=_operation()), Ending.WAITED, True),
    ],
)
def test_only_this_operation_counts(now: dict[str, Any], ending: Ending, begun: bool | None) -> None:
    """Not an older one, not a dry run of the same commit, not a selective one, not somebody else's; an entry of the history proves it too."""
    assert judge_operation(now, WANTED, ASKED).ending is ending
    assert has_begun(now, WANTED) is begun


def test_the_second_of_the_request_counts() -> None:
    """Argo CD writes whole seconds: without cutting the request's own, the operation would have begun before it."""
    assert judge_operation(_application(_state("Succeeded")), WANTED, ASKED).ending is Ending.SUCCEEDED
    assert judge_operation(_application(_state("Succeeded", "2026-11-23T06:24:59Z")), WANTED, ASKED).ending is Ending.OTHER


def test_an_operation_of_the_same_commit_that_was_there_before_is_not_ours() -> None:
    """A rollback to what was rolled back to already begins another one."""
    before = _application(_state("Succeeded"), history=((0, "V1"),))
    again = wanted_by(before, ("V1",))
    assert has_begun(before, again) is False
    assert judge_operation(before, again, ASKED).ending is Ending.WAITED


def test_a_sync_is_known_by_its_mark() -> None:
    """Somebody's sync of the same commit carries none, or another."""
    wanted = Wanted(("V1",), "", -1, "run/step/1")
    marked = {**_operation(), "info": [{"name": "gospel-rollback", "value": "run/step/1"}]}
    assert has_begun(_application(_state("Running", operation=marked), asked=marked), wanted) is True
    assert has_begun(_application(_state("Running"), asked=_operation()), wanted) is None


def test_several_sources_are_compared_commit_by_commit() -> None:
    """Their operation has `revisions` and no `revision`."""
    operation = {"sync": {"revisions": ["V1", "W1"], "sources": [{}, {}], "source": {"repoURL": ""}}}
    now = _application(_state("Succeeded", operation=operation))
    assert judge_operation(now, wanted_by(BEFORE, ("V1", "W1")), ASKED).ending is Ending.SUCCEEDED
    assert judge_operation(now, wanted_by(BEFORE, ("V1", "W2")), ASKED).ending is Ending.OTHER


@pytest.mark.parametrize(
    ("phase", "message", "words"),
    [
        ("Error", "ComparisonError: Failed to checkout revision V1: … fatal: git upload-pack: not our ref V1", "gone from git"),
        ("Error", "InvalidSpecError: application destination …", "nothing live was touched"),
        ("Failed", "Operation terminated (retried 3 times).", "it was stopped"),
        ("Failed", "one or more objects failed to apply", "Deployment gw: field is immutable"),
    ],
)
def test_failures_say_what_was_left_behind(phase: str, message: str, words: str) -> None:
    """Whether anything live was touched, and what could not be applied."""
    resources = [
        {"kind": "Deployment", "name": "gw", "status": "SyncFailed", "hookPhase": "Failed", "message": "field is immutable"},
        {"kind": "ConfigMap", "name": "cm", "status": "Synced", "hookPhase": "Running", "message": "configmap/cm configured"},
    ]
    verdict = judge_operation(_application(_state(phase, message=message, syncResult={"resources": resources})), WANTED, ASKED)
    assert words in verdict.words
    assert "ConfigMap" not in verdict.words


def test_nothing_was_ever_asked_for() -> None:
    """A new Application has neither operation nor history."""
    assert operation_from({}) is None
    assert wanted_by({}, ("V1",)) == Wanted(("V1",), "", -1)
    assert has_begun({}, Wanted(("V1",), "", -1)) is False


@pytest.mark.parametrize(
    ("raw", "windows"),
    [
        ({"canSync": True}, Windows(can_sync=True)),
        ({}, Windows(None)),
        (
            {"canSync": False, "activeWindows": [{"kind": "deny", "schedule": "* * * * *", "duration": "1h"}]},
            Windows(can_sync=False, words="deny * * * * * for 1h"),
        ),
        (
            {"canSync": False, "assignedWindows": [{"kind": "allow", "schedule": "0 9 * * *", "duration": "8h"}]},
            Windows(can_sync=False, words="outside allow 0 9 * * * for 8h"),
        ),
        ({"canSync": True, "activeWindows": [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "manualSync": True}]}, Windows(can_sync=True)),
    ],
)
def test_windows_say_whether_it_may_be_synced_now(raw: dict[str, Any], windows: Windows) -> None:
    """A window that lets manual syncs through forbids nothing."""
    assert windows_from(raw) == windows
