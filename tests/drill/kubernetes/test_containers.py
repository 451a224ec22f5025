"""The life of one container, told the time step by step."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.drill.kubernetes.behaviours import ContainerBehaviour, Fate
from gospel_rollback_tui.drill.kubernetes.container_recovery import resume
from gospel_rollback_tui.drill.kubernetes.container_status import container_status
from gospel_rollback_tui.drill.kubernetes.containers import Container, Moment, Stage, digest_reference

BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WELL = ContainerBehaviour(start_seconds=1, ready_seconds=2)
CRASH = ContainerBehaviour(Fate.CRASHES, start_seconds=1, run_seconds=1, exit_code=3, message="panic")
NO_IMAGE = ContainerBehaviour(Fate.PULL_FAILS, start_seconds=1)
UNREADY = ContainerBehaviour(Fate.NEVER_READY, start_seconds=1, ready_seconds=2)


def at(seconds: float) -> Moment:
    """Return a moment so many seconds after the beginning."""
    return Moment(seconds, BEGIN + timedelta(seconds=seconds))


def begun(*, runs_once: bool = False, restarts: bool = True) -> Container:
    """Return a container whose turn came at the beginning."""
    container = Container("web", "ecr.test/web:v1", "p_kx(uid)", runs_once=runs_once, restarts=restarts)
    container.begin(at(0))
    return container


def history(container: Container, behaviour: ContainerBehaviour, seconds: float) -> list[tuple[float, str]]:
    """Let time pass to a moment, stopping at every change; return the times and stages."""
    seen = []
    while (due := container.due(behaviour)) <= seconds:
        container.advance(behaviour, at(due))
        seen.append((due, container.stage.value))
    return seen


def state(container: Container, behaviour: ContainerBehaviour) -> dict[str, Any]:
    """Return the state that the pod's status shows."""
    shown: dict[str, Any] = container_status(container, behaviour, "ContainerCreating")["state"]
    return shown


def test_a_good_container_starts_and_becomes_ready() -> None:
    """Creating, running, ready; then nothing more is due."""
    container = begun()
    assert state(container, WELL) == {"waiting": {"reason": "ContainerCreating"}}
    reasons = [happening.reason for happening in container.advance(WELL, at(1))]
    assert reasons == ["Pulled", "Created", "Started"]
    assert container_status(container, WELL, "")["ready"] is False
    assert container.due(WELL) == 3
    container.advance(WELL, at(3))
    assert container_status(container, WELL, "")["ready"] is True
    assert container.due(WELL) == float("inf")


def test_a_crashing_container_is_restarted_with_growing_back_off() -> None:
    """At once the first time, then after 10, 20, 40 … seconds, never more than 300."""
    container = begun()
    starts = [second for second, stage in history(container, CRASH, 2000) if stage == "running"]
    gaps = [round(later - earlier, 1) for earlier, later in itertools.pairwise(starts)]
    assert gaps[:7] == [1.1, 11.1, 21.1, 41.1, 81.1, 161.1, 301.1]
    assert set(gaps[6:]) == {301.1}
    assert container.restart_count == len(starts) - 1


def test_a_back_off_says_what_happened_and_how_long_it_is() -> None:
    """Waiting names reason, delay, container and pod; the last state has exit code, times and message."""
    container = begun()
    history(container, CRASH, 5)
    status = container_status(container, CRASH, "")
    assert status["state"]["waiting"] == {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container=web pod=p_kx(uid)"}
    ended = status["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (3, "Error", "panic")
    assert ended["startedAt"] <= ended["finishedAt"]
    assert (status["ready"], status["restartCount"], status["started"]) == (False, 1, False)


def test_an_image_that_cannot_be_pulled_is_tried_again() -> None:
    """ErrImagePull and ImagePullBackOff alternate, with the runtime's words."""
    container = begun()
    container.advance(NO_IMAGE, at(1))
    assert state(container, NO_IMAGE)["waiting"]["reason"] == "ErrImagePull"
    container.advance(NO_IMAGE, at(2))
    waiting = state(container, NO_IMAGE)["waiting"]
    assert waiting["reason"] == "ImagePullBackOff"
    assert waiting["message"].startswith('Back-off pulling image "ecr.test/web:v1": ErrImagePull: rpc error: code = NotFound')
    stages = [stage for _, stage in history(container, NO_IMAGE, 60)]
    assert stages == ["pull error", "pull back-off"] * 2
    assert container_status(container, NO_IMAGE, "")["imageID"] == ""


def test_a_probe_that_fails_is_reported_every_ten_seconds() -> None:
    """Running, never ready, one warning a period; a ready container whose behaviour turns becomes unready."""
    container = begun()
    container.advance(UNREADY, at(1))
    assert [happening.reason for happening in container.advance(UNREADY, at(3))] == ["Unhealthy"]
    assert container.due(UNREADY) == 13
    turned = begun()
    history(turned, WELL, 10)
    assert turned.ready
    (happening,) = turned.advance(UNREADY, at(20))
    assert (turned.ready, turned.stage, happening.message) == (False, Stage.RUNNING, "Readiness probe failed: HTTP probe failed with statuscode: 503")


def test_a_running_container_that_turns_bad_crashes_and_one_that_turns_good_recovers() -> None:
    """A behaviour takes effect at the next step."""
    container = begun()
    history(container, WELL, 10)
    container.advance(CRASH, at(20))
    assert container.ended is not None or container.restart_count == 1
    history(container, WELL, 60)
    assert (container.ready, container.restart_count) == (True, 1)


def test_an_init_container_ends_and_is_done() -> None:
    """It runs once; a crash is repeated until it succeeds."""
    once = begun(runs_once=True)
    history(once, WELL, 10)
    assert (once.stage, once.is_done) == (Stage.DONE, True)
    assert state(once, WELL)["terminated"]["reason"] == "Completed"
    failing = begun(runs_once=True)
    history(failing, CRASH, 5)
    assert (failing.stage, failing.is_done) == (Stage.CRASH_BACK_OFF, False)


def test_a_container_that_is_not_restarted_stays_ended() -> None:
    """`restartPolicy: Never` leaves the exit to be seen."""
    container = begun(restarts=False)
    history(container, CRASH, 100)
    assert (container.stage, container.restart_count) == (Stage.EXITED, 0)
    assert state(container, CRASH)["terminated"]["exitCode"] == 3


@given(stops=st.lists(st.floats(0, 700), max_size=20), behaviour=st.sampled_from([WELL, CRASH, NO_IMAGE, UNREADY]))
def test_it_does_not_matter_how_often_one_looks(stops: list[float], behaviour: ContainerBehaviour) -> None:
    """Looking in between changes nothing but the exact second of a change that was seen late."""
    looked, left = begun(), begun()
    for stop in sorted(stops):
        history(looked, behaviour, stop)
        looked.advance(behaviour, at(stop))
    history(looked, behaviour, 700)
    history(left, behaviour, 700)
    assert (looked.stage, looked.restart_count, looked.ready) == (left.stage, left.restart_count, left.ready)


@pytest.mark.parametrize(("behaviour", "seconds"), [(WELL, 30), (CRASH, 5), (CRASH, 200), (UNREADY, 30)])
def test_a_life_is_taken_up_where_its_status_left_it(behaviour: ContainerBehaviour, seconds: float) -> None:
    """Read back from the status it wrote, a container shows the same status and goes on with the same restarts."""
    container = begun()
    history(container, behaviour, seconds)
    written = container_status(container, behaviour, "")
    taken_up = Container("web", "ecr.test/web:v1", "p_kx(uid)", runs_once=False, restarts=True)
    resume(taken_up, written, at(seconds))
    assert container_status(taken_up, behaviour, "") == written
    history(container, behaviour, seconds + 400)
    history(taken_up, behaviour, seconds + 400)
    assert (taken_up.stage, taken_up.restart_count, taken_up.ready) == (container.stage, container.restart_count, container.ready)


def test_a_stated_back_off_is_believed() -> None:
    """A status of another author says how long its back-off is."""
    container = begun()
    status = {
        "name": "web",
        "restartCount": 9,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=web pod=p_kx(uid)"}},
        "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-11-23T05:58:20Z"}},
    }
    resume(container, status, at(0))
    assert (container.due(CRASH), container.restart_count) == (200, 9)


@pytest.mark.parametrize(
    ("image", "repository"),
    [("ecr.test/web:v1", "ecr.test/web"), ("web", "web"), ("localhost:5000/web", "localhost:5000/web"), ("localhost:5000/web:v1", "localhost:5000/web")],
)
def test_an_image_has_a_digest(image: str, repository: str) -> None:
    """The digest follows from the image's name, or is the one it states."""
    assert digest_reference(image).startswith(f"{repository}@sha256:")
    assert digest_reference("web@sha256:abc") == "web@sha256:abc"
