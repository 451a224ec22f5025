"""Nights, as facts: what the packaged matrix makes of them."""

import pytest

from gospel_rollback_tui.domain.evidence import Confidence, Reading, Truth, Weighing, weigh
from tests.runbooks.library import LIBRARY

CALM = {
    "symptom.failing": True,
    "rollout.recent": False,
    "rollout.image_changed": False,
    "rollout.only_new_fail": False,
    "rollout.old_fail_too": True,
    "pods.crashing": False,
    "pods.image_pull": False,
    "pods.unschedulable": False,
    "pods.config_error": False,
    "services.several_failing": False,
    "config.changed_near_onset": False,
    "nodes.not_ready": False,
    "nodes.most_not_ready": False,
    "quota.exceeded": False,
    "logs.app_errors": False,
    "logs.schema_errors": False,
    "logs.access_denied": False,
    "logs.graph_errors": False,
    "graph.pod_failing": False,
    "graph.routes_only": False,
    "api.down": False,
    "elsewhere.reachable": True,
    "argocd.auto_sync": True,
}
"""What Kubernetes, the probes and the logs can read, with one service failing for no reason that they see; what only the operator
or later probes know is left out."""
RELEASE = {"rollout.recent": True, "rollout.image_changed": True, "rollout.only_new_fail": True, "rollout.old_fail_too": False}
BLIND = dict.fromkeys(CALM)


def night(**facts: bool | None) -> Weighing:
    """Returns what the matrix makes of a calm estate with these facts; `__` stands for the dot, None for unread."""
    known: dict[str, bool | None] = {**CALM, **{name.replace("__", "."): value for name, value in facts.items()}}
    return weighed(known)


def weighed(known: dict[str, bool | None]) -> Weighing:
    """Returns what the matrix makes of facts."""
    readings = {fact: Reading(fact, Truth.of(value), "", "test", 0.0) for fact, value in known.items()}
    return weigh(LIBRARY.matrix, readings)


@pytest.mark.parametrize(
    "signs",
    [
        {"logs__app_errors": True},
        {"pods__crashing": True, "logs__app_errors": True},
        {"pods__image_pull": True},
        {"logs__app_errors": True, "config__changed_near_onset": True},
        {"logs__schema_errors": None, "logs__app_errors": None},
        {"rollout__only_new_fail": None, "rollout__old_fail_too": None, "logs__app_errors": True},
        {"logs__app_errors": True, "elsewhere__reachable": None, "nodes__not_ready": None, "nodes__most_not_ready": None},
        {"symptom__failing": False, "pods__crashing": True},
    ],
    ids=[
        "ready but failing",
        "crash loop",
        "image pull",
        "with an edited ConfigMap",
        "logs unread",
        "pods unread",
        "nodes and edge unread",
        "users do not notice yet",
    ],
)
def test_a_bad_release_is_clear(signs: dict[str, bool | None]) -> None:
    """Just after a new ReplicaSet with the rest quiet, row 1 is clear without anybody answering a question."""
    seen = night(**{**{name.replace(".", "__"): value for name, value in RELEASE.items()}, **signs})
    assert (seen.suggested, seen.confidence) == ("bad-code", Confidence.CLEAR)
    assert len(seen.of("bad-code").unknown) <= 2


def test_an_answer_makes_a_release_without_migration_surer() -> None:
    """With the schema settled, rows 2 and 3 are out and nothing is left unknown."""
    seen = night(**{name.replace(".", "__"): value for name, value in RELEASE.items()}, migration__between=False)
    assert seen.confidence is Confidence.CLEAR
    assert seen.of("bad-code").unknown == ()
    assert seen.of("bad-code-reversible-migration").ruled_out
    assert seen.of("bad-code-irreversible-migration").ruled_out


def test_a_migration_takes_row_one_away() -> None:
    """With one in the release and nothing known about its way down, the rows 2 and 3 stand level and the wizard goes on."""
    seen = night(**{name.replace(".", "__"): value for name, value in RELEASE.items()}, migration__between=True)
    assert seen.of("bad-code").ruled_out
    assert seen.confidence is Confidence.OPEN
    assert seen.suggested == ""


@pytest.mark.parametrize(("irreversible", "scenario"), [(False, "bad-code-reversible-migration"), (True, "bad-code-irreversible-migration")])
def test_the_way_down_decides_between_rows_two_and_three(irreversible: bool, scenario: str) -> None:
    """Two answers make it clear."""
    release = {name.replace(".", "__"): value for name, value in RELEASE.items()}
    seen = night(**release, migration__between=True, migration__irreversible=irreversible)
    assert (seen.suggested, seen.confidence) == (scenario, Confidence.CLEAR)


def test_schema_errors_after_a_release_keep_row_one_from_being_clear() -> None:
    """The code asks for a column that is not there: nobody rolls back in two keys then."""
    release = {name.replace(".", "__"): value for name, value in RELEASE.items()}
    seen = night(**release, logs__schema_errors=True, logs__app_errors=True)
    assert seen.confidence is not Confidence.CLEAR


@pytest.mark.parametrize(
    "signs",
    [
        {"nodes__not_ready": True, "pods__image_pull": True},
        {"pods__unschedulable": True, "quota__exceeded": True},
        {"pods__config_error": True, "config__changed_near_onset": True},
        {"logs__access_denied": True, "services__several_failing": True},
        {"nodes__not_ready": True, "graph__routes_only": True, "pods__image_pull": True},
    ],
    ids=["node and pull quota", "quota", "edited ConfigMap", "expired credentials", "node of the graph's reader"],
)
def test_what_the_platform_lacks_is_infrastructure(signs: dict[str, bool | None]) -> None:
    """Nothing was released, and a node, a quota, a ConfigMap or a right is missing."""
    assert night(**signs).suggested == "infrastructure"


def test_a_release_that_does_not_fit_its_nodes_is_still_a_release() -> None:
    """Only new pods find no node: the release asks too much, and goes back."""
    release = {name.replace(".", "__"): value for name, value in RELEASE.items()}
    assert night(**release, pods__unschedulable=True).suggested == "bad-code"


@pytest.mark.parametrize(
    "signs",
    [
        {"logs__graph_errors": True, "graph__routes_only": True},
        {"graph__pod_failing": True, "logs__graph_errors": True},
        {"logs__graph_errors": True, "graph__routes_only": True, "config__changed_near_onset": True, "graph__pod_failing": None},
    ],
    ids=["empty graph", "server crashing", "after an ingest"],
)
def test_only_the_graph_failing_points_at_the_graph(signs: dict[str, bool | None]) -> None:
    """No release, accounts fine, searches failing."""
    assert night(**signs).suggested == "corrupted-graph"


def test_an_upgraded_graph_server_is_no_corruption() -> None:
    """Its image goes back before anybody touches data."""
    seen = night(logs__graph_errors=True, graph__routes_only=True, graph__image_changed=True)
    assert seen.of("corrupted-graph").ruled_out
    assert seen.suggested != "corrupted-graph"


def test_a_dead_api_server_with_a_living_network_is_total_failure() -> None:
    """Nothing of the cluster can be read; the edge answers, so it is not this host."""
    seen = weighed({**BLIND, "symptom.failing": True, "api.down": True, "elsewhere.reachable": True})
    assert seen.suggested == "total-failure"


def test_a_dead_network_of_ones_own_is_not_clearly_total_failure() -> None:
    """Neither the API nor the edge is reached: the doubt is said, and nothing is clear."""
    seen = weighed({**BLIND, "api.down": None, "elsewhere.reachable": False})
    assert seen.suggested == ""
    doubtful = weighed({**BLIND, "api.down": True, "elsewhere.reachable": False})
    assert doubtful.confidence is not Confidence.CLEAR
    assert doubtful.of("total-failure").contra


def test_a_working_cluster_rules_total_failure_out() -> None:
    """The API server answers and its nodes are Ready."""
    assert night().of("total-failure").ruled_out == "the API server answers and most nodes are Ready"


def test_most_nodes_gone_is_more_than_one_node_gone() -> None:
    """Row 6 stands above row 4."""
    seen = night(nodes__not_ready=True, nodes__most_not_ready=True, services__several_failing=True)
    assert seen.suggested == "total-failure"


def test_nothing_known_suggests_nothing() -> None:
    """Unread facts are neither health nor failure."""
    seen = weighed({})
    assert (seen.suggested, seen.confidence) == ("", Confidence.OPEN)


def test_every_fact_of_a_rule_or_question_has_words() -> None:
    """Unknown facts are shown to the operator by their words."""
    words = dict(LIBRARY.matrix.facts)
    assert all(words[rule.fact] for row in LIBRARY.matrix.rows for rule in row.rules)
    assert all(words[fact] for question in LIBRARY.matrix.questions for fact in question.facts)


def test_every_question_can_be_left_open() -> None:
    """`I do not know` asserts nothing, and its key is the last."""
    for question in LIBRARY.matrix.questions:
        assert [answer.key for answer in question.answers] == [str(number) for number in range(1, len(question.answers) + 1)]
        assert question.answers[-1].fact == ""
        assert all(answer.fact for answer in question.answers[:-1])
    assert 5 <= len(LIBRARY.matrix.questions) <= 7
