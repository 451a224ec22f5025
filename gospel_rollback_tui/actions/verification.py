"""Looks at the world after a change: pods, health, symptom, logs. Never at an exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.ports import ErrorLines, WebProbe, Workloads
from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.preview import CheckState
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.rollout import RolloutState, judge_rollout
from gospel_rollback_tui.domain.template import same_template
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState, deployment_from, replica_set_from

HOPELESS = frozenset({"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError", "InvalidImageName", "FailedCreate"})
"""Reasons after which waiting is no plan: the step fails at once and offers undo."""
ALLOWED_ERRORS = 2
"""Error lines that a start may write."""


def no_skew() -> float:
    """Returns no difference: for clusters whose clock is this machine's."""
    return 0.0


@dataclass(frozen=True, slots=True)
class ServiceVerification:
    """Verifies one service at a time against the template it should run."""

    workloads: Workloads
    probe: WebProbe
    errors: ErrorLines
    skew: Callable[[], float] = no_skew
    """Seconds by which the cluster's clock is ahead of this machine's; everything in objects is by the cluster's."""

    def unreverted(self, service: Service, target: JsonObject) -> CheckState:
        """Returns whether the service's Deployment has that template."""
        return _unreverted(service, deployment_from(self.workloads.deployment(service.deployment)), target)

    def of(self, service: Service, target: JsonObject | None, since: float) -> tuple[CheckState, ...]:
        """Returns each condition of the service as it stands; `target` None: whatever template it has now."""
        raw = self.workloads.deployment(service.deployment)
        since += self.skew()
        deployment = deployment_from(raw)
        sets = tuple(replica_set_from(r) for r in self.workloads.replica_sets(raw))
        pods = tuple(pod_from(p) for p in self.workloads.pods(deployment.selector or service.selector))
        wanted = deployment.template if target is None else target
        newest = next((r for r in sets if same_template(r.template, wanted)), None)
        mine = tuple(p for p in pods if newest is not None and p.owner == newest.uid and not p.deleting)
        return (
            *(() if target is None else (_unreverted(service, deployment, target),)),
            self._rollout(service, deployment, newest, pods, since),
            _restarts(service, mine, since),
            *self._health(service),
            self._logs(service, mine, since),
        )

    def _rollout(self, service: Service, deployment: Deployment, newest: ReplicaSetState | None, pods: Sequence[PodState], since: float) -> CheckState:
        name = f"{service.name}: pods of the chosen release ready, none older"
        events = tuple(event_from(e) for e in self.workloads.events())
        verdict = judge_rollout(deployment, newest, tuple(pods), events, since)
        hopeless = next((f for f in verdict.failures if f.reason in HOPELESS), None)
        if hopeless:
            return CheckState(name, passed=False, words=f"{hopeless.subject}: {hopeless.reason} {hopeless.words}".strip(), final=True)
        if verdict.state is RolloutState.FAILED:
            return CheckState(name, passed=False, words=verdict.words, final=True)
        if verdict.state is RolloutState.WAITING or newest is None:
            return CheckState(name, passed=None, words=verdict.words)
        return CheckState(name, passed=True, words=verdict.flagged or verdict.words)

    def _health(self, service: Service) -> tuple[CheckState, ...]:
        asked = [(f"{service.name} /health answers", service.health_url), (f"{service.name} /ready answers", service.ready_url)]
        return tuple(self.answers(name, HttpCheck(name, url)) for name, url in asked if url)

    def answers(self, name: str, check: HttpCheck) -> CheckState:
        """Returns whether the request brings the expected answer now; a wrong one may still become right."""
        result = judge(check, self.probe.ask(check), Moment(0.0, 0.0))
        return CheckState(name, passed=True if result.verdict is Verdict.GOOD else None, words=result.words)

    def _logs(self, service: Service, pods: Sequence[PodState], since: float) -> CheckState:
        name = f"{service.name}: no burst of errors in the new pods' logs"
        if not pods:
            return CheckState(name, passed=None, words="no such pod yet")
        began = min((p.created for p in pods if p.created is not None), default=since)
        counted = self.errors.since(service, [p.name for p in pods], max(since, began))
        if counted is None:
            return CheckState(name, passed=None, words="logs cannot be read")
        quiet = counted <= ALLOWED_ERRORS
        return CheckState(name, passed=quiet or None, words=f"{counted} error lines since")


def _unreverted(service: Service, deployment: Deployment, target: JsonObject) -> CheckState:
    name = f"{service.name}: nothing reverted it"
    if same_template(deployment.template, target):
        return CheckState(name, passed=True, words="the template is the chosen one")
    return CheckState(name, passed=False, words="the template is another one again: somebody or something changed it back", final=True)


def _restarts(service: Service, pods: Sequence[PodState], since: float) -> CheckState:
    name = f"{service.name}: no restart since {time_of_day(since)}"
    restarted = [p.name for p in pods if any(c.last_ended is not None and c.last_ended >= since for c in p.containers)]
    if restarted:
        return CheckState(name, passed=None, words=f"restarted: {', '.join(restarted)}")
    return CheckState(name, passed=True if pods else None, words="none" if pods else "no such pod yet")
