"""Logs are asked all at once: who writes errors, and since when."""

from threading import Barrier, BrokenBarrierError

from gospel_rollback_tui.diagnosis.failing import ERRORS_THAT_FAIL
from gospel_rollback_tui.diagnosis.log_questions import LogQuestions
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.estate import Service
from tests.diagnosis.scenes import ENVIRONMENT, ONSET, bad_release, logs, stamp
from tests.diagnosis.test_triage import PATIENCE, Night


class Logs(Night):
    """A night whose logs answer only once as many of them are asked at the same time as there are pods to ask."""

    def __init__(self, together: int, *, unread: str = "") -> None:
        """Takes the pods of the night of a bad release; the log of pod `unread` cannot be read."""
        super().__init__(bad_release(logs=logs(), early=None))
        self._met = Barrier(together)
        self._unread = unread
        self.alone = False

    def early_log(self, service: Service, pod: str, since_seconds: int) -> tuple[str, ...]:
        """The gateway's pods write errors, the second one a minute later than the first."""
        if since_seconds == 60:
            try:
                self._met.wait(PATIENCE)
            except BrokenBarrierError:
                self.alone = True
        if pod == self._unread:
            raise NoRoute("the node does not answer")
        if service.name != "gateway":
            return (f"{stamp(ONSET)} INFO served status=200",)
        return (f"{stamp(ONSET + 60 * int(pod[-1]))} ERROR panic: nil map in route table status=500",) * ERRORS_THAT_FAIL


def test_the_logs_of_every_pod_are_asked_at_the_same_time() -> None:
    """A round trip for all of them, not one for each; the answers are those of the services they belong to."""
    night = Logs(len(bad_release().pods or ()))
    scene = LogQuestions(ENVIRONMENT, night).asked_of(night.scene)
    assert not night.alone
    assert {name: asked.count for name, asked in scene.asked.items()} == {"gateway": 2 * ERRORS_THAT_FAIL}
    assert [(early.service, early.first_at) for early in scene.early or ()] == [("gateway", ONSET + 60)]


def test_a_log_that_cannot_be_read_hides_no_other() -> None:
    """What the second pod wrote is taken."""
    pods = [pod.name for pod in bad_release().pods or ()]
    night = Logs(len(pods), unread=pods[0])
    scene = LogQuestions(ENVIRONMENT, night).asked_of(night.scene)
    assert scene.asked["gateway"].count == ERRORS_THAT_FAIL
    assert [(early.service, early.first_at) for early in scene.early or ()] == [("gateway", ONSET + 120)]
