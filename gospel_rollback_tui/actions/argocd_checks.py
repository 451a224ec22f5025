"""What must become true after Argo CD was asked for an operation: this operation succeeded, nothing put auto-sync back, the workloads run its images."""

from collections.abc import Callable
from dataclasses import dataclass

from gospel_rollback_tui.actions.ports import ArgoCdApi, Workloads
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.errors import NotFound, RollbackError
from gospel_rollback_tui.domain.manifests import ObjectKey, workload_images
from gospel_rollback_tui.domain.preview import CheckState, Json
from gospel_rollback_tui.domain.raw import JsonObject, child, moment
from gospel_rollback_tui.domain.release_diff import managed_from
from gospel_rollback_tui.domain.sync_operations import Ending, OperationVerdict, Wanted, judge_operation
from gospel_rollback_tui.domain.template import image_tag

OPERATION = "Argo CD carried this operation out"
IMAGES = "every workload runs the images of the chosen release"
STAYS_OFF = "auto-sync stays off"


def wanted_to_json(wanted: Wanted) -> Json:
    """Returns what to look for, as it is kept in a call's body."""
    return {"revisions": list(wanted.revisions), "before": wanted.before, "last_entry": wanted.last_entry, "marker": wanted.marker}


def wanted_from_json(kept: Json) -> Wanted:
    """Returns what `wanted_to_json` kept."""
    return Wanted(tuple(kept["revisions"]), kept["before"], kept["last_entry"], kept["marker"])


def workloads_to_json(workloads: dict[ObjectKey, dict[str, str]]) -> Json:
    """Returns workloads with their images, as they are kept in a call's body."""
    return [{"kind": key.kind, "name": key.name, "namespace": key.namespace, "group": key.group, "images": images} for key, images in sorted(workloads.items())]


@dataclass(frozen=True, slots=True)
class OperationChecks:
    """Looks at the world once a call."""

    api: ArgoCdApi
    workloads: Workloads
    skew: Callable[[], float]
    """Seconds by which the cluster's clock is ahead of this machine's."""

    def look(self, name: str, wanted: Wanted, since: float) -> tuple[JsonObject, CheckState]:
        """Returns the Application and whether the wanted operation was carried out; the Application is then as compared after its end."""
        raw = self.api.application(name)
        verdict = judge_operation(raw, wanted, since + self.skew())
        if verdict.ending is Ending.SUCCEEDED and _stale(raw, verdict):
            # At the instant of `Succeeded` sync and health are still the old ones.
            raw = self.api.application(name, refresh=True)
        return raw, _state(verdict)

    def stays_off(self, raw: JsonObject) -> CheckState:
        """Returns whether auto-sync is still off; an owner may put it back minutes later."""
        now = application_from(raw)
        if not now.auto_sync:
            return CheckState(STAYS_OFF, passed=True, words=now.policy_words)
        who = now.parent or "somebody"
        return CheckState(STAYS_OFF, passed=False, words=f"{who} switched it on again: git's release comes back", final=True)

    def images(self, name: str, namespace: str, workloads: Json, *, done: bool) -> CheckState:
        """Returns whether every workload has the images; `done`: the operation is over, so that another image is one that came back."""
        live, unread = self._live(name, namespace, workloads)
        wrong = [_difference(one, live[one["kind"], one["name"]]) for one in workloads if (one["kind"], one["name"]) in live]
        differing = [words for words in wrong if words]
        if differing:
            words = "; ".join(differing[:3]) + (": something changed it back" if done else "")
            return CheckState(IMAGES, passed=False if done else None, words=words, final=done)
        if unread:
            return CheckState(IMAGES, passed=None, words=f"not read: {', '.join(unread[:3])}")
        return CheckState(IMAGES, passed=True, words=f"{len(workloads)} workload{'' if len(workloads) == 1 else 's'}")

    def _live(self, name: str, namespace: str, workloads: Json) -> tuple[dict[tuple[str, str], dict[str, str]], list[str]]:
        """Returns the images that run, by kind and name, and what could not be read: Deployments from the cluster, others from Argo CD."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        unread: list[str] = []
        others = [one for one in workloads if one["kind"] != "Deployment" or one["namespace"] not in ("", namespace)]
        for one in (one for one in workloads if one not in others):
            try:
                found[one["kind"], one["name"]] = _images(self.workloads.deployment(one["name"]))
            except NotFound:
                found[one["kind"], one["name"]] = {}
        if others:
            try:
                managed = {(m.key.kind, m.key.name): m.live for m in managed_from(self.api.managed_resources(name))}
            except RollbackError:
                return found, [f"{one['kind']} {one['name']}" for one in others]
            for one in others:
                found[one["kind"], one["name"]] = _images(managed.get((one["kind"], one["name"]), {}))
        return found, unread


def _images(live: JsonObject) -> dict[str, str]:
    return next(iter(workload_images((live,)).values()), {})


def _difference(wanted: Json, live: dict[str, str]) -> str:
    """Returns the first image that is another one, in words; a container that somebody injected is not asked about."""
    for container, image in wanted["images"].items():
        if live.get(container) != image:
            running = image_tag(live[container]) if container in live else "nothing"
            return f"{wanted['kind']} {wanted['name']} runs {running}, not {image_tag(image)}"
    return ""


def _stale(raw: JsonObject, verdict: OperationVerdict) -> bool:
    compared = moment(child(raw, "status").get("reconciledAt"))
    return verdict.finished is not None and (compared is None or compared <= verdict.finished)


def _state(verdict: OperationVerdict) -> CheckState:
    if verdict.ending is Ending.SUCCEEDED:
        return CheckState(OPERATION, passed=True, words=verdict.words)
    final = verdict.ending is not Ending.WAITED
    return CheckState(OPERATION, passed=False if final else None, words=verdict.words, final=final)
