"""Every kind of request that the tool sends is played against both estates: no shape without a case."""

import os
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.drilling import Drill, served
from tests.real.conformance.case import Played
from tests.real.conformance.cases import CASES
from tests.real.conformance.headless import Headless
from tests.real.conformance.shapes import SHAPES_VARIABLE, Shape, read_shapes, shape_of, shapes_of, write_shapes


@pytest.fixture(scope="module")
def covered(simulated: Played) -> set[Shape]:
    """The shapes that the cases send."""
    for case in CASES:
        simulated.answer(case)
    return simulated.stage.sent


def assert_covered(drill: Drill, covered: set[Shape]) -> None:
    """Fails with the shapes that the drill's API server got and no case sends."""
    assert_shapes(shapes_of(drill.control.requests()), covered)


def assert_shapes(sent: set[Shape], covered: set[Shape]) -> None:
    """Fails with the shapes that no case sends."""
    missing = sorted(str(shape) for shape in sent - covered)
    assert sent
    assert not missing, "no conformance case sends:\n" + "\n".join(missing)


def test_a_whole_run_sends_nothing_that_no_case_does(tmp_path: Path, covered: set[Shape]) -> None:
    """Rolled back, watched, git by hand, auto-sync on again, and a credential that expired between: closed."""
    with served(tmp_path, hold="2s") as drill, Headless(drill) as app:
        app.open()
        app.roll_back()
        drill.control.fault("expired-token")
        app.until("the run waits for credentials", lambda: app.run.waiting == "credentials")
        drill.control.renew_login()
        app.estate.renew()
        app.must(Verb.CREDENTIALS)
        app.until("the run waits no more", lambda: not app.run.waiting)
        drill.control.push("gateway", GOOD_TAG)
        app.must(Verb.BY_HAND, step="git-equal", note="merged")
        app.step_until("git-equal", StepStatus.ASSERTED, StepStatus.VERIFIED)
        drill.control.wait_until(lambda c: c.object("applications", "argocd", "gospelib-production")["status"]["sync"]["status"] == "Synced")
        app.must(Verb.ARM, step="auto-sync-on")
        assert app.confirm("auto-sync-on").taken
        app.step_until("auto-sync-on", StepStatus.VERIFIED)
        app.until("it held", lambda: app.run.watch is not None and bool(app.run.watch.stable_at))
        assert_covered(drill, covered)


def test_an_undo_sends_nothing_that_no_case_does(tmp_path: Path, covered: set[Shape]) -> None:
    """The change is put back from what was captured."""
    with served(tmp_path) as drill, Headless(drill) as app:
        app.open()
        app.roll_back()
        app.must(Verb.UNDO, step="roll-back")
        assert app.confirm("roll-back").taken
        app.until("both changes are put back", lambda: len(drill.sent()) == 4)
        assert_covered(drill, covered)


def test_taking_the_lock_over_sends_nothing_that_no_case_does(tmp_path: Path, covered: set[Shape]) -> None:
    """Somebody else holds the environment: refused, then taken over with a reason."""
    with served(tmp_path, faults=["second-operator"]) as drill, Headless(drill) as app:
        app.open()
        assert not app.confirm("roll-back").taken
        app.must(Verb.TAKE_OVER, reason="miriam's terminal has gone")
        app.roll_back()
        assert_covered(drill, covered)


def test_logs_of_crashing_pods_send_nothing_that_no_case_does(tmp_path: Path, covered: set[Shape]) -> None:
    """A service whose containers crash is followed: the log of the run before is asked for."""
    with served(tmp_path, "crash-loop") as drill, Headless(drill) as app:
        app.estate.follow(["gateway", "auth"])
        drill.control.wait_until(lambda c: any("previous" in record["query"] for record in c.requests()), 60.0)
        app.open()
        app.roll_back()
        assert_covered(drill, covered)


def test_pages_send_nothing_that_no_case_does(covered: set[Shape]) -> None:
    """Lists longer than a page are continued; the estates of the drills are too small for that."""
    namespaced = "/apis/apps/v1/namespaces/x/deployments"
    pages = {shape_of("GET", namespaced, {"limit": "500", "continue": "token"}, ""), shape_of("GET", "/api/v1/namespaces/x/pods", {"limit": "500"}, "")}
    assert_shapes(pages, covered)


def test_what_the_cases_send_is_noted_for_the_end_to_end_tests(tmp_path: Path, covered: set[Shape]) -> None:
    """The tests on a terminal run by themselves, and hold what they send against this file where they are told of it."""
    file = Path(os.environ.get(SHAPES_VARIABLE) or tmp_path / "shapes.jsonl")
    write_shapes(file, covered)
    assert read_shapes(file) == covered
