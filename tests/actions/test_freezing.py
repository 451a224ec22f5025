"""Which way and in which order what reverts a rollback is stopped."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.argocd_freeze import SwitchAutoSyncOff
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.ports import Operations
from gospel_rollback_tui.actions.resuming import CAPTURED, CAPTURED_OWNER, ResumeAutoSync
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.errors import NotFound, Refused
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.cluster import MemoryCluster, bad_release, request
from tests.diagnosis import scenes

NAME = "gospelib-production"
POLICY = {"selfHeal": True, "prune": True}


class OlderCluster(MemoryCluster):
    """A cluster whose Application schema does not know `enabled`, as before Argo CD 3.1: the server drops it."""

    def _patch(self, objects: dict[str, dict[str, Any]], name: str, operations: Operations, *, dry_run: bool, kind: str) -> JsonObject:
        known = [operation for operation in operations if not operation["path"].endswith("/automated/enabled")]
        return super()._patch(objects, name, known, dry_run=dry_run, kind=kind)


def older(**owner: Any) -> OlderCluster:  # noqa: ANN401  (JSON)
    """Returns such a cluster, the Application deployed by another one of that specification."""
    cluster = OlderCluster(**{name: getattr(bad_release(), name) for name in ("deployments", "sets", "all_pods", "apps")})
    if owner:
        cluster.apps[NAME]["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": f"root:argoproj.io/Application:argocd/{NAME}"}
        cluster.apps["root"] = {"metadata": {"name": "root", "namespace": "argocd", "uid": "root-uid", **owner.pop("metadata", {})}, "spec": owner}
    return cluster


def freezing(cluster: MemoryCluster) -> Freezing:
    """Returns the freezing over the in-memory cluster."""
    return Freezing(Applications(cluster, cluster, cluster))


def planned(cluster: MemoryCluster) -> list[tuple[str, str]]:
    """Returns (call, Application) of the freeze."""
    plan = freezing(cluster).plan(scenes.ENVIRONMENT.cluster, application_from(cluster.apps[NAME]))
    assert plan.refused == ""
    return [(call.id, call.body["name"]) for call in plan.calls]


def test_where_enabled_is_not_known_the_whole_policy_is_taken_out() -> None:
    """The server's dry run tells: it drops the field, and auto-sync would stay on."""
    cluster = older()
    plan = freezing(cluster).plan(scenes.ENVIRONMENT.cluster, application_from(cluster.apps[NAME]))
    freezing(cluster).send(plan.calls[0])
    assert cluster.apps[NAME]["spec"]["syncPolicy"] == {}
    assert freezing(cluster).happened(plan.calls[0])
    back = freezing(cluster).plan_thaw(scenes.ENVIRONMENT.cluster, "argocd", NAME, POLICY)
    freezing(cluster).send(back)
    assert cluster.apps[NAME]["spec"]["syncPolicy"] == {"automated": POLICY}


def test_then_an_owner_that_heals_is_frozen_before_what_it_owns() -> None:
    """It would put the policy back within a second; both come back exactly, its own behind the owned one's."""
    cluster = older(syncPolicy={"automated": {"selfHeal": True}})
    before = copy.deepcopy(cluster.apps)
    assert planned(cluster) == [("freeze:owner", "root"), ("freeze", NAME)]
    step = SwitchAutoSyncOff(cluster, cluster, cluster)
    preview = step.plan(request())
    for call in preview.calls:
        step.send(request(), call)
    assert all("automated" not in app["spec"]["syncPolicy"] for app in cluster.apps.values())
    cluster.apps[NAME]["status"]["sync"]["status"] = "Synced"
    told = captured_of(preview)
    resume = ResumeAutoSync(cluster, cluster, cluster)
    back = resume.plan(told)
    assert [(call.id, call.body["pays"]) for call in back.calls] == [("thaw", ["auto-sync"]), ("thaw:owner", ["owner"])]
    for call in back.calls:
        resume.send(told, call)
    assert cluster.apps == before


def captured_of(preview: Preview) -> StepRequest:
    """Returns the step with what the freeze captured, as the engine hands it on."""
    captured = {call.debt.id: json.dumps(call.undo["captured"]) for call in preview.calls if call.debt}
    return replace(request(), inputs={CAPTURED: captured["auto-sync"], CAPTURED_OWNER: captured["owner"]})


def test_an_owner_that_does_not_heal_need_not_be_frozen() -> None:
    """It puts nothing back by itself."""
    assert planned(older(syncPolicy={})) == [("freeze", NAME)]


def test_an_owner_that_has_an_owner_is_left_alone() -> None:
    """Nobody knows how far that goes: git is the way then."""
    tracked = {"annotations": {"argocd.argoproj.io/tracking-id": "top:argoproj.io/Application:argocd/root"}}
    cluster = older(syncPolicy={"automated": {"selfHeal": True}}, metadata=tracked)
    plan = freezing(cluster).plan(scenes.ENVIRONMENT.cluster, application_from(cluster.apps[NAME]))
    assert plan.calls == ()
    assert "go by git" in plan.refused


def test_where_enabled_is_known_an_owner_is_not_touched() -> None:
    """An Application that deploys this one does not declare that field, and heals only what it declares."""
    cluster = bad_release()
    cluster.apps[NAME]["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": f"root:argoproj.io/Application:argocd/{NAME}"}
    assert planned(cluster) == [("freeze", NAME)]


def test_what_came_back_is_seen_before_anything_else_is_sent() -> None:
    """Whoever put it back is named."""
    cluster = bad_release()
    frozen = {"kind": "Application", "namespace": "argocd", "name": NAME, "through": "object"}
    with pytest.raises(Refused, match="is on again"):
        freezing(cluster).hold(frozen)
    cluster.apps[NAME]["spec"]["syncPolicy"]["automated"]["enabled"] = False
    freezing(cluster).hold(frozen)


def test_an_application_that_is_nowhere_is_not_there() -> None:
    """Without Argo CD's API the object alone tells."""
    cluster = bad_release()
    cluster.apps.clear()
    with pytest.raises(NotFound):
        Applications(cluster, cluster, cluster).read("argocd", NAME)
