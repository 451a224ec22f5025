"""What silence means, by what else answers from the same host."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.certificates import Certificate
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import HealthResult, NoAnswer, Verdict
from gospel_rollback_tui.domain.vantage import KUBERNETES, Fault, Reach, Source, furthest, judge_vantage, reach_of_feed, reach_of_result

A, R, S, U = Reach
NOW = 1000.0


def sources(kubernetes: Reach, edge: Reach, argocd: Reach, elsewhere: Reach | None = None) -> list[Source]:
    """Returns the usual sources with those reaches; `elsewhere` is the independent one."""
    found = [Source(KUBERNETES, kubernetes), Source("api.example.com", edge), Source("Argo CD", argocd)]
    return [*found, *([Source("else.example", elsewhere, independent=True)] if elsewhere else [])]


@pytest.mark.parametrize(
    ("seen", "fault", "words"),
    [
        (sources(A, A, A), Fault.NONE, ""),
        (sources(A, A, A, S), Fault.NONE, ""),
        (sources(U, U, U), Fault.NONE, ""),
        (sources(S, A, A), Fault.SOURCE, "api.example.com and Argo CD answer from here: it is the Kubernetes API."),
        (sources(R, A, U), Fault.SOURCE, "api.example.com answers from here: it is the Kubernetes API."),
        (sources(A, S, S), Fault.SOURCE, "The Kubernetes API answers from here: it is api.example.com and Argo CD."),
        (sources(A, S, A, A), Fault.SOURCE, "The Kubernetes API and Argo CD answer from here: it is api.example.com."),
        (sources(S, S, S), Fault.HERE, "Nothing answers from this host: probably this host's network, not the estate."),
        (sources(S, S, S, S), Fault.HERE, "Nothing answers from this host: probably this host's network, not the estate."),
        (sources(S, S, U), Fault.HERE, "Nothing answers from this host: probably this host's network, not the estate."),
        (sources(S, S, S, A), Fault.ESTATE, "else.example answers from here, nothing of the estate does: it is the estate, or the way to it."),
        (sources(R, R, S, A), Fault.ESTATE, "else.example answers from here, nothing of the estate does: it is the estate, or the way to it."),
        (sources(R, S, S), Fault.ESTATE, "Hosts are reached and refuse the connection: it is the estate, not this host's network."),
        (sources(R, U, U), Fault.ESTATE, "Its host is reached and refuses the connection: it is the estate, not this host's network."),
        (sources(S, U, U), Fault.ALONE, "Nothing else is asked from here to compare the Kubernetes API with: ask from a second place."),
        ([], Fault.NONE, ""),
        (
            [*sources(A, A, A), Source("x", S), Source("y", S), Source("z", S)],
            Fault.SOURCE,
            "The Kubernetes API and 2 more answer from here: it is x and 2 more.",
        ),
    ],
)
def test_silence_is_judged_by_what_else_answers(seen: list[Source], fault: Fault, words: str) -> None:
    """The independent place alone never makes a fault, and alone decides between the estate and this host."""
    found = judge_vantage(seen)
    assert (found.fault, found.words) == (fault, words)


@given(st.lists(st.builds(Source, st.sampled_from("abcdef"), st.sampled_from(Reach), st.booleans()), max_size=8))
def test_this_hosts_network_is_blamed_only_where_nothing_answers(seen: list[Source]) -> None:
    """One answer or refusal from anywhere proves that this side works."""
    found = judge_vantage(seen)
    if found.fault is Fault.HERE:
        assert not any(source.reach is A for source in seen)
        assert not any(source.reach is R and not source.independent for source in seen)
    assert (found.fault is Fault.NONE) == (not found.words)


@pytest.mark.parametrize(
    ("state", "why", "heard", "reach"),
    [
        (FeedState.LIVE, "", 1.0, A),
        (FeedState.LIVE, "", 31.0, S),
        (FeedState.LISTING, "", 1.0, A),
        (FeedState.STARTING, "", None, U),
        (FeedState.RECONNECTING, "no answer in time", 10.0, A),
        (FeedState.RECONNECTING, "connection refused", 40.0, R),
        (FeedState.RECONNECTING, "no answer in time", None, U),
        (FeedState.UNREACHABLE, "name not found", 40.0, S),
        (FeedState.UNREACHABLE, "no answer in time", None, S),
        (FeedState.UNREACHABLE, "certificate expired", None, A),
        (FeedState.DOWN, "connection refused", None, R),
        (FeedState.DOWN, "answers 503", None, A),
        (FeedState.DOWN, "connection cut", None, S),
        (FeedState.REFUSED, "", None, A),
        (FeedState.FORBIDDEN, "", None, A),
        (FeedState.BUSY, "", None, A),
        (FeedState.STOPPED, "", None, U),
    ],
)
def test_how_far_a_feed_gets(state: FeedState, why: str, heard: float | None, reach: Reach) -> None:
    """A login that is refused is an answer; a stale feed is silent whatever its connection says."""
    at = None if heard is None else Moment(NOW - heard, 0.0)
    assert reach_of_feed(FeedStatus(state, Moment(0.0, 0.0), at, why=why), NOW) is reach


@pytest.mark.parametrize(
    ("problem", "certificate", "reach"),
    [
        (None, None, A),
        (NoAnswer.REFUSED, None, R),
        (NoAnswer.TIMEOUT, None, S),
        (NoAnswer.NAME_NOT_FOUND, None, S),
        (NoAnswer.NETWORK, None, S),
        (NoAnswer.TLS, None, S),
        (NoAnswer.TLS, Certificate(), A),
        (NoAnswer.NOT_THE_DRILL, None, A),
    ],
)
def test_how_far_a_check_gets(problem: NoAnswer | None, certificate: Certificate | None, reach: Reach) -> None:
    """A shown certificate is an answer; a handshake that broke off is none."""
    assert reach_of_result(HealthResult(Verdict.UNKNOWN, None, 0.1, "", Moment(NOW, 0.0), problem, certificate)) is reach


def test_an_address_that_only_the_cluster_reaches_is_no_vantage() -> None:
    """Neither its answer nor its silence tells of the way from here."""
    for through, direct in ((True, None), (True, NoAnswer.TIMEOUT), (False, NoAnswer.TIMEOUT)):
        assert reach_of_result(HealthResult(Verdict.GOOD, 200, 0.1, "", Moment(NOW, 0.0), through=through, direct=direct)) is U


def test_one_host_is_as_far_as_its_furthest_answer() -> None:
    """Many checks of one address are one source."""
    assert furthest([S, R, A]) is A
    assert furthest([S, R, U]) is R
    assert furthest([U, S]) is S
    assert furthest([]) is U
    assert reach_of_result(None) is U
