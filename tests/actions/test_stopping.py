"""Stopping services before their schema moves, and starting them again with the code that knows it."""

import json

from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.started import CAPTURED_REPLICAS
from gospel_rollback_tui.actions.stopping import StopServices
from gospel_rollback_tui.actions.targets import RevisionTargets
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.cluster import Answers, MemoryCluster, bad_release, request, verification
from tests.diagnosis import scenes

CHOSEN = request(services="gateway")
AUTOMATED = {"selfHeal": True, "prune": True}


def stopping(cluster: MemoryCluster) -> StopServices:
    """Returns the action over the in-memory cluster."""
    return StopServices(cluster, cluster, cluster, cluster)


def rolling_back(cluster: MemoryCluster) -> RollBackDeployments:
    """Returns the rollback that comes afterwards."""
    seen = Answers()
    return RollBackDeployments(cluster, cluster, cluster, seen, verification(cluster, seen), cluster, RevisionTargets())


def stop(cluster: MemoryCluster) -> tuple[Preview, tuple[CallRun, ...]]:
    """Stops the gateway; its pods end."""
    doing = stopping(cluster)
    preview = doing.plan(CHOSEN)
    for call in preview.calls:
        doing.send(CHOSEN, call)
    cluster.all_pods = []
    return preview, tuple(CallRun(c.id, c.where, c.body, c.undo, scenes.NOW) for c in preview.calls)


def after_stop(preview: Preview) -> StepRequest:
    """Returns the request of the rollback, with what the engine hands on of the stop's debt."""
    captured = json.dumps(preview.calls[-1].undo["captured"])
    chosen = request(services="gateway", revision_gateway="2")
    return StepRequest(chosen.run, chosen.environment, chosen.step, {**chosen.inputs, CAPTURED_REPLICAS: captured}, chosen.operator, chosen.symptom)


def test_auto_sync_goes_off_before_the_replicas_do() -> None:
    """Self-heal would start the pods again at once; users notice, so `y` alone does not do."""
    cluster = bad_release()
    preview, _ = stop(cluster)
    assert [call.where for call in preview.calls] == ["PATCH Application gospelib-production", "PATCH Deployment gospelib-gateway"]
    assert preview.danger is Danger.DISRUPTIVE
    assert [call.debt.id for call in preview.calls if call.debt] == ["auto-sync", "stopped"]
    assert cluster.deployments["gospelib-gateway"]["spec"]["replicas"] == 0
    assert any(notice.warning and "every request to gateway fails" in notice.text for notice in preview.notices)


def test_it_is_stopped_once_no_pod_is_left_and_not_when_somebody_starts_it() -> None:
    """Pods on their way out may still write; replicas that came back are said at once."""
    cluster = bad_release()
    doing = stopping(cluster)
    preview = doing.plan(CHOSEN)
    for call in preview.calls:
        doing.send(CHOSEN, call)
    assert [check.passed for check in doing.checks(CHOSEN, preview, scenes.NOW)] == [None]
    cluster.all_pods = []
    assert [check.passed for check in doing.checks(CHOSEN, preview, scenes.NOW)] == [True]
    cluster.deployments["gospelib-gateway"]["spec"]["replicas"] = 2
    (check,) = doing.checks(CHOSEN, preview, scenes.NOW)
    assert (check.passed, check.final) == (False, True)


def test_what_is_stopped_already_is_not_stopped_twice() -> None:
    """There is nothing to do, and it says so."""
    cluster = bad_release()
    stop(cluster)
    assert "Nothing is left to stop" in stopping(cluster).plan(CHOSEN).refused


def test_the_service_whose_schema_the_run_is_about_is_stopped_without_being_asked_for_again() -> None:
    """One question fewer while users fail; and what was stopped is what goes back."""
    cluster = bad_release()
    preview = stopping(cluster).plan(request(service="gateway"))
    assert [call.id for call in preview.calls] == ["freeze", "scale:gateway"]
    stopped, _ = stop(cluster)
    chosen = after_stop(stopped)
    asked = StepRequest(chosen.run, chosen.environment, chosen.step, {n: v for n, v in chosen.inputs.items() if n != "services"}, "ann", chosen.symptom)
    assert [call.id for call in rolling_back(cluster).plan(asked).calls] == ["patch:gateway"]


def test_replicas_that_move_under_the_prompt_arm_it_again() -> None:
    """An autoscaler or a colleague may have changed them meanwhile."""
    cluster = bad_release()
    doing = stopping(cluster)
    preview = doing.plan(CHOSEN)
    assert preview.fingerprint.moved(doing.facts(CHOSEN, preview)) == ()
    cluster.deployments["gospelib-gateway"]["spec"]["replicas"] = 5
    ((name, old, new),) = preview.fingerprint.moved(doing.facts(CHOSEN, preview))
    assert (name, old[:1], new[:1]) == ("Replicas of gospelib-gateway", "2", "5")


def test_undo_wants_as_many_pods_as_before_and_auto_sync_as_it_was() -> None:
    """Newest first."""
    cluster = bad_release()
    _, done = stop(cluster)
    doing = stopping(cluster)
    undo = doing.undo_plan(CHOSEN, done)
    assert [call.id for call in undo.calls] == ["scale:gateway", "thaw"]
    for call in undo.calls:
        doing.send(CHOSEN, call)
    assert cluster.deployments["gospelib-gateway"]["spec"]["replicas"] == 2
    assert cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"] == AUTOMATED


def test_the_rollback_behind_it_starts_the_old_code_in_the_same_patch() -> None:
    """The new code never gets a pod again; the debt of the stop is paid by what starts it."""
    cluster = bad_release()
    stopped, _ = stop(cluster)
    chosen = after_stop(stopped)
    doing = rolling_back(cluster)
    preview = doing.plan(chosen)
    (patch,) = preview.calls
    assert patch.body["pays"] == ["stopped"]
    doing.send(chosen, patch)
    spec = cluster.deployments["gospelib-gateway"]["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]) == (2, "v2.14.0")
    assert doing.happened(chosen, patch)


def test_an_autoscaler_that_wants_more_pods_than_before_does_not_make_a_start_undone() -> None:
    """It moves them within seconds; the call that started the service was made all the same, and is never said to be missing."""
    cluster = bad_release()
    stopped, done = stop(cluster)
    chosen = after_stop(stopped)
    (patch,) = rolling_back(cluster).plan(chosen).calls
    undo = stopping(cluster).undo_plan(CHOSEN, done)
    assert not rolling_back(cluster).happened(chosen, patch)
    assert not stopping(cluster).happened(CHOSEN, undo.calls[0])
    rolling_back(cluster).send(chosen, patch)
    cluster.deployments["gospelib-gateway"]["spec"]["replicas"] = 4
    assert rolling_back(cluster).happened(chosen, patch)
    assert stopping(cluster).happened(CHOSEN, undo.calls[0])
    assert [(check.passed, check.words) for check in stopping(cluster).checks(CHOSEN, undo, scenes.NOW)] == [(True, "4 replicas, 2 before")]


def test_the_debt_is_kept_until_the_last_stopped_service_is_wanted_again() -> None:
    """One of two that goes back alone leaves the other stopped: whatever the runbook says that the step pays, that is still owed."""
    cluster = bad_release()
    stopped, _ = stop(cluster)
    chosen = after_stop(stopped)
    two = StepRequest(chosen.run, chosen.environment, chosen.step, {**chosen.inputs, CAPTURED_REPLICAS: '{"gateway": 2, "auth": 3}'}, "ann", chosen.symptom)
    for replicas, becomes, other in ((0, "keeps", "pays"), (3, "pays", "keeps")):
        cluster.deployments["gospelib-auth"]["spec"]["replicas"] = replicas
        (patch,) = rolling_back(cluster).plan(two).calls
        assert patch.body[becomes] == ["stopped"]
        assert other not in patch.body


def test_undoing_that_rollback_stops_the_service_again() -> None:
    """Its new code must not meet the old schema just because a step is put back."""
    cluster = bad_release()
    stopped, _ = stop(cluster)
    chosen = after_stop(stopped)
    doing = rolling_back(cluster)
    preview = doing.plan(chosen)
    doing.send(chosen, preview.calls[0])
    done = tuple(CallRun(c.id, c.where, c.body, c.undo, scenes.NOW) for c in preview.calls)
    for call in doing.undo_plan(chosen, done).calls:
        assert call.body["owes"] == ["stopped"]
        doing.send(chosen, call)
    spec = cluster.deployments["gospelib-gateway"]["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]) == (0, "v2.15.0")
