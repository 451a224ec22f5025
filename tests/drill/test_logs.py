"""What the containers of the simulated estate write."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import timestamp
from gospel_rollback_tui.drill.logs import KEPT, ScriptedLogs, service_and_tag
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, image_name
from gospel_rollback_tui.drill.scripts import find_script

START = datetime(2026, 11, 27, 3, 13, 3, tzinfo=UTC)


class FrozenClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        """Stand at the estate's start."""
        self.moment = START

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def monotonic(self) -> float:
        """Return the moment in seconds."""
        return self.moment.timestamp()


def a_pod(service: str, tag: str, state: dict[str, Any], last: dict[str, Any] | None = None, uid: str = "u1") -> dict[str, Any]:
    """Return a pod of a service whose container is in a state."""
    return {
        "metadata": {"uid": uid, "name": f"gospelib-{service}-x", "namespace": "n"},
        "spec": {"containers": [{"name": service, "image": image_name(service, tag)}]},
        "status": {"containerStatuses": [{"name": service, "state": state, "lastState": last or {}}]},
    }


def running(before: float) -> dict[str, Any]:
    """Return the state of a container that has been running so many seconds when the estate starts."""
    return {"running": {"startedAt": timestamp(START - timedelta(seconds=before))}}


def a_source(script: str = "ready-but-failing") -> tuple[ScriptedLogs, FrozenClock]:
    """Return the logs of a script and the clock they follow."""
    clock = FrozenClock()
    return ScriptedLogs(find_script(script), clock), clock


def texts(logs: ScriptedLogs, pod: dict[str, Any], previous: bool = False, start: int = 0) -> list[str]:
    """Return the texts of a pod's log."""
    name = pod["spec"]["containers"][0]["name"]
    return [line.text for line in logs.lines(pod, name, previous=previous, start=start)]


def test_two_bad_pods_write_212_errors_a_minute() -> None:
    """The rate of the default incident, counted over its last minute."""
    logs, clock = a_source()
    errors = 0
    for uid in ("u1", "u2"):
        pod = a_pod("gateway", BAD_TAG, running(480.0), uid=uid)
        lines = logs.lines(pod, "gateway", previous=False, start=0)
        errors += sum(1 for line in lines if line.text.startswith("ERROR panic: nil map") and line.at > clock.now() - timedelta(minutes=1))
    assert 210 <= errors <= 214


def test_no_error_is_older_than_the_first_failing_user() -> None:
    """The pods ran for 71 s before anybody noticed."""
    logs, _ = a_source()
    lines = logs.lines(a_pod("gateway", BAD_TAG, running(480.0)), "gateway", previous=False, start=0)
    first = min(line.at for line in lines if line.text.startswith("ERROR"))
    assert START - timedelta(seconds=413) < first < START - timedelta(seconds=410)


def test_a_log_grows_and_its_numbers_stay() -> None:
    """What was line number N is so later, and new lines come behind it in order."""
    logs, clock = a_source()
    pod = a_pod("gateway", BAD_TAG, running(480.0))
    before = texts(logs, pod)
    clock.moment += timedelta(seconds=10)
    after = logs.lines(pod, "gateway", previous=False, start=0)
    assert [line.text for line in after][: len(before)] == before
    assert texts(logs, pod, start=len(before)) == [line.text for line in after][len(before) :] != []
    assert [line.at for line in after] == sorted(line.at for line in after)


def test_a_good_release_serves_and_writes_no_errors() -> None:
    """After the rollback the log has requests with 200 and nothing else of interest."""
    logs, _ = a_source()
    lines = texts(logs, a_pod("gateway", GOOD_TAG, running(60.0)))
    assert any("status=200" in line for line in lines)
    assert not any("ERROR" in line or "panic" in line for line in lines)


def test_old_lines_have_been_rotated_away() -> None:
    """A pod that has been running for three days starts its log half an hour ago."""
    logs, _ = a_source()
    lines = logs.lines(a_pod("auth", GOOD_TAG, running(3 * 86_400.0)), "auth", previous=False, start=1)
    assert lines[0].at >= START - KEPT
    assert len(lines) < 1000


def test_a_crashed_container_keeps_the_log_of_its_last_run() -> None:
    """While it waits for its restart, and with `previous`, the panic can be read, and it does not grow."""
    logs, clock = a_source("crash-loop")
    ended = {"terminated": {"startedAt": timestamp(START - timedelta(seconds=96)), "finishedAt": timestamp(START - timedelta(seconds=95))}}
    pod = a_pod("gateway", BAD_TAG, {"waiting": {"reason": "CrashLoopBackOff"}}, ended)
    lines = texts(logs, pod)
    assert "panic: assignment to entry in nil map" in lines
    assert texts(logs, pod, previous=True) == lines
    clock.moment += timedelta(seconds=60)
    assert texts(logs, pod) == lines


def test_a_container_that_never_started_wrote_nothing() -> None:
    """An image that cannot be pulled leaves an empty log, and so does a pod without a status."""
    logs, _ = a_source("image-pull")
    pod = a_pod("gateway", BAD_TAG, {"waiting": {"reason": "ImagePullBackOff"}})
    assert texts(logs, pod) == []
    assert texts(logs, {**pod, "status": {}}) == []
    assert texts(logs, a_pod("gateway", GOOD_TAG, running(60.0)), previous=True) == []


def test_service_and_tag_are_read_from_the_image() -> None:
    """The repository names the service, the tag the release."""
    assert service_and_tag(a_pod("ai", "v1.2.3", {})) == ("ai", "v1.2.3")
