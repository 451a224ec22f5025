"""The services as users and probes meet them."""

import json

import pytest

from gospel_rollback_tui.drill.loopback_http import Request
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.services import ServiceAnswers


def asked(answers: ServiceAnswers, path: str, method: str = "GET") -> int:
    """Return the status of the answer to a request."""
    return answers(Request(method, path, {}, b"")).status


def answers_of(script: str, gateway: tuple[str, ...], others: tuple[str, ...] = (GOOD_TAG,)) -> ServiceAnswers:
    """Return the services of a script with these Ready pods of the gateway and of every other service."""
    return ServiceAnswers(find_script(script), lambda service: gateway if service == "gateway" else others)


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/ready", 200), ("/v1/verses/gen.1.1", 500), ("/v1/search", 500)])
def test_a_bad_release_is_healthy_and_fails_its_users(path: str, status: int) -> None:
    """Probes are green while verses answer 500: the default incident."""
    assert asked(answers_of("ready-but-failing", (BAD_TAG, BAD_TAG)), path) == status


def test_old_and_new_pods_take_turns() -> None:
    """In the middle of a rollout every other request still fails."""
    answers = answers_of("ready-but-failing", (BAD_TAG, GOOD_TAG))
    assert sorted(asked(answers, "/v1/verses/gen.1.1") for _ in range(4)) == [200, 200, 500, 500]


def test_a_pod_behind_a_service_answers_its_own_paths() -> None:
    """As the API server's proxy reaches it; no other Service has anything that listens."""
    answers = answers_of("ready-but-failing", (BAD_TAG,))
    seen = [answers.within("gospelib-gateway", path) for path in ("/health", "/v1/verses/gen.1.1")]
    assert [answer.status for answer in seen if answer] == [200, 500]
    assert answers.within("falkordb", "/health") is None


def test_without_ready_pods_the_answer_is_503() -> None:
    """No pod, no answer: through the public address and at the service's own probes."""
    answers = answers_of("crash-loop", ())
    assert {asked(answers, path) for path in ("/health", "/v1/verses/gen.1.1", "/services/gateway/ready")} == {503}
    assert asked(answers, "/services/content/health") == 200


def test_the_gateway_needs_the_service_behind_it() -> None:
    """A healthy gateway passes on that nobody answers behind it, but stays alive itself."""
    answers = answers_of("ready-but-failing", (GOOD_TAG,), ())
    assert asked(answers, "/v1/verses/gen.1.1") == 503
    assert asked(answers, "/health") == 200


def test_only_search_fails_when_the_graph_is_empty() -> None:
    """Content answers 503 on search and everything else is green."""
    answers = answers_of("empty-graph", (GOOD_TAG,))
    assert asked(answers, "/v1/search") == 503
    assert {asked(answers, path) for path in ("/v1/verses/gen.1.1", "/ready", "/services/content/ready")} == {200}


@pytest.mark.parametrize("path", ["/nope", "/services/nope/health", "/services/gateway/nope", "/services/gateway"])
def test_unknown_paths_are_not_found(path: str) -> None:
    """What the estate does not serve answers 404."""
    assert asked(answers_of("ready-but-failing", (GOOD_TAG,)), path) == 404


def test_nothing_is_changed_through_the_public_api() -> None:
    """Anything but reading is refused."""
    assert asked(answers_of("ready-but-failing", (GOOD_TAG,)), "/v1/verses/gen.1.1", "POST") == 405


def test_a_good_answer_has_the_verse_in_it() -> None:
    """The symptom can be judged by its text as well as by its status."""
    response = answers_of("ready-but-failing", (GOOD_TAG,))(Request("GET", "/v1/verses/gen.1.1", {}, b""))
    assert json.loads(response.body)["ref"] == "gen.1.1"
