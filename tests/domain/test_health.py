"""Answers to health requests, judged, and how a standing moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import HealthResult, HealthStanding, HttpAnswer, NoAnswer, Verdict, advance, body_verdict, judge

CHECK = HttpCheck("verses", "https://api.example.com/v1/verses")
NOW = Moment(5.0, 1005.0)
G, B, U = Verdict.GOOD, Verdict.BAD, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        (HttpAnswer(200, "", 0.01), G, "200"),
        (HttpAnswer(200, '{"status":"ok"}', 0.01), G, "200"),
        (HttpAnswer(200, '{"status":"degraded"}', 0.01), B, "200, body says degraded"),
        (HttpAnswer(200, '{"ready":false}', 0.01), B, "200, body says ready: false"),
        (HttpAnswer(200, '{"status":', 0.01), G, "200"),
        (HttpAnswer(500, "", 0.01), B, "500, expected 200"),
        (HttpAnswer(302, "", 0.01, redirected_to="/login\x1b[2J"), B, "302 to /login, expected 200"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TIMEOUT), U, "no answer in time"),
        (HttpAnswer(None, "", 4.0, NoAnswer.NAME_NOT_FOUND), U, "name not found"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS), U, "certificate not accepted"),
        (HttpAnswer(None, "", 4.0, NoAnswer.NOT_THE_DRILL), U, "not the drill"),
        (HttpAnswer(None, "", 4.0, NoAnswer.REFUSED), B, "connection refused"),
        (HttpAnswer(None, "", 4.0), U, "network error"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS, certificate=Certificate(1.0, 905.0, CertificateFault.EXPIRED)), B, "certificate expired 100 s ago"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS, certificate=Certificate(fault=CertificateFault.EXPIRED)), B, "certificate expired"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS, certificate=Certificate(1.0, 1305.0, CertificateFault.EXPIRED)), U, "certificate expired"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS, certificate=Certificate(fault=CertificateFault.NAME)), U, "certificate of another name"),
        (HttpAnswer(None, "", 4.0, NoAnswer.TLS, certificate=Certificate(1.0, 9e9)), U, "certificate not accepted"),
        (HttpAnswer(200, "", 0.01, certificate=Certificate(1.0, 905.0)), G, "200"),
        (HttpAnswer(200, "", 0.01, through=True), G, "200 through the API server"),
        (HttpAnswer(503, "", 0.01, through=True), B, "503, expected 200 through the API server"),
        (HttpAnswer(None, "", 0.01, NoAnswer.NO_PODS, through=True), B, "no ready pods behind it"),
        (HttpAnswer(None, "", 0.01, NoAnswer.REFUSED, through=True), B, "connection refused in the pod"),
        (HttpAnswer(None, "", 0.01, NoAnswer.PROXY, "no right", through=True), U, "not reached through the API server"),
    ],
)
def test_an_answer_judged(answer: HttpAnswer, verdict: Verdict, words: str) -> None:
    """A wrong answer is bad; no answer is unknown, save where the host itself said that nobody listens."""
    result = judge(CHECK, answer, NOW)
    assert (result.verdict, result.words, result.at) == (verdict, words, NOW)


def test_the_expected_status_and_text_are_the_checks_own() -> None:
    """A 404 may be what is wanted; a page without the text is not."""
    wanted = HttpCheck("gone", "https://x/", expect_status=404)
    assert judge(wanted, HttpAnswer(404, "", 0.1), NOW).verdict is G
    text = HttpCheck("text", "https://x/", expect_text="In the beginning")
    assert judge(text, HttpAnswer(200, "In the beginning…", 0.1), NOW).verdict is G
    assert judge(text, HttpAnswer(200, "<h1>maintenance</h1>", 0.1), NOW).words == "200, without 'In the beginning'"
    assert judge(HttpCheck("head", "https://x/", "HEAD", expect_text="x"), HttpAnswer(200, "", 0.1), NOW).verdict is G


def test_the_way_of_an_answer_is_kept() -> None:
    """What the direct way met, or what the other one says of itself."""
    asked = judge(CHECK, HttpAnswer(200, "", 0.01, through=True, direct=NoAnswer.NAME_NOT_FOUND), NOW)
    assert (asked.through, asked.detail, asked.problem) == (True, "from here: name not found", None)
    vain = judge(CHECK, HttpAnswer(None, "", 0.01, NoAnswer.PROXY, "no right to ask it", through=True), NOW)
    assert (vain.detail, vain.problem) == ("no right to ask it", NoAnswer.PROXY)
    both = judge(CHECK, HttpAnswer(None, "", 0.01, NoAnswer.TIMEOUT, "no right to ask it", direct=NoAnswer.TIMEOUT), NOW)
    assert (both.words, both.detail) == ("no answer in time", "through the API server: no right to ask it")
    assert judge(CHECK, HttpAnswer(None, "", 0.01, NoAnswer.NAME_NOT_FOUND, "[Errno -2]"), NOW).detail == ""


@given(st.text(max_size=300))
def test_any_body_is_survived(body: str) -> None:
    """Hostile bodies say something or nothing, and raise nothing."""
    body_verdict(body)
    assert judge(CHECK, HttpAnswer(200, body, 0.1), NOW).verdict in (G, B)


def test_a_body_nested_beyond_reason_says_nothing() -> None:
    """A parser bomb is no verdict."""
    assert body_verdict("[" * 100_000) is None


def result(verdict: Verdict, second: float) -> HealthResult:
    """Returns a result at that second."""
    return HealthResult(verdict, 200 if verdict is G else None, 0.01, verdict.value, Moment(second, 1000 + second))


def stand(verdicts: str, needed: int = 2) -> HealthStanding:
    """Returns the standing after results named by their first letters, one a second."""
    standing = HealthStanding()
    for second, letter in enumerate(verdicts):
        standing = advance(standing, result({"g": G, "b": B, "u": U}[letter], float(second)), needed)
    return standing


@pytest.mark.parametrize(
    ("verdicts", "settled", "since"),
    [("g", G, 0), ("b", B, 0), ("gb", G, 0), ("gbb", B, 1), ("gbg", G, 0), ("gbgbgb", G, 0), ("gbub", G, 0), ("guu", U, 1), ("ggbbbb", B, 2), ("bgg", G, 1)],
)
def test_a_verdict_changes_only_after_results_in_a_row(verdicts: str, settled: Verdict, since: int) -> None:
    """One lost answer changes nothing; the change dates from the first result of the row."""
    standing = stand(verdicts)
    assert (standing.verdict, standing.since) == (settled, Moment(float(since), 1000.0 + since))


@given(st.text(alphabet="gbu", max_size=30), st.integers(min_value=1, max_value=4))
def test_a_standing_counts_its_row_and_its_last_good(verdicts: str, needed: int) -> None:
    """The row is the run of equal letters at the end; the last good answer is the last `g`."""
    standing = stand(verdicts, needed)
    assert standing.asked == len(verdicts)
    if verdicts:
        assert standing.consecutive == len(verdicts) - len(verdicts.rstrip(verdicts[-1]))
    last = verdicts.rfind("g")
    assert (standing.last_good.monotonic if standing.last_good else -1) == last
