"""Triage as it runs: what one round breaks, the next one mends."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.diagnosis.triage import Triage, heard_or_read
from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.errors import Forbidden
from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.nodes import NodeState
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.snapshots import LogsSnapshot
from gospel_rollback_tui.domain.surroundings import ConfigEdit
from gospel_rollback_tui.domain.triage import Suggestion
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState
from gospel_rollback_tui.runbooks.loader import load_library
from tests.diagnosis.scenes import ENVIRONMENT, NOW, ONSET, bad_release, stamp
from tests.ui.builders import preview

LIBRARY = load_library(CATALOGUE, None)
PATIENCE = 60.0
"""Seconds a condition may take on a slow machine."""


class Night:
    """The estate of one scene, as every port of triage sees it."""

    def __init__(self, scene: Scene) -> None:
        """Answers at once."""
        self.scene = scene
        self.breaks = False
        """Whether the log counts fail as no port may."""
        self.heard: tuple[PodState, ...] | None = None
        """Pods as the feed has heard them; None: it cannot be believed, and they are read."""
        self.broken_probe = False
        """Whether the reading of nodes fails as no port may."""

    def who(self) -> tuple[str, str]:
        """Somebody."""
        return self.scene.who or ("", "")

    def alive(self) -> bool:
        """It serves."""
        return True

    def deployments(self) -> tuple[Deployment, ...]:
        """Those of the scene."""
        return self.scene.deployments or ()

    def replica_sets(self) -> tuple[ReplicaSetState, ...]:
        """Those of the scene."""
        return self.scene.replica_sets or ()

    def pods(self) -> tuple[PodState, ...]:
        """Those of the scene."""
        return self.scene.pods or ()

    def events(self) -> tuple[ClusterEvent, ...]:
        """None."""
        return ()

    def nodes(self) -> tuple[NodeState, ...]:
        """Those of the scene."""
        if self.broken_probe:
            raise IndexError("list index out of range")
        return self.scene.nodes or ()

    def config_edits(self) -> tuple[ConfigEdit, ...]:
        """None."""
        return ()

    def may_roll_back(self) -> bool:
        """Yes."""
        return True

    def application(self) -> Application | None:
        """That of the scene."""
        return self.scene.application

    def beside(self) -> Survey:
        """Nothing but what the scene says."""
        return self.scene.beside

    def early_log(self, service: Service, pod: str, since_seconds: int) -> tuple[str, ...]:
        """The first error line."""
        return (f"{stamp(ONSET)} ERROR panic: nil map in route table status=500",)

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """It fails."""
        return self.scene.answer or HttpAnswer(200, "", 0.01)

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """No service ships migrations."""
        return None

    def pod_states(self) -> tuple[PodState, ...] | None:
        """What the feed has heard; None while it is not believed."""
        return self.heard

    def logs(self) -> LogsSnapshot:
        """What was counted."""
        if self.breaks:
            raise OverflowError("cannot convert float infinity to integer")
        assert self.scene.logs is not None
        return self.scene.logs


@contextmanager
def rounds(night: Night, planner: Callable[[Suggestion, HttpCheck | None], Preview], plan_seconds: float = PATIENCE) -> Iterator[Triage]:
    """Runs triage on that night."""
    triage = Triage(
        environment=ENVIRONMENT,
        library=LIBRARY,
        reads=night,
        probe=night,
        feeds=night,
        gates=night,
        planner=planner,
        now=lambda: NOW,
        plan_seconds=plan_seconds,
    )
    triage.start()
    try:
        yield triage
    finally:
        triage.stop()


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Waits until the condition holds, and fails by its name if it never does."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.01)


def test_a_round_that_fails_is_said_and_the_next_one_is_taken() -> None:
    """The thread outlives whatever breaks it, and no way back is offered on what it could not read."""
    night = Night(bad_release())
    with rounds(night, lambda _suggestion, _symptom: preview()) as triage:
        wait_for(lambda: (s := triage.picture().suggestion) and s.ready, "the way back")
        night.breaks = True
        triage.refresh()
        wait_for(lambda: (t := triage.picture().trouble) and t.kind == "triage", "the trouble")
        trouble, suggestion = triage.picture().trouble, triage.picture().suggestion
        assert trouble is not None
        assert "Triage itself failed" in trouble.text
        assert "OverflowError" in trouble.text
        assert suggestion is None
        night.breaks = False
        triage.refresh()
        wait_for(lambda: triage.picture().trouble is None and (s := triage.picture().suggestion) and s.ready, "the way back again")


def test_pods_are_taken_from_the_feed_that_has_them_and_read_where_it_cannot_be_believed() -> None:
    """Thousands of pods are not listed every few seconds beside a watch that tells every change of them."""

    class _Counting(Night):
        asked = 0

        def pods(self) -> tuple[PodState, ...]:
            self.asked += 1
            return super().pods()

    night = _Counting(bad_release())
    night.heard = night.scene.pods
    with rounds(night, lambda _suggestion, _symptom: preview()) as triage:
        wait_for(lambda: (s := triage.picture().suggestion) and s.ready, "the way back")
        assert night.asked == 0
        night.heard = None
        triage.refresh()
        wait_for(lambda: night.asked > 0, "a reading of the pods")


def test_the_picture_does_not_wait_for_the_preview() -> None:
    """A complete picture is shown while the preview is being read, and the preview says when it was."""
    let_go = threading.Event()

    def _slow(_suggestion: Suggestion, _symptom: HttpCheck | None) -> Preview:
        assert let_go.wait(PATIENCE)
        return preview()

    with rounds(Night(bad_release()), _slow) as triage:
        try:
            wait_for(lambda: triage.picture().complete, "the complete picture")
            shown = triage.picture().suggestion
            assert shown is not None
            assert not shown.ready
            assert shown.planned_at == 0.0
        finally:
            let_go.set()
        wait_for(lambda: (s := triage.picture().suggestion) and s.preview, "the preview")
        planned = triage.picture().suggestion
        assert planned is not None
        assert planned.planned_at == NOW


def test_a_planner_that_hangs_does_not_hold_triage_up() -> None:
    """Rounds go on and name what `r` lacks; the preview that comes at last is taken, and was asked for once."""
    let_go = threading.Event()
    asked: list[Suggestion] = []

    def _hanging(suggestion: Suggestion, _symptom: HttpCheck | None) -> Preview:
        asked.append(suggestion)
        assert let_go.wait(PATIENCE)
        return preview()

    night = Night(bad_release())
    with rounds(night, _hanging, plan_seconds=0.05) as triage:
        try:
            wait_for(lambda: (s := triage.picture().suggestion) and any("has not come" in lack for lack in s.lacks), "what is lacking")
            night.scene = replace(night.scene, answer=HttpAnswer(503, "", 0.01))
            triage.refresh()
            wait_for(lambda: (s := triage.picture().symptom) and "503" in s.words, "a round that was taken meanwhile")
            assert len(asked) == 1
        finally:
            let_go.set()
        wait_for(lambda: (s := triage.picture().suggestion) and s.ready, "the way back")


def test_a_planner_that_breaks_is_named_as_a_fault_of_the_program() -> None:
    """What `r` lacks is this program, not the estate."""

    def _broken(_suggestion: Suggestion, _symptom: HttpCheck | None) -> Preview:
        raise KeyError("spec")

    with rounds(Night(bad_release()), _broken) as triage:
        wait_for(lambda: (s := triage.picture().suggestion) and any("fault of this program" in lack for lack in s.lacks), "the fault")


def test_a_probe_that_breaks_is_named_as_a_fault_of_the_program() -> None:
    """It is said at once, the fact is unknown for that reason, and nothing says that the estate did not answer."""
    night = Night(bad_release())
    night.broken_probe = True
    with rounds(night, lambda _suggestion, _symptom: preview()) as triage:
        wait_for(lambda: triage.picture().complete and triage.picture().trouble, "the trouble")
        picture = triage.picture()
        assert picture.trouble is not None
        assert picture.trouble.kind == "program"
        assert "nodes: a fault of this program, not of the estate (IndexError: " in picture.trouble.text
        said = picture.readings["nodes.not_ready"]
        assert said.truth is Truth.UNKNOWN
        assert "fault of this program" in said.words
        assert "no answer" not in said.words


def test_what_a_feed_may_not_read_is_not_asked_for_again() -> None:
    """A role that cannot list nodes is met by the feed, which asks ever more rarely; a feed that is not believed is asked past."""
    asked: list[str] = []

    def forbidden() -> tuple[int, ...] | None:
        raise Forbidden("nodes is forbidden")

    def read() -> tuple[int, ...]:
        asked.append("the server")
        return (2,)

    with pytest.raises(Forbidden):
        heard_or_read(forbidden, read)
    assert heard_or_read(lambda: (1,), read) == (1,)
    assert heard_or_read(tuple, read) == ()
    assert asked == []
    assert heard_or_read(lambda: None, read) == (2,)
