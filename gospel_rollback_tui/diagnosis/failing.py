"""Which services fail, how that is seen, and since when users notice."""

from dataclasses import dataclass

from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.domain.counted import counted
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.snapshots import ServiceErrors
from gospel_rollback_tui.domain.workloads import Deployment

ERRORS_THAT_FAIL = 5
"""Error lines a minute from which a service counts as failing; below, it only makes noise."""
CRASHED = frozenset({"CrashLoopBackOff", "RunContainerError", "Error"})
PULLING = frozenset({"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"})
CONFIGURED = frozenset({"CreateContainerConfigError", "CreateContainerError"})


@dataclass(frozen=True, slots=True)
class ServiceTrouble:
    """How one service stands."""

    service: Service
    deployment: Deployment | None
    errors: int | None
    """Error lines a minute; None: not read."""
    sample: str
    """Its most frequent error line."""
    crashing: tuple[PodState, ...] = ()
    pulling: tuple[PodState, ...] = ()
    configured: tuple[PodState, ...] = ()
    """Pods whose configuration cannot be mounted or read."""
    unschedulable: tuple[PodState, ...] = ()
    unavailable: bool = False
    """Wants pods and has none available."""
    at_least: bool = False
    """Whether there may be more errors: lines came too fast to be read."""

    @property
    def fails(self) -> bool:
        """Whether the service fails by any sign."""
        return bool(self.crashing or self.pulling or self.configured or self.unschedulable or self.unavailable or (self.errors or 0) >= ERRORS_THAT_FAIL)

    @property
    def rate(self) -> str:
        """Its error lines a minute, as they are written."""
        return counted(self.errors or 0, at_least=self.at_least)

    @property
    def words(self) -> str:
        """How it fails, in a few words."""
        signs = [
            (self.crashing, "crashing"),
            (self.pulling, "without image"),
            (self.configured, "without configuration"),
            (self.unschedulable, "not schedulable"),
        ]
        parts = [f"{len(pods)} pod{'s' if len(pods) > 1 else ''} {words}" for pods, words in signs if pods]
        if self.unavailable and not parts:
            parts.append("no pod available")
        if (self.errors or 0) >= ERRORS_THAT_FAIL:
            parts.insert(0, f"{self.rate} errors/min")
        return ", ".join(parts)


def troubles(scene: Scene) -> tuple[ServiceTrouble, ...]:
    """Returns how every service stands, the worst first."""
    found = [_trouble(scene, service) for service in scene.environment.services]
    return tuple(sorted(found, key=lambda t: (not t.fails, -(t.errors or 0))))


def _trouble(scene: Scene, service: Service) -> ServiceTrouble:
    deployment = scene.deployment_of(service.name) if scene.deployments is not None else None
    heard = _errors(scene, service.name)
    asked = scene.asked.get(service.name)
    samples = [s for s in (scene.logs.signatures if scene.logs else ()) if s.service == service.name]
    sample = max(samples, key=lambda s: s.count).message if samples else ""
    pods = tuple(p for p in scene.pods_of(deployment) if not p.deleting) if deployment else ()
    return ServiceTrouble(
        service,
        deployment,
        max(heard.per_minute if heard else 0, asked.count if asked else 0) if heard or asked else None,
        sample or (asked.message if asked else ""),
        crashing=tuple(p for p in pods if _reasons(p) & CRASHED or _restarted_after_failing(p)),
        pulling=tuple(p for p in pods if _reasons(p) & PULLING),
        configured=tuple(p for p in pods if _reasons(p) & CONFIGURED),
        unschedulable=tuple(p for p in pods if _unschedulable(p)),
        unavailable=deployment is not None and deployment.replicas > 0 and deployment.available == 0,
        at_least=heard is not None and heard.at_least,
    )


def _errors(scene: Scene, service: str) -> ServiceErrors | None:
    heard = scene.logs.of(service) if scene.logs else None
    unheard = heard is None or not heard.known or (heard.at_least and heard.per_minute < ERRORS_THAT_FAIL)
    return None if unheard else heard


def _reasons(pod: PodState) -> frozenset[str]:
    return frozenset(c.waiting or c.ended for c in (*pod.init_containers, *pod.containers)) - {""}


def _restarted_after_failing(pod: PodState) -> bool:
    return any(c.restarts > 1 and c.last_exit_code != 0 and not c.ready for c in pod.containers)


def _unschedulable(pod: PodState) -> bool:
    scheduled = pod.condition("PodScheduled")
    return scheduled is not None and scheduled.status == "False" and scheduled.reason == "Unschedulable"


@dataclass(frozen=True, slots=True)
class Onset:
    """Since when users fail."""

    at: float
    """Wall time; 0: not known."""
    source: str = ""


def onset(scene: Scene, failing: tuple[ServiceTrouble, ...]) -> Onset:
    """Returns the earliest sign of the failure that goes on now; the onset is never guessed from a rollout alone."""
    signs: list[Onset] = []
    names = {trouble.service.name for trouble in failing}
    signs += [Onset(e.first_at, f"first such line in the log of {e.service}") for e in scene.early or () if e.service in names]
    for trouble in failing:
        available = trouble.deployment.condition("Available") if trouble.deployment else None
        if trouble.unavailable and available and available.status == "False" and available.changed:
            signs.append(Onset(available.changed, f"{trouble.service.name} has had no available pod since"))
        for pod in trouble.crashing:
            ready = pod.condition("Ready")
            if ready and ready.status == "False" and ready.changed and not trouble.unavailable:
                signs.append(Onset(ready.changed, f"{pod.name} has not been ready since"))
    return min(signs, key=lambda sign: sign.at) if signs else Onset(0.0)
