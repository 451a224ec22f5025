"""Questions to logs that are asked once a symptom: since when the errors, and who writes them when no feed has heard."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from gospel_rollback_tui.diagnosis.failing import troubles
from gospel_rollback_tui.diagnosis.ports import EstateReads
from gospel_rollback_tui.diagnosis.scene import AskedErrors, EarlyErrors, Scene
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.domain.log_lines import LogLine, message_of, read_line

LOOK_BACK_SECONDS = 3600
"""How far back the first error line is looked for."""
ASKED_SECONDS = 60
"""How far back logs are read when no feed has heard of errors."""
PODS_READ = 4
"""Pods of one service whose logs are read."""
AT_ONCE = 12
"""Logs read at the same time: one after another, a dozen pods cost a dozen round trips before anything is suggested."""


class LogQuestions:
    """Asks logs for one symptom, and remembers the answers; used by the thread of the rounds."""

    def __init__(self, environment: Environment, reads: EstateReads) -> None:
        """Asks nothing yet."""
        self._environment = environment
        self._reads = reads
        self.early: tuple[EarlyErrors, ...] | None = None
        self.asked: dict[str, AskedErrors] = {}

    def asked_of(self, scene: Scene) -> Scene:
        """Returns the scene with what its services' logs say: who writes errors, and since when."""
        if not self.asked and _users_fail(scene) and not any(trouble.fails for trouble in troubles(scene)):
            self.asked = self._who(scene)
        scene = replace(scene, asked=self.asked)
        if not self.early:
            self.early = self._since_when(scene)
        return replace(scene, early=self.early)

    def _who(self, scene: Scene) -> dict[str, AskedErrors]:
        found = {}
        for service, logs in self._read(scene, self._environment.services, ASKED_SECONDS):
            errors = [line for lines in logs for line in lines]
            if errors:
                found[service.name] = AskedErrors(len(errors), message_of(errors[-1].text))
        return found

    def _since_when(self, scene: Scene) -> tuple[EarlyErrors, ...]:
        """Returns the first line of the kind that goes on now, of each service that fails with errors."""
        guilty = [trouble.service for trouble in troubles(scene) if trouble.fails and trouble.errors]
        found = (_earliest(scene, service, logs) for service, logs in self._read(scene, guilty, LOOK_BACK_SECONDS))
        return tuple(early for early in found if early is not None)

    def _read(self, scene: Scene, services: Iterable[Service], seconds: int) -> list[tuple[Service, list[list[LogLine]]]]:
        """Returns the error lines that the services' pods wrote within the last `seconds`: each service with one list a pod."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="log-question") as pool:
            asked = [(service, [pool.submit(self._error_lines, service, pod, seconds) for pod in self._pods(scene, service)]) for service in services]
        return [(service, [lines.result() for lines in logs]) for service, logs in asked]

    def _pods(self, scene: Scene, service: Service) -> list[str]:
        deployment = scene.deployment_of(service.name) if scene.deployments is not None else None
        return [pod.name for pod in scene.pods_of(deployment)][:PODS_READ] if deployment else []

    def _error_lines(self, service: Service, pod: str, seconds: int) -> list[LogLine]:
        try:
            lines = self._reads.early_log(service, pod, seconds)
        except RollbackError:
            return []
        return [line for line in (read_line(raw, service.name, pod) for raw in lines) if line.error]


def _users_fail(scene: Scene) -> bool:
    if scene.symptom is None or scene.answer is None:
        return False
    return judge(scene.symptom, scene.answer, Moment(0.0, scene.at)).verdict is Verdict.BAD


def _earliest(scene: Scene, service: Service, logs: Iterable[Iterable[LogLine]]) -> EarlyErrors | None:
    """Returns the first line of a kind that the log feed still hears; of any kind, while it has heard none."""
    going_on = {s.signature for s in (scene.logs.signatures if scene.logs else ()) if s.service == service.name}
    firsts: list[EarlyErrors] = []
    for lines in logs:
        first = next((line for line in lines if line.at is not None and (not going_on or line.signature in going_on)), None)
        if first is not None and first.at is not None:
            firsts.append(EarlyErrors(service.name, first.at, first.signature, first.text))
    return min(firsts, key=lambda early: early.first_at, default=None)
