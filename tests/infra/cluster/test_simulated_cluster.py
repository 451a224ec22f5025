"""The adapter and the rules together against the simulated API server, over TLS."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.application import application_from, restore_auto_sync, suspend_auto_sync
from gospel_rollback_tui.domain.change import change_cause, pin_image, replace_template
from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, Forbidden, NotFound, OutcomeUnknown, Refused, ServerDown
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.pods import Vintage, judge_pod, vintage
from gospel_rollback_tui.domain.revisions import Revision, choose_target, history, newest_replica_set
from gospel_rollback_tui.domain.rollout import RolloutState, RolloutVerdict, judge_rollout, rollout_status
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from, replica_set_from
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine, WrittenLogs
from gospel_rollback_tui.drill.kubernetes.registry import WriteOptions
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.identity import ClusterIdentity
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.streams import ClusterStreams
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from tests.infra.cluster.simulated import IMAGE, NAMESPACE, a_cluster, a_deployment, an_application, connected, drop, until

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubernetesApi]:
    """A simulated API server that ends with the test."""
    with a_cluster(tmp_path / "api") as served:
        yield served


@pytest.fixture
def ana(api: KubernetesApi, tmp_path: Path) -> Iterator[ClusterConnection]:
    """An operator's connection."""
    connection = connected(api, tmp_path)
    yield connection
    connection.close()


def _deployment(connection: ClusterConnection) -> Deployment:
    return deployment_from(ClusterWorkloads(connection).deployment("web"))


def _verdict(connection: ClusterConnection) -> RolloutVerdict:
    workloads = ClusterWorkloads(connection)
    raw = workloads.deployment("web")
    deployment, sets = deployment_from(raw), tuple(map(replica_set_from, workloads.replica_sets(raw)))
    pods = tuple(map(pod_from, workloads.pods(deployment.selector)))
    return judge_rollout(deployment, newest_replica_set(deployment, sets), pods, tuple(map(event_from, workloads.events())))


def _history(connection: ClusterConnection, onset: float | None = None) -> tuple[Revision, ...]:
    workloads = ClusterWorkloads(connection)
    raw = workloads.deployment("web")
    deployment = deployment_from(raw)
    pods = tuple(map(pod_from, workloads.pods(deployment.selector)))
    events = tuple(map(event_from, workloads.events()))
    return history(deployment, tuple(map(replica_set_from, workloads.replica_sets(raw))), pods, events, onset)


def _released(api: KubernetesApi, connection: ClusterConnection, *tags: str) -> None:
    """Rolls the Deployment `web` out at each tag in turn."""
    for number, tag in enumerate(tags):
        if number == 0:
            api.registry.create(a_deployment(tag=tag))
        else:
            api.registry.patch("deployments", NAMESPACE, "web", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"{IMAGE}:{tag}"}]}}}})
        if tag != "broken":
            until(lambda: rollout_status(_deployment(connection)).state is RolloutState.DONE)


def test_who_we_are_and_what_we_may(api: KubernetesApi, ana: ClusterConnection, tmp_path: Path) -> None:
    """The live identity with its groups, and rights asked one by one."""
    identity = ClusterIdentity(ana)
    assert identity.who_am_i().user == "ana"
    assert "operators" in identity.who_am_i().groups
    assert identity.current() == (api.url, "ana")
    assert identity.may("patch", "apps", "deployments", "web").allowed
    assert identity.may("get", "", "pods", subresource="log").allowed
    eve = ClusterIdentity(connected(api, tmp_path, "eve"))
    assert not eve.may("patch", "apps", "deployments", "web").allowed


def test_an_expired_token_and_a_missing_right_are_two_things(api: KubernetesApi, ana: ClusterConnection, tmp_path: Path) -> None:
    """One needs a login, the other a right; and after a login everything goes on."""
    api.registry.create(a_deployment())
    eve = connected(api, tmp_path, "eve")
    with pytest.raises(Forbidden, match="cannot patch"):
        ClusterChanges(eve).patch_deployment("web", pin_image(_deployment(eve), "web", "x", "why"))
    api.tokens.expire("ana")
    with pytest.raises(CredentialsExpired):
        ClusterIdentity(ana).who_am_i()
    assert ClusterIdentity(ana).ready().truth is Truth.TRUE
    api.tokens.renew("ana")
    ana.renew()
    assert ClusterIdentity(ana).who_am_i().user == "ana"


@pytest.mark.usefixtures("retries_without_waits")
def test_a_dead_server_is_seen_without_credentials(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The connection is refused, which is neither expired credentials nor a dead route; and it comes back."""
    assert ClusterIdentity(ana).live().truth is Truth.TRUE
    api.faults.api_down()
    assert ClusterIdentity(ana).ready().truth is Truth.FALSE
    with pytest.raises(ServerDown):
        ClusterWorkloads(ana).pods()
    api.faults.api_up()
    assert ClusterIdentity(ana).ready().truth is Truth.TRUE
    assert ClusterWorkloads(ana).pods() == ()


@pytest.mark.usefixtures("retries_without_waits")
def test_throttling_is_waited_out_for_a_read(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Two answers of 429 do not reach the caller."""
    ClusterWorkloads(ana).pods()
    api.faults.throttle(retry_after=1, requests=2)
    assert ClusterWorkloads(ana).pods() == ()


def test_a_rollback_from_a_crash_loop(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The broken revision is seen early, the one before it is suggested, dry run first, then patched, and it heals."""
    _released(api, ana, "v1", "v2", "broken")
    until(lambda: any(failure.reason == "CrashLoopBackOff" for failure in _verdict(ana).failures))
    revisions = _history(ana)
    choice = choose_target(revisions)
    assert [(revision.number, revision.image("web")) for revision in revisions] == [(3, f"{IMAGE}:broken"), (2, f"{IMAGE}:v2"), (1, f"{IMAGE}:v1")]
    assert revisions[0].failing
    assert choice.target is not None
    assert (choice.target.number, choice.target.once_ready) == (2, Truth.TRUE)
    before = _deployment(ana)
    operations = replace_template(before, choice.target.template, change_cause("r1", "ana", "back to v2"))
    changes = ClusterChanges(ana)
    previewed = deployment_from(changes.patch_deployment("web", operations, dry_run=True))
    assert previewed.images == (("web", f"{IMAGE}:v2"),)
    assert _deployment(ana).images == before.images
    patched = deployment_from(changes.patch_deployment("web", operations))
    assert patched.change_cause == "gospel-rollback r1: back to v2, by ana"
    assert any(edit.manager == "gospel-rollback" for edit in patched.edits)
    until(lambda: _verdict(ana).state is RolloutState.DONE)
    _assert_all_new_and_serving(ana)
    assert _deployment(ana).revision == 4


_SIDECAR = {"name": "proxy", "image": f"{IMAGE}:proxy", "restartPolicy": "Always"}
_INIT = {"name": "migrate-check", "image": f"{IMAGE}:init"}
_SECOND = {"name": "metrics", "image": f"{IMAGE}:metrics"}


@pytest.mark.parametrize(
    ("spec", "pod"),
    [
        ({}, {"initContainers": [_INIT, _SIDECAR]}),
        ({}, {"containers": [_SECOND]}),
        ({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}, {}),
        ({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%", "maxUnavailable": "0%"}}}, {}),
        ({"strategy": {"type": "Recreate"}}, {"initContainers": [_SIDECAR], "containers": [_SECOND]}),
        ({"replicas": 0}, {}),
    ],
    ids=["init and sidecar", "two containers", "maxSurge 0", "percentages", "Recreate", "scaled to zero"],
)
def test_a_rollback_gets_done_whatever_shape_the_deployment_has(
    spec: dict[str, object], pod: dict[str, list[dict[str, object]]], api: KubernetesApi, ana: ClusterConnection
) -> None:
    """The captured template comes back whole, with every container of it, and the rollout is judged done by kubectl's rules."""
    deployment = a_deployment(tag="v1")
    deployment["spec"] |= spec
    for kind, containers in pod.items():
        deployment["spec"]["template"]["spec"].setdefault(kind, []).extend(containers)
    api.registry.create(deployment)
    until(lambda: _verdict(ana).state is RolloutState.DONE)
    good = _deployment(ana).template
    api.registry.patch("deployments", NAMESPACE, "web", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"{IMAGE}:v2"}]}}}})
    until(lambda: _deployment(ana).revision == 2 and _verdict(ana).state is RolloutState.DONE)
    target = next(revision for revision in _history(ana) if revision.number == 1)
    ClusterChanges(ana).patch_deployment("web", replace_template(_deployment(ana), target.template, change_cause("r1", "ana", "back to v1")))
    until(lambda: _deployment(ana).revision == 3 and _verdict(ana).state is RolloutState.DONE)
    assert _deployment(ana).template == good
    if spec.get("replicas") != 0:
        _assert_all_new_and_serving(ana)


def _assert_all_new_and_serving(connection: ClusterConnection) -> None:
    workloads = ClusterWorkloads(connection)
    raw = workloads.deployment("web")
    deployment, sets = deployment_from(raw), tuple(map(replica_set_from, workloads.replica_sets(raw)))
    newest = newest_replica_set(deployment, sets)
    assert newest is not None
    until(lambda: len(workloads.pods(deployment.selector)) == 2)
    for raw_pod in workloads.pods(deployment.selector):
        pod = pod_from(raw_pod)
        assert vintage(pod, newest.template_hash, sets) is Vintage.NEW
        assert judge_pod(pod).serving


def test_after_the_undo_the_bad_one_is_not_suggested(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The trap of `rollout undo` twice: the previous revision is the bad one again."""
    _released(api, ana, "v1", "v2", "v3")
    target = choose_target(_history(ana)).target
    assert target is not None
    ClusterChanges(ana).patch_deployment("web", replace_template(_deployment(ana), target.template, "back"))
    until(lambda: _verdict(ana).state is RolloutState.DONE)
    choice = choose_target(_history(ana))
    assert choice.target is not None
    assert choice.target.image("web") == f"{IMAGE}:v1"
    assert choice.passed_over == ((3, "it has been rolled back from before"),)


def test_a_template_that_moved_is_not_overwritten(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Somebody was quicker: nothing is changed, and what moved is told old to new."""
    _released(api, ana, "v1", "v2")
    seen = _deployment(ana)
    _released_again = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"{IMAGE}:v9"}]}}}}
    api.registry.patch("deployments", NAMESPACE, "web", _released_again)
    with pytest.raises(FactsMoved) as caught:
        ClusterChanges(ana).patch_deployment("web", pin_image(seen, "web", f"{IMAGE}:v1", "why"))
    assert caught.value.moved == (("web image", "v2", "v9"),)
    assert _deployment(ana).images == (("web", f"{IMAGE}:v9"),)


def test_status_writes_do_not_stand_in_the_way(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Only uid and template are tested: a status written meanwhile moves nothing."""
    _released(api, ana, "v1")
    seen = _deployment(ana)
    api.registry.patch("deployments", NAMESPACE, "web", {"status": {"collisionCount": 1}}, options=WriteOptions(subresource="status"))
    assert _deployment(ana).resource_version != seen.resource_version
    ClusterChanges(ana).patch_deployment("web", pin_image(seen, "web", f"{IMAGE}:v2", "why"))
    assert _deployment(ana).images == (("web", f"{IMAGE}:v2"),)


def test_a_deployment_made_again_is_another_one(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The same name with another uid is refused; a name that is gone is not found."""
    _released(api, ana, "v1")
    seen = _deployment(ana)
    api.registry.delete("deployments", NAMESPACE, "web")
    with pytest.raises(NotFound):
        ClusterChanges(ana).patch_deployment("web", pin_image(seen, "web", f"{IMAGE}:v2", "why"))
    until(lambda: not any(item["metadata"]["name"] == "web" for item in ClusterWorkloads(ana).deployments()))
    api.registry.create(a_deployment())
    with pytest.raises(FactsMoved) as caught:
        ClusterChanges(ana).patch_deployment("web", pin_image(seen, "web", f"{IMAGE}:v2", "why"))
    assert any(name.startswith("identity") for name, _, _ in caught.value.moved)


def test_a_held_back_answer_is_unknown_and_was_sent_once(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The change is made, its answer is lost: unknown, and never sent again."""
    _released(api, ana, "v1")
    hold = api.faults.hold("PATCH", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/web")
    dropping = threading.Thread(target=drop, args=(hold,))
    dropping.start()
    with pytest.raises(OutcomeUnknown):
        ClusterChanges(ana).patch_deployment("web", pin_image(_deployment(ana), "web", f"{IMAGE}:v2", "why"))
    dropping.join(20)
    assert _deployment(ana).images == (("web", f"{IMAGE}:v2"),)
    assert [entry["method"] for entry in _logged(api)].count("PATCH") == 1


def _logged(api: KubernetesApi) -> list[dict[str, object]]:
    return [json.loads(line) for line in api.requests.path.read_text().splitlines()]


def test_auto_sync_is_suspended_and_restored_exactly(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Only `enabled` comes and goes; everything else of the policy stays."""
    api.registry.create(an_application())
    workloads, changes = ClusterWorkloads(ana), ClusterChanges(ana)
    before = workloads.application("argocd", "shop")["spec"]
    captured = application_from(workloads.application("argocd", "shop"))
    assert captured.automated is not None
    changes.patch_application("argocd", "shop", suspend_auto_sync(captured))
    suspended = application_from(workloads.application("argocd", "shop"))
    assert (suspended.auto_sync, suspended.self_heal, suspended.prune) == (False, True, True)
    changes.patch_application("argocd", "shop", restore_auto_sync(suspended, captured.automated))
    assert workloads.application("argocd", "shop")["spec"] == before
    with pytest.raises(FactsMoved):
        changes.patch_application("argocd", "shop", restore_auto_sync(suspended, captured.automated))
    with pytest.raises(NotFound):
        workloads.application("argocd", "nope")


def test_references_are_looked_up_without_their_values(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Whether a ConfigMap, Secret, account or claim is there, and its keys."""
    api.registry.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": NAMESPACE}, "data": {"a": "1"}})
    workloads = ClusterWorkloads(ana)
    assert workloads.exists("ConfigMap", "c")
    assert workloads.keys("ConfigMap", "c") == frozenset({"a"})
    assert not workloads.exists("Secret", "nope")
    assert workloads.keys("Secret", "nope") is None
    assert not workloads.exists("PersistentVolumeClaim", "nope")
    assert workloads.autoscalers() == ()


def test_a_watch_goes_on_from_a_list(api: KubernetesApi, ana: ClusterConnection) -> None:
    """What comes after the list arrives as lines, until it is stopped."""
    page = ClusterReader(ana).list_pages(PODS)
    lines = ClusterStreams(ana).watch_lines(PODS, page.resource_version)
    lines.open()
    api.registry.create(a_deployment(replicas=1))
    first = json.loads(next(lines))
    assert first["type"] == "ADDED"
    assert first["object"]["metadata"]["name"].startswith("web-")
    lines.stop()
    assert list(lines) == []


def test_a_forgotten_version_comes_as_a_line(api: KubernetesApi, ana: ClusterConnection) -> None:
    """The server answers 200 and says 410 inside."""
    api.registry.create(a_deployment())
    api.store.compact()
    lines = [json.loads(line) for line in ClusterStreams(ana).watch_lines(PODS, "1")]
    assert [(line["type"], line["object"]["code"]) for line in lines] == [("ERROR", 410)]


def test_logs_are_read_from_a_time_on(api: KubernetesApi, ana: ClusterConnection) -> None:
    """Each line begins with its time; older ones are left out."""
    _released(api, ana, "v1")
    pod = ClusterWorkloads(ana).pods("app=web")[0]["metadata"]["name"]
    assert isinstance(api.log_source, WrittenLogs)
    now = datetime.now(UTC).timestamp()
    for age, words in ((100.0, "old"), (5.0, "new\x1b[2J")):
        api.log_source.write(NAMESPACE, pod, "web", LogLine(datetime.fromtimestamp(now - age, UTC), words))
    assert [line.partition(" ")[2] for line in ClusterStreams(ana).log_lines(pod, "web")] == ["old", "new"]
    assert [line.partition(" ")[2] for line in ClusterStreams(ana).log_lines(pod, "web", since=now - 20)] == ["new"]
    with pytest.raises(Refused, match=r"choose one of|not valid"):
        list(ClusterStreams(ana).log_lines(pod, "nope"))


def test_the_wrong_nonce_stops_everything(api: KubernetesApi, tmp_path: Path) -> None:
    """A drill that finds another drill's estate does nothing there."""
    api.registry.create(a_deployment())
    stranger = connected(api, tmp_path, nonce="another")
    with pytest.raises(Refused, match="not this drill's own"):
        ClusterWorkloads(stranger).deployment("web")
