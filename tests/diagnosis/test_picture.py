"""Scenes in, pictures out: what triage says of each night."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.diagnosis.failing import troubles
from gospel_rollback_tui.diagnosis.picture import paint
from gospel_rollback_tui.diagnosis.scene import Scene, SchemaSeen
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, RollbackError, ServerDown
from gospel_rollback_tui.domain.evidence import Confidence, Reading, Truth
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.nodes import node_from
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.surroundings import ConfigEdit
from gospel_rollback_tui.domain.triage import Point, TriagePicture
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from gospel_rollback_tui.runbooks.loader import load_library
from tests.diagnosis import scenes

LIBRARY = load_library(CATALOGUE, None)


def picture(scene: Scene, *answers: Reading) -> TriagePicture:
    """Returns what triage shows of the scene."""
    return paint(scene, LIBRARY, {a.fact: a for a in answers}, complete=True)


def test_a_release_that_fails_while_ready_is_clear_and_names_its_target() -> None:
    """Row 1 is clear, and the suggestion goes back to the revision that ran for three days."""
    seen = picture(scenes.bad_release())
    assert seen.weighing is not None
    assert (seen.weighing.suggested, seen.weighing.confidence) == ("bad-code", Confidence.CLEAR)
    assert seen.suggestion is not None
    assert seen.suggestion.title == "Roll gateway back to v2.14.0"
    assert seen.suggestion.inputs == {"services": "gateway", "revision:gateway": "2"}
    assert seen.suggestion.lacks == ()


def test_it_says_who_fails_since_when_and_what_changed() -> None:
    """The onset comes from the first line of the kind that goes on; the rollout before it is suspicious."""
    seen = picture(scenes.bad_release())
    assert seen.symptom is not None
    assert (seen.symptom.failing, seen.symptom.words, seen.symptom.since) == (Truth.TRUE, "answers 500", scenes.ONSET)
    assert [(f.name, f.words) for f in seen.failing] == [("gateway", "212 errors/min")]
    assert seen.says == "panic: nil map in route table"
    change = seen.changes[0]
    assert (change.subject, change.suspicious) == ("gateway", True)
    assert "v2.14.0 → v2.15.0" in change.words
    assert "FEATURE_X" in change.words


def test_errors_that_came_too_fast_to_be_read_are_a_lower_bound_and_few_of_them_are_not_known() -> None:
    """They prove that a service fails, and never that it is quiet."""
    scene = scenes.bad_release()
    assert scene.logs is not None
    rows = tuple(replace(row, at_least=row.service in {"gateway", "auth"}) for row in scene.logs.errors)
    found = {trouble.service.name: trouble for trouble in troubles(replace(scene, logs=replace(scene.logs, errors=rows)))}
    assert (found["gateway"].words, found["gateway"].errors) == ("≥ 212 errors/min", 212)
    assert (found["auth"].errors, found["content"].errors) == (None, 0)


def test_r_waits_for_the_schema_or_for_the_operators_own_answer() -> None:
    """While nobody has read which migrations lie between, `r` is missing and says why; a written answer stands above the probe."""
    unread = picture(scenes.bad_release(schema=None))
    assert unread.suggestion is not None
    assert unread.suggestion.lacks == ("whether a migration lies between has not been read yet",)
    assert any(p.words.startswith("Schema: ") and p.truth is Truth.UNKNOWN for p in unread.suggestion.points)
    answered = picture(scenes.bad_release(schema=None), Reading("migration.between", Truth.FALSE, "No", "operator", scenes.NOW))
    assert answered.suggestion is not None
    assert answered.suggestion.lacks == ()


def test_a_service_without_migrations_goes_back_at_once() -> None:
    """The schema's point says what was looked at."""
    seen = picture(scenes.bad_release())
    assert seen.suggestion is not None
    assert any(p.words == "Schema: gateway: no migrations found in git" and p.truth is Truth.TRUE for p in seen.suggestion.points)


def test_a_schema_that_cannot_be_read_keeps_r_away() -> None:
    """Unknown is no proof: the reason is said."""
    seen = picture(scenes.bad_release(schema=SchemaSeen((scenes.RELEASE,), failure=NoRoute("The database of auth does not answer."))))
    assert seen.suggestion is not None
    assert seen.suggestion.lacks == ("whether a migration lies between is not known: The database of auth does not answer.",)


def test_a_migration_rules_row_one_out() -> None:
    """With a migration between the releases nothing is suggested that would crash."""
    seen = picture(scenes.bad_release(), Reading("migration.between", Truth.TRUE, "Yes", "operator", scenes.NOW))
    assert seen.weighing is not None
    assert seen.weighing.of("bad-code").ruled_out
    assert seen.suggestion is None


@pytest.mark.parametrize(("reason", "fact"), [("CrashLoopBackOff", "pods.crashing"), ("ImagePullBackOff", "pods.image_pull")])
def test_pods_that_cannot_start_after_a_rollout_are_clear_too(reason: str, fact: str) -> None:
    """A crash loop or a missing image just after a rollout suggests row 1."""
    gateway = deployment_from(scenes.deployment("gateway", "v2.15.0", 3, available=0, env={"FEATURE_X": "on"}))
    base = scenes.bad_release()
    pods = tuple(pod_from(scenes.pod("gateway", n, 3, waiting=reason, restarts=4 if "Crash" in reason else 0)) for n in (1, 2))
    others = tuple(p for p in base.pods or () if "gateway" not in p.name)
    rest = tuple(d for d in base.deployments or () if "gateway" not in d.name)
    seen = picture(replace(base, deployments=(gateway, *rest), pods=(*pods, *others), logs=scenes.logs(), early=()))
    assert seen.readings[fact].truth is Truth.TRUE
    assert seen.weighing is not None
    assert (seen.weighing.suggested, seen.weighing.confidence) == ("bad-code", Confidence.CLEAR)
    assert seen.symptom is not None
    assert seen.symptom.since == scenes.ONSET


def test_a_target_that_was_never_seen_ready_takes_r_away() -> None:
    """`r` lacks a proven target: the revision before ran for a minute only."""
    base = scenes.bad_release()
    gateway = scenes.deployment("gateway", "v2.15.0", 3, env={"FEATURE_X": "on"})
    gateway["status"]["conditions"] = []
    short = replica_set_from(scenes.replica_set("gateway", "v2.14.0", 2, scenes.ROLLOUT - 60))
    sets = tuple(r for r in base.replica_sets or () if r.name != "gospelib-gateway-2")
    rest = tuple(d for d in base.deployments or () if "gateway" not in d.name)
    seen = picture(replace(base, deployments=(deployment_from(gateway), *rest), replica_sets=(short, *sets)))
    assert seen.suggestion is not None
    assert any("not known to have been ready" in lack for lack in seen.suggestion.lacks)


def test_missing_rights_take_r_away_and_are_named() -> None:
    """An identity that may not patch sees the suggestion without `r`."""
    seen = picture(scenes.bad_release(may_roll_back=False))
    assert seen.suggestion is not None
    assert "this login may not patch Deployments here" in seen.suggestion.lacks


def test_an_application_set_cannot_be_frozen_and_sends_to_git() -> None:
    """A freeze that is undone at once is no way back: `r` takes the way by git, and what goes beside git is refused."""
    owned = application_from(scenes.application(owner="gospelib"))
    seen = picture(scenes.bad_release(application=owned))
    assert seen.suggestion is not None
    assert (seen.suggestion.path, seen.suggestion.step, seen.suggestion.lacks) == ("git", "restore", ())
    assert {way.path for way in seen.ways if way.refused} == {"patch", "pin", "apply", "argocd"}
    said = Point(Truth.FALSE, "ApplicationSet gospelib cannot be frozen: only git holds")
    assert said in seen.suggestion.points


def test_nothing_failing_suggests_nothing() -> None:
    """A green estate has no way back to offer, and says that the symptom passes."""
    seen = picture(scenes.bad_release(answer=HttpAnswer(200, "", 0.01), logs=scenes.logs(), early=()))
    assert seen.symptom is not None
    assert seen.symptom.failing is Truth.FALSE
    assert (seen.suggestion, seen.failing) == (None, ())


def test_a_node_that_went_away_points_at_infrastructure() -> None:
    """Old pods failing with a node gone and no rollout is row 4."""
    base = scenes.bad_release()
    calm = tuple(r for r in base.replica_sets or () if "gateway" not in r.name)
    old = replica_set_from(scenes.replica_set("gateway", "v2.15.0", 3, scenes.NOW - 3 * scenes.DAY, wanted=2, env={"FEATURE_X": "on"}))
    nodes = tuple(node_from(scenes.node(f"node-{n}", ready=n > 0)) for n in range(3))
    seen = picture(replace(base, replica_sets=(old, *calm), nodes=nodes))
    assert seen.weighing is not None
    assert seen.weighing.suggested == "infrastructure"
    assert any(change.subject == "node" and change.suspicious for change in seen.changes)


def test_a_quota_that_was_reached_is_among_what_changed() -> None:
    """Said once for all pods that it kept from being made, in the API server's own words; an ordinary event is no change."""
    words = 'pods "gospelib-gateway-9" is forbidden: exceeded quota: compute'
    stopped = [ClusterEvent("Warning", "FailedCreate", words, "ReplicaSet", f"gospelib-gateway-{n}", first=scenes.ONSET - 30) for n in (8, 9)]
    usual = ClusterEvent("Normal", "Scheduled", "assigned", "Pod", "gospelib-gateway-1", first=scenes.ONSET - 30)
    seen = picture(scenes.bad_release(events=(*stopped, usual)))
    assert [c.words for c in seen.changes if "quota" in c.words] == [f"FailedCreate: {words}"]
    assert not any("assigned" in c.words for c in seen.changes)
    assert seen.readings["quota.exceeded"].truth is Truth.TRUE


def test_an_edit_shortly_before_is_shown_without_its_content() -> None:
    """A ConfigMap edited ten minutes before is a change, by name only."""
    edit = ConfigEdit("ConfigMap", "gateway-env", scenes.ONSET - 600, "kubectl-edit", created=False)
    seen = picture(scenes.bad_release(config_edits=(edit,)))
    assert any(c.words == "ConfigMap gateway-env edited (kubectl-edit)" and c.suspicious for c in seen.changes)
    assert seen.readings["config.changed_near_onset"].truth is Truth.TRUE


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (CredentialsExpired("The login has expired."), "credentials"),
        (Forbidden("oncall may not list pods."), "rights"),
        (NoRoute("cluster.test: name not found."), "route"),
        (ServerDown("The API server refuses connections."), "server"),
    ],
)
def test_four_troubles_are_four_sentences(failure: RollbackError, kind: str) -> None:
    """Expired login, missing rights, dead route and dead server are told apart; only the last may mean row 6."""
    names = ("who", "alive", "deployments", "replica_sets", "pods", "events", "nodes", "config_edits", "may_roll_back", "application")
    blind = scenes.bad_release(
        who=None, alive=None, deployments=None, replica_sets=None, pods=None, events=None, nodes=None, config_edits=None, may_roll_back=None,
        application=None, application_read=False, logs=None, early=None, elsewhere=HttpAnswer(503, "", 0.1), failures=dict.fromkeys(names, failure),
    )  # fmt: skip
    seen = picture(blind)
    assert seen.trouble is not None
    assert (seen.trouble.kind, seen.trouble.text) == (kind, failure.text)
    assert (seen.readings["api.down"].truth is Truth.TRUE) is (kind == "server")
    unread = [r for f, r in seen.readings.items() if f.startswith(("pods.", "rollout.", "nodes.", "logs."))]
    assert all(r.truth is Truth.UNKNOWN for r in unread)


def test_every_fact_of_the_matrix_is_either_read_or_asked() -> None:
    """No rule rests on a fact that nobody provides."""
    read = set(picture(scenes.bad_release()).readings)
    asked = {answer.fact for question in LIBRARY.matrix.questions for answer in question.answers}
    used = {rule.fact for row in LIBRARY.matrix.rows for rule in row.rules}
    assert used <= read | asked
