"""Facts from a scene, one reading each: true, false, or unknown where nobody could look."""

import re
from collections.abc import Callable

from gospel_rollback_tui.diagnosis.changes import LOOK_BACK, close_to, rolled_out_at
from gospel_rollback_tui.diagnosis.failing import Onset, ServiceTrouble
from gospel_rollback_tui.diagnosis.scene import Scene
from gospel_rollback_tui.diagnosis.schema_readings import migration_between, migration_dirty, migration_irreversible
from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge

RECENT = 30 * 60.0
"""Seconds before the onset within which a rollout is recent."""
SCHEMA = re.compile(r"SQLSTATE (?:42P01|42703|42883|23502|22P02)|(?:column|relation) .{0,80}does not exist", re.IGNORECASE)
ACCESS = re.compile(r"SQLSTATE 28P01|AccessDenied|access denied|password authentication failed|x509|certificate|no such host", re.IGNORECASE)
GRAPH = re.compile(r"falkordb|GRAPH\.|\bgraph\b", re.IGNORECASE)
QUOTA = re.compile(r"exceeded quota|toomanyrequests|LimitExceeded|quota has been exceeded", re.IGNORECASE)
GRAPH_STORE = "falkordb"


class ReadingTaker:
    """Takes every reading of one scene."""

    def __init__(self, scene: Scene, failing: tuple[ServiceTrouble, ...], onset: Onset) -> None:
        """Keeps the scene and what was already concluded from it."""
        self._scene = scene
        self._all = failing
        self._failing = tuple(t for t in failing if t.fails)
        self._onset = onset

    def take(self) -> dict[str, Reading]:
        """Returns every reading by its fact's name."""
        takers: dict[str, tuple[str, Callable[[], tuple[bool | None, str]]]] = {
            "symptom.failing": ("probe", self._symptom),
            "rollout.recent": ("Kubernetes", self._rollout_recent),
            "rollout.image_changed": ("Kubernetes", self._image_changed),
            "rollout.only_new_fail": ("Kubernetes", self._only_new_fail),
            "rollout.old_fail_too": ("Kubernetes", self._old_fail_too),
            "pods.crashing": ("Kubernetes", lambda: self._pods("crashing")),
            "pods.image_pull": ("Kubernetes", lambda: self._pods("pulling")),
            "pods.unschedulable": ("Kubernetes", lambda: self._pods("unschedulable")),
            "pods.config_error": ("Kubernetes", lambda: self._pods("configured")),
            "services.several_failing": ("Kubernetes", self._several),
            "config.changed_near_onset": ("Kubernetes", self._config_changed),
            "nodes.not_ready": ("Kubernetes", lambda: self._nodes(share=0.0)),
            "nodes.most_not_ready": ("Kubernetes", lambda: self._nodes(share=0.5)),
            "quota.exceeded": ("Kubernetes", self._quota),
            "logs.app_errors": ("logs", self._app_errors),
            "logs.schema_errors": ("logs", lambda: self._log_class(SCHEMA, "schema errors")),
            "logs.access_denied": ("logs", lambda: self._log_class(ACCESS, "refused access")),
            "logs.graph_errors": ("logs", lambda: self._log_class(GRAPH, "graph errors")),
            "graph.pod_failing": ("Kubernetes", self._graph_pod),
            "graph.image_changed": ("Kubernetes", lambda: (None, "the graph's image history is not read")),
            "graph.routes_only": ("Kubernetes", self._graph_routes),
            "api.down": ("API server", self._api_down),
            "elsewhere.reachable": ("probe", self._elsewhere),
            "elsewhere.good": ("probe", self._elsewhere_good),
            "migration.between": ("database", lambda: migration_between(self._scene)),
            "migration.irreversible": ("database", lambda: migration_irreversible(self._scene)),
            "migration.dirty": ("database", lambda: migration_dirty(self._scene)),
            "argocd.auto_sync": ("Argo CD", self._auto_sync),
        }
        readings = {}
        for fact, (source, taker) in takers.items():
            value, words = taker()
            readings[fact] = Reading(fact, Truth.of(value), words, source, self._scene.at)
        return readings

    def _why_not(self, probe: str) -> str:
        failure = self._scene.failures.get(probe)
        return failure.text if failure else f"{probe}: not read yet"

    def _symptom(self) -> tuple[bool | None, str]:
        check, answer = self._scene.symptom, self._scene.answer
        if check is None:
            return None, "no symptom is chosen"
        if answer is None:
            return None, self._why_not("answer")
        result = judge(check, answer, Moment(0.0, self._scene.at))
        value = {Verdict.BAD: True, Verdict.GOOD: False, Verdict.UNKNOWN: None}[result.verdict]
        return value, f"{check.label()}: {result.words}"

    def _recent(self, trouble: ServiceTrouble) -> float | None:
        """Returns when the failing service's present revision was rolled out, if that is recent."""
        if trouble.deployment is None:
            return None
        revisions = self._scene.revisions_of(trouble.deployment)
        if len(revisions) < 2:
            return None
        at = rolled_out_at(trouble.deployment, revisions[0])
        reference = self._onset.at or self._scene.at
        return at if at is not None and reference - RECENT <= at <= reference + 60.0 else None

    def _rollout_recent(self) -> tuple[bool | None, str]:
        if self._scene.deployments is None or self._scene.replica_sets is None:
            return None, self._why_not("deployments")
        if not self._failing:
            return None, "no service is seen to fail"
        recent = [(t, at) for t in self._failing if (at := self._recent(t)) is not None]
        if not recent:
            return False, f"no rollout of {', '.join(t.service.name for t in self._failing)} within 30 minutes before"
        trouble, at = max(recent, key=lambda pair: pair[1])
        ahead = f", {self._onset.at - at:.0f} s before users failed" if self._onset.at > at else ""
        return True, f"{trouble.service.name} was rolled out{ahead}"

    def _image_changed(self) -> tuple[bool | None, str]:
        if self._scene.replica_sets is None:
            return None, self._why_not("replica_sets")
        for trouble in self._failing:
            revisions = self._scene.revisions_of(trouble.deployment) if trouble.deployment else ()
            if len(revisions) > 1 and self._recent(trouble) is not None:
                changed = revisions[0].images != revisions[1].images
                return changed, f"{trouble.service.name}: the rollout {'changed' if changed else 'did not change'} the image"
        return (False, "no recent rollout changed an image") if self._failing else (None, "no service is seen to fail")

    def _only_new_fail(self) -> tuple[bool | None, str]:
        if self._scene.replica_sets is None or not self._failing:
            return None, "no service is seen to fail" if self._scene.replica_sets is not None else self._why_not("replica_sets")
        untouched = [t for t in self._failing if self._recent(t) is None]
        if untouched:
            return False, f"{', '.join(t.service.name for t in untouched)} fails without a rollout"
        return True, f"only {', '.join(t.service.name for t in self._failing)} fails, and only since its rollout"

    def _old_fail_too(self) -> tuple[bool | None, str]:
        value, words = self._only_new_fail()
        return (None if value is None else not value), words

    def _pods(self, sign: str) -> tuple[bool | None, str]:
        if self._scene.pods is None or self._scene.replica_sets is None or self._scene.deployments is None:
            return None, self._why_not("pods")
        found = [pod for trouble in self._all for pod in getattr(trouble, sign)]
        names = {"crashing": "crashing", "pulling": "without their image", "unschedulable": "not schedulable", "configured": "without configuration"}
        return bool(found), f"{len(found) or 'no'} pod{'' if len(found) == 1 else 's'} {names[sign]}"

    def _several(self) -> tuple[bool | None, str]:
        if self._scene.pods is None and self._scene.logs is None:
            return None, self._why_not("pods")
        names = [t.service.name for t in self._failing]
        return len(names) > 1, f"{', '.join(names) or 'no service'} fail{'s' if len(names) < 2 else ''}"

    def _config_changed(self) -> tuple[bool | None, str]:
        if self._scene.config_edits is None:
            return None, self._why_not("config_edits")
        reference = self._onset.at or self._scene.at
        near = [e for e in self._scene.config_edits if close_to(e.at, reference) and self._scene.at - e.at < LOOK_BACK]
        if not near:
            return False, "no ConfigMap or Secret was edited shortly before"
        return True, f"{near[0].kind} {near[0].name} was edited {max(reference - near[0].at, 0) / 60:.0f} min before"

    def _nodes(self, share: float) -> tuple[bool | None, str]:
        nodes = self._scene.nodes
        if not nodes:
            return None, self._why_not("nodes")
        out = [node for node in nodes if not node.ready]
        return len(out) > share * len(nodes), f"{len(nodes) - len(out)} of {len(nodes)} nodes ready"

    def _quota(self) -> tuple[bool | None, str]:
        if self._scene.events is None:
            return None, self._why_not("events")
        told = [e for e in self._scene.events if QUOTA.search(e.message)]
        return bool(told), told[0].message if told else "no quota is exceeded"

    def _app_errors(self) -> tuple[bool | None, str]:
        if all(t.errors is None for t in self._all):
            return None, self._why_not("logs")
        noisy = [t for t in self._failing if t.errors]
        return bool(noisy), "; ".join(f"{t.service.name} {t.rate}/min" for t in noisy) or "logs are quiet"

    def _log_class(self, pattern: re.Pattern[str], what: str) -> tuple[bool | None, str]:
        if self._scene.logs is None or all(t.errors is None for t in self._all):
            return None, self._why_not("logs")
        for signature in self._scene.logs.signatures:
            if pattern.search(signature.signature) or pattern.search(signature.sample):
                return True, f"{signature.service}: {signature.sample}"
        return False, f"no {what} in the logs"

    def _graph_pod(self) -> tuple[bool | None, str]:
        if self._scene.pods is None:
            return None, self._why_not("pods")
        pods = [p for p in self._scene.pods if GRAPH_STORE in p.name]
        if not pods:
            return None, "no FalkorDB pod is in this namespace"
        sick = [p for p in pods if not (ready := p.condition("Ready")) or ready.status != "True"]
        return bool(sick), f"{len(pods) - len(sick)} of {len(pods)} FalkorDB pods ready"

    def _graph_routes(self) -> tuple[bool | None, str]:
        if not self._failing:
            return None, "no service is seen to fail"
        only = {t.service.name for t in self._failing} == {"content"}
        recent = any(self._recent(t) is not None for t in self._failing)
        alone = only and not recent
        return alone, "only what the graph serves fails" if alone else "more than the graph's routes fails, or content was rolled out"

    def _api_down(self) -> tuple[bool | None, str]:
        if self._scene.alive is True:
            return False, "the API server serves"
        failure = self._scene.failures.get("alive")
        if failure is None:
            return None, "API server: not asked yet"
        return (True if type(failure).__name__ == "ServerDown" else None), failure.text

    def _elsewhere_good(self) -> tuple[bool | None, str]:
        if self._scene.elsewhere is None or not self._scene.environment.endpoints:
            return None, self._why_not("elsewhere")
        check = self._scene.environment.endpoints[0]
        result = judge(check, self._scene.elsewhere, Moment(0.0, self._scene.at))
        return {Verdict.GOOD: True, Verdict.BAD: False, Verdict.UNKNOWN: None}[result.verdict], f"{check.label()}: {result.words}"

    def _elsewhere(self) -> tuple[bool | None, str]:
        answer = self._scene.elsewhere
        if answer is None:
            return None, self._why_not("elsewhere")
        return (True, f"the public edge answers {answer.status}") if answer.status else (False, f"the public edge: {answer.detail or 'no answer'}")

    def _auto_sync(self) -> tuple[bool | None, str]:
        if not self._scene.application_read:
            return None, self._why_not("application")
        application = self._scene.application
        return (False, "no Application owns it") if application is None else (application.auto_sync, f"{application.name}: {application.policy_words}")
