"""Rolling back Deployments: what is previewed, refused, sent, checked and put back."""

import copy
from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.targets import ImageTargets, RevisionTargets, Targets
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.preview import PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.cluster import Answers, MemoryCluster, bad_release, request, verification
from tests.diagnosis import scenes

CHOSEN = request(services="gateway", revision_gateway="2")


def action(cluster: MemoryCluster, targets: Targets | None = None, answers: Answers | None = None) -> RollBackDeployments:
    """Returns the action over the in-memory cluster."""
    seen = answers or Answers()
    return RollBackDeployments(cluster, cluster, cluster, seen, verification(cluster, seen), cluster, targets or RevisionTargets())


def send_all(cluster: MemoryCluster, chosen: StepRequest = CHOSEN) -> tuple[Preview, tuple[CallRun, ...]]:
    """Sends the whole bundle and returns its preview and what was done."""
    doing = action(cluster)
    preview = doing.plan(chosen)
    for call in preview.calls:
        doing.send(chosen, call)
    return preview, tuple(CallRun(c.id, c.where, c.body, c.undo, scenes.NOW) for c in preview.calls)


def test_the_bundle_freezes_first_then_patches() -> None:
    """Auto-sync goes off before the patch, both dry-run by the server, nothing sent by previewing."""
    cluster = bad_release()
    preview = action(cluster).plan(CHOSEN)
    assert [call.where for call in preview.calls] == ["PATCH Application gospelib-production", "PATCH Deployment gospelib-gateway"]
    assert preview.title == "Roll gateway back to v2.14.0"
    assert preview.calls[1].summary == "v2.15.0 → v2.14.0"
    assert [call.debt.id for call in preview.calls if call.debt] == ["auto-sync", "git"]
    assert sorted(cluster.rehearsed) == ["gospelib-gateway", "gospelib-production"]
    assert cluster.sent == []
    assert preview.refused == ""


def test_several_services_go_back_in_one_bundle_and_come_back_in_one() -> None:
    """One freeze, then each Deployment to its own revision; undo is the same backwards, and every call is listed beforehand."""
    cluster = bad_release()
    cluster.sets.append(scenes.replica_set("auth", "v2.13.2", 1, scenes.NOW - 10 * scenes.DAY))
    before = copy.deepcopy(cluster.deployments)
    both = request(services="gateway,auth", revision_gateway="2", revision_auth="1")
    preview, done = send_all(cluster, both)
    assert [call.id for call in preview.calls] == ["freeze", "patch:gateway", "patch:auth"]
    assert sorted(cluster.rehearsed) == ["gospelib-auth", "gospelib-gateway", "gospelib-production"]
    assert cluster.sent == [("Application", "gospelib-production"), ("Deployment", "gospelib-gateway"), ("Deployment", "gospelib-auth")]
    images = {name: d["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2] for name, d in cluster.deployments.items()}
    assert images == {"gospelib-gateway": "v2.14.0", "gospelib-auth": "v2.13.2"}
    doing = action(cluster)
    undo = doing.undo_plan(both, done)
    assert [call.id for call in undo.calls] == ["patch:auth", "patch:gateway", "thaw"]
    for call in undo.calls:
        doing.send(both, call)
    assert {name: d["spec"]["template"] for name, d in cluster.deployments.items()} == {name: d["spec"]["template"] for name, d in before.items()}
    assert cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"].get("enabled", True)


def test_a_change_that_the_server_would_refuse_is_refused_in_the_preview() -> None:
    """The server's own dry run of the patch decides, before anybody is asked."""
    cluster = bad_release()
    cluster.would_refuse = "admission webhook denied the request: image not signed"
    preview = action(cluster).plan(CHOSEN)
    assert "image not signed" in preview.refused
    assert cluster.sent == []


def test_sending_the_bundle_makes_each_call_happen_once() -> None:
    """Each call is seen to have happened only after it was sent, and the other stays as it was."""
    cluster = bad_release()
    doing = action(cluster)
    preview = doing.plan(CHOSEN)
    assert [doing.happened(CHOSEN, call) for call in preview.calls] == [False, False]
    doing.send(CHOSEN, preview.calls[0])
    assert [doing.happened(CHOSEN, call) for call in preview.calls] == [True, False]
    doing.send(CHOSEN, preview.calls[1])
    assert [doing.happened(CHOSEN, call) for call in preview.calls] == [True, True]
    assert cluster.deployments["gospelib-gateway"]["metadata"]["annotations"]["kubernetes.io/change-cause"].startswith("gospel-rollback 0312-k7")


def test_status_writes_move_nothing_but_a_template_edit_does() -> None:
    """The fingerprint rests on uid and template: a crash loop's status writes leave it, an edit changes it and is refused by the server."""
    cluster = bad_release()
    doing = action(cluster)
    preview = doing.plan(CHOSEN)
    cluster.deployments["gospelib-gateway"]["status"]["readyReplicas"] = 0
    cluster.deployments["gospelib-gateway"]["metadata"]["resourceVersion"] = "77"
    assert preview.fingerprint.moved(doing.facts(CHOSEN, preview)) == ()
    cluster.deployments["gospelib-gateway"]["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.test/gospelib-gateway:v2.15.1"
    moved = preview.fingerprint.moved(doing.facts(CHOSEN, preview))
    assert [(name, "v2.15.0" in old, "v2.15.1" in new) for name, old, new in moved] == [("Deployment gospelib-gateway template", True, True)]
    doing.send(CHOSEN, preview.calls[0])
    with pytest.raises(FactsMoved) as refusal:
        doing.send(CHOSEN, preview.calls[1])
    assert refusal.value.moved
    assert cluster.sent == [("Application", "gospelib-production")]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "No service is chosen"),
        ({"services": "gateway"}, "no revision is chosen"),
        ({"services": "gateway", "revision_gateway": "9"}, "not in the history any more"),
        ({"services": "gateway", "revision_gateway": "3"}, "already runs that template"),
    ],
)
def test_what_was_not_chosen_from_the_live_list_is_refused(inputs: dict[str, str], words: str) -> None:
    """No revision is ever assumed: the one before may be the bad one again."""
    preview = action(bad_release()).plan(request(**inputs))
    assert words in preview.refused


def test_a_paused_deployment_is_refused() -> None:
    """Resuming may roll something out by itself, so it is a step of its own."""
    cluster = bad_release()
    cluster.deployments["gospelib-gateway"]["spec"]["paused"] = True
    assert "paused" in action(cluster).plan(CHOSEN).refused


def test_a_config_map_that_is_gone_refuses_the_target_that_needs_it() -> None:
    """The target's pods would never start; git makes the object again."""
    cluster = bad_release()
    cluster.sets[1]["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "gateway-env-4f2"}}]
    cluster.gone = ("gateway-env-4f2",)
    assert "needs ConfigMap gateway-env-4f2, which is gone" in action(cluster).plan(CHOSEN).refused


def test_missing_rights_and_an_application_set_are_refused() -> None:
    """Neither can be found out by trying."""
    cluster = bad_release()
    cluster.rights = False
    assert "may not patch" in action(cluster).plan(CHOSEN).refused
    owned = bad_release()
    owned.apps["gospelib-production"] = scenes.application(owner="gospelib")
    assert "go by git" in action(owned).plan(CHOSEN).refused


def test_without_argo_cd_the_patch_stands_alone_and_leaves_no_debt() -> None:
    """Where nothing manages the Deployment there is nothing to freeze and nothing to put back."""
    cluster = bad_release()
    cluster.apps.clear()
    preview = action(cluster).plan(CHOSEN)
    assert [call.id for call in preview.calls] == ["patch:gateway"]
    assert [call.debt for call in preview.calls] == [None]


def test_auto_sync_that_is_off_already_is_not_frozen_but_git_is_a_debt() -> None:
    """The cluster is changed beside git all the same."""
    cluster = bad_release()
    cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"]["enabled"] = False
    preview = action(cluster).plan(CHOSEN)
    assert [call.id for call in preview.calls] == ["patch:gateway"]
    assert [call.debt.id for call in preview.calls if call.debt] == ["git"]


def test_the_prompt_says_reach_stays_and_undo() -> None:
    """Everything an operator must know before `y` stands in the notices."""
    cluster = bad_release()
    cluster.sets[1]["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "gateway-env"}}]
    cluster.autoscaled = ("gateway", "billing")
    preview = action(cluster).plan(CHOSEN)
    said = {(n.label, n.text) for n in preview.notices}
    assert ("Reaches", "2 pods, replaced a few at a time") in said
    assert any(label == "Stays" and "ConfigMap gateway-env" in text for label, text in said)
    assert any(label == "Stays" and "autoscaler" in text for label, text in said)
    assert "v2.15.0" in preview.undo
    assert preview.yes == "roll back"


def test_undo_goes_back_to_the_captured_template_and_policy_newest_first() -> None:
    """After undo everything is as captured, and the git debt is paid since git says the same again."""
    cluster = bad_release()
    before = copy.deepcopy(cluster.deployments["gospelib-gateway"]["spec"]["template"])
    _, done = send_all(cluster)
    doing = action(cluster)
    undo = doing.undo_plan(CHOSEN, done)
    assert [call.id for call in undo.calls] == ["patch:gateway", "thaw"]
    for call in undo.calls:
        doing.send(CHOSEN, call)
    assert cluster.deployments["gospelib-gateway"]["spec"]["template"] == before
    assert cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"] == {"selfHeal": True, "prune": True}
    assert [call.body["pays"] for call in undo.calls] == [["git"], ["auto-sync"]]
    failing = Answers()
    failing.status["/v1/verses"] = 500
    assert [check.passed for check in action(cluster, answers=failing).checks(CHOSEN, undo, scenes.NOW)] == [True]


def test_undo_works_when_the_old_replica_set_is_gone() -> None:
    """The template itself was captured, not a revision's number."""
    cluster = bad_release()
    _, done = send_all(cluster)
    cluster.sets = [s for s in cluster.sets if s["metadata"]["name"] != "gospelib-gateway-3"]
    assert action(cluster).undo_plan(CHOSEN, done).refused == ""


def _patch_call(preview: Preview) -> PlannedCall:
    return next(call for call in preview.calls if call.id == "patch:gateway")


def test_checks_wait_until_the_new_pods_serve_and_the_symptom_passes() -> None:
    """Right after the patch nothing is verified but that nothing reverted it; once the pods run, everything is."""
    cluster = bad_release()
    answers = Answers()
    preview, _ = send_all(cluster)
    answers.status["/v1/verses"] = 500
    doing = action(cluster, answers=answers)
    cluster.deployments["gospelib-gateway"]["metadata"]["generation"] = 4
    early = {check.name: check.passed for check in doing.checks(CHOSEN, preview, scenes.NOW)}
    assert early["gateway: nothing reverted it"] is True
    assert early["gateway: pods of the chosen release ready, none older"] is None
    assert early["GET api.gospelib.test/v1/verses/gen.1.1 answers 200"] is None
    cluster.deployments["gospelib-gateway"]["status"]["observedGeneration"] = 4
    cluster.all_pods = [scenes.pod("gateway", n, 2) for n in (1, 2)]
    answers.status.clear()
    assert all(check.passed for check in doing.checks(CHOSEN, preview, scenes.NOW))


def test_a_crash_loop_of_the_target_is_final_long_before_the_deadline() -> None:
    """The step fails at once and names the pod, instead of waiting ten minutes."""
    cluster = bad_release()
    preview, _ = send_all(cluster)
    cluster.deployments["gospelib-gateway"]["status"].update(updatedReplicas=1, readyReplicas=1, availableReplicas=1)
    cluster.all_pods = [scenes.pod("gateway", 1, 2, waiting="CrashLoopBackOff", restarts=3)]
    rollout = next(c for c in action(cluster).checks(CHOSEN, preview, scenes.NOW - 60) if "ready, none older" in c.name)
    assert (rollout.passed, rollout.final) == (False, True)
    assert "CrashLoopBackOff" in rollout.words


def test_a_template_that_came_back_is_final_and_says_so() -> None:
    """Self-heal or somebody else put the bad release back."""
    cluster = bad_release()
    before = copy.deepcopy(cluster.deployments["gospelib-gateway"])
    preview, _ = send_all(cluster)
    cluster.deployments["gospelib-gateway"] = before
    reverted = next(c for c in action(cluster).checks(CHOSEN, preview, scenes.NOW) if "nothing reverted" in c.name)
    assert (reverted.passed, reverted.final) == (False, True)


def test_pinning_changes_one_image_and_nothing_else() -> None:
    """Variables of the new template stay; only the container's image is the chosen one."""
    cluster = bad_release()
    image = "registry.test/gospelib-gateway:v2.14.0"
    chosen = request(services="gateway", image_gateway=image)
    preview = action(cluster, ImageTargets()).plan(chosen)
    target = _patch_call(preview).body["template"]["spec"]["containers"][0]
    assert (target["image"], target["env"]) == (image, [{"name": "FEATURE_X", "value": "on"}])
    assert "not an image reference" in action(cluster, ImageTargets()).plan(request(services="gateway", image_gateway="x y; rm")).refused


def test_live_lists_offer_services_and_a_suggested_revision() -> None:
    """The suggested revision is the last one known to have been ready; the current one cannot be chosen."""
    lists = action(bad_release()).choices(request(services="gateway"))
    assert [one.name for one in lists] == ["services", "revision:gateway"]
    assert {o.value: bool(o.refused) for o in lists[0].options} == {"gateway": False, "content": True, "auth": False}
    assert {o.value: (o.suggested, bool(o.refused)) for o in lists[1].options} == {"3": (False, True), "2": (True, False), "1": (False, False)}


def test_undo_after_auto_sync_was_put_back_freezes_again_first() -> None:
    """Git says the good release by then: without the freeze self-heal would undo the undo within a second."""
    cluster = bad_release()
    _, done = send_all(cluster)
    cluster.apps["gospelib-production"] = scenes.application()
    undo = action(cluster).undo_plan(CHOSEN, done)
    assert [(call.id, call.debt.id if call.debt else "") for call in undo.calls] == [("freeze", "auto-sync"), ("patch:gateway", "git")]


def test_undo_leaves_alone_what_is_as_it_was() -> None:
    """Where nothing is to be put back it says so instead of sending anything."""
    cluster = bad_release()
    _, done = send_all(cluster)
    assert "nothing to put back" in action(bad_release()).undo_plan(CHOSEN, done).refused


def test_a_cluster_whose_clock_is_behind_is_judged_by_its_own_time() -> None:
    """What the cluster said about the template before is ignored, and what it says after counts, whatever this machine's clock says."""
    cluster = bad_release()
    preview, _ = send_all(cluster)
    cluster.all_pods = [scenes.pod("gateway", 1, 2, restarts=1)]
    doing = action(cluster)
    skewed = replace(doing, verification=replace(doing.verification, skew=lambda: -3600.0))
    words = {c.name: c.words for c in skewed.checks(CHOSEN, preview, scenes.NOW + 3600 - 60)}
    assert "restarted" in words[f"gateway: no restart since {time_of_day(scenes.NOW - 60)}"]


def test_every_command_for_the_hand_names_the_context() -> None:
    """A command copied from the screen must not go to whatever cluster the shell points at, least of all from a drill."""
    cluster = bad_release()
    preview, done = send_all(cluster)
    undo = action(cluster).undo_plan(CHOSEN, done)
    pinned = action(bad_release(), ImageTargets()).plan(request(services="gateway", image_gateway="registry.test/gospelib-gateway:v2.14.0"))
    commands = [call.by_hand for one in (preview, undo, pinned) for call in one.calls]
    assert commands
    assert all("kubectl --context gospelib-production " in command for command in commands)


def test_services_of_two_applications_are_refused_together() -> None:
    """Only one of them would be frozen; the other would put its service back within seconds."""
    cluster = bad_release()
    auth = cluster.deployments["gospelib-auth"]
    auth["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "other:apps/Deployment:gospelib-production/gospelib-auth"
    with pytest.raises(Refused, match="Several Applications"):
        action(cluster).plan(request(services="gateway,auth", revision_gateway="2", revision_auth="2"))


@pytest.mark.parametrize(("deployed", "said"), [(scenes.NOW - 3 * scenes.DAY + 20, True), (scenes.ROLLOUT + 20, False)])
def test_commits_newer_than_the_revision_are_said_to_come_with_a_sync(deployed: float, said: bool) -> None:
    """Newer than the deployment that made its ReplicaSet; the freeze holds them back, so that no reason is asked for; an undo is not warned of them."""
    cluster = bad_release()
    cluster.apps["gospelib-production"]["status"]["history"] = [{"id": 7, "revision": "g00d", "deployedAt": scenes.stamp(deployed)}]
    bad = Commit("bad", ("g00d",), "ada", scenes.ROLLOUT, "Release v2.15.0")
    cluster.against = Survey(branch=(bad, Commit("g00d", (), "ada", scenes.NOW - 3 * scenes.DAY, "Release v2.14.0")) if said else (bad,))
    preview, done = send_all(cluster)
    told = [notice for notice in preview.notices if notice.label == "Against" and notice.text.startswith("git holds 1 commit")]
    assert [("Release v2.15.0" in notice.text, notice.warning) for notice in told] == [(True, False)] * said
    assert preview.needs_reason == ""
    assert not any("newer than this release" in notice.text for notice in action(cluster).undo_plan(CHOSEN, done).notices)


@pytest.mark.parametrize(
    ("against", "hidden", "words"),
    [
        (Survey(ci_runs=("https://ci.test/7",)), False, "A deployment under way"),
        (Survey(), True, "could not be read"),
        (Survey(), False, ""),
    ],
)
def test_what_no_freeze_stops_takes_a_written_reason(against: Survey, hidden: bool, words: str) -> None:
    """Self-heal is stopped by the bundle itself; a deployment under way, or a policy that may not be read, is not."""
    cluster = bad_release()
    cluster.against, cluster.hidden = against, hidden
    preview = action(cluster).plan(CHOSEN)
    assert preview.refused == ""
    assert words in preview.needs_reason
    assert bool(preview.needs_reason) == bool(words)
    assert any(notice.label == "Against" and notice.warning and words in notice.text for notice in preview.notices) == bool(words)


def test_an_owner_that_can_be_read_again_moves_the_facts() -> None:
    """What was confirmed with a reason, for want of knowing, is asked anew once it is known."""
    cluster = bad_release()
    cluster.hidden = True
    doing = action(cluster)
    preview = doing.plan(CHOSEN)
    assert preview.fingerprint.moved(doing.facts(CHOSEN, preview)) == ()
    cluster.hidden = False
    assert preview.fingerprint.moved(doing.facts(CHOSEN, preview))


def test_lists_of_services_begin_with_those_that_failed() -> None:
    """Enter in the first list must not take whatever the configuration names first."""
    cluster = bad_release()
    lists = action(cluster).choices(request(failing="auth"))
    assert [(option.value, option.suggested) for option in lists[0].options if not option.refused] == [("gateway", False), ("auth", True)]
