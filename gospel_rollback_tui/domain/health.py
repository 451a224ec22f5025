"""Judges answers to health requests: no answer is unknown, a wrong answer is bad, one alone changes nothing."""

import json
from dataclasses import dataclass, replace
from enum import Enum

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault, refused_words
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.text import clean, redact

RESULTS_TO_CHANGE = 2
"""Consecutive results of the other kind before a shown verdict changes; the first result counts at once."""

_GOOD_WORDS = frozenset({"ok", "okay", "pass", "passing", "healthy", "ready", "up", "alive", "serving", "true"})
_BAD_WORDS = frozenset({"fail", "failed", "failing", "error", "unhealthy", "not ready", "down", "degraded", "unavailable", "false"})


class Verdict(Enum):
    """Three values: what is not known is neither good nor bad."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class NoAnswer(Enum):
    """Why a request brought no answer; the value is the word shown."""

    REFUSED = "connection refused"
    TIMEOUT = "no answer in time"
    NAME_NOT_FOUND = "name not found"
    TLS = "certificate not accepted"
    NETWORK = "network error"
    NO_PODS = "no ready pods behind it"
    """The API server knows no endpoint of the service: nobody can be served."""
    PROXY = "not reached through the API server"
    """The API server did not hand the request on; the detail says why."""
    NOT_THE_DRILL = "not the drill"
    """Something answered without the drill's own nonce: it is not asked again by mistake."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What one request brought: a status, or why there is none."""

    status: int | None
    """None: no answer; `problem` says why."""
    body: str
    """Start of the body as it came, undecoded bytes replaced; at most 64 KB. Not yet cleaned."""
    latency: float
    """Seconds from asking to the end of the answer or of waiting."""
    problem: NoAnswer | None = None
    detail: str = ""
    """Words of the failure, cleaned."""
    redirected_to: str = ""
    """Target of a redirect, which is never followed."""
    certificate: Certificate | None = None
    """What the server showed over TLS; None: plain HTTP, or the handshake did not get so far."""
    through: bool = False
    """Whether it was asked through the API server's proxy."""
    direct: NoAnswer | None = None
    """What the direct way met before the API server was asked; None: it answered, or was not tried."""


@dataclass(frozen=True, slots=True)
class HealthResult:
    """One answer, judged."""

    verdict: Verdict
    status: int | None
    latency: float
    words: str
    """What was seen: `200`, `500, expected 200`, `connection refused`, `200, body says degraded`."""
    at: Moment
    problem: NoAnswer | None = None
    """Why there is no answer; None: there is one."""
    certificate: Certificate | None = None
    """What the server showed over TLS."""
    through: bool = False
    """Whether it was asked through the API server's proxy."""
    direct: NoAnswer | None = None
    """What the direct way met before the API server was asked."""
    detail: str = ""
    """More words about the way it was asked; empty: nothing to add."""


@dataclass(frozen=True, slots=True)
class HealthStanding:
    """How a check stands after all its results."""

    verdict: Verdict = Verdict.UNKNOWN
    """The settled verdict: it changes only after enough results in a row."""
    since: Moment | None = None
    """When the first result of the run that settled it came."""
    latest: HealthResult | None = None
    """The newest result; None: not asked yet."""
    consecutive: int = 0
    """Results in a row with the latest's verdict."""
    run_began: Moment | None = None
    """When that row began."""
    last_good: Moment | None = None
    """When it last answered well; None: never seen."""
    asked: int = 0
    """Results so far."""


def judge(check: HttpCheck, answer: HttpAnswer, at: Moment) -> HealthResult:
    """Returns what the answer says about the check.

    No answer is unknown, never bad: a dead link on this side looks the same. A refused connection is bad: the host
    answered that nobody listens. So is a Service without ready pods, and a certificate whose end has passed: users are refused too. Every other
    fault of a certificate may be this host's own: its clock, its authorities, a proxy on the way.
    """
    if answer.status is None:
        return _judge_silence(answer, at)
    verdict, words = _judge_status(check, answer)
    if answer.through:
        words = f"{words} through the API server"
    return HealthResult(
        verdict, answer.status, answer.latency, words, at, certificate=answer.certificate, through=answer.through, direct=answer.direct, detail=_way(answer)
    )


def _way(answer: HttpAnswer) -> str:
    """Returns what the other way met, where two were tried, or what the only one says of itself."""
    if answer.through:
        return f"from here: {answer.direct.value}" if answer.direct is not None else answer.detail
    return f"through the API server: {answer.detail}" if answer.direct is not None else ""


def _judge_silence(answer: HttpAnswer, at: Moment) -> HealthResult:
    problem = answer.problem or NoAnswer.NETWORK
    shown = answer.certificate
    words = refused_words(shown, at.wall) if problem is NoAnswer.TLS and shown is not None and shown.fault is not None else problem.value
    expired = shown is not None and shown.fault is CertificateFault.EXPIRED and (shown.ends is None or shown.ends <= at.wall)
    if answer.through and problem is NoAnswer.REFUSED:
        words = f"{words} in the pod"
    verdict = Verdict.BAD if problem in (NoAnswer.REFUSED, NoAnswer.NO_PODS) or expired else Verdict.UNKNOWN
    return HealthResult(verdict, None, answer.latency, words, at, problem, shown, answer.through, answer.direct, _way(answer))


def _judge_status(check: HttpCheck, answer: HttpAnswer) -> tuple[Verdict, str]:
    if answer.status != check.expect_status:
        target = f" to {clean(redact(answer.redirected_to), 60)}" if answer.redirected_to else ""
        return Verdict.BAD, f"{answer.status}{target}, expected {check.expect_status}"
    if check.expect_text and check.method != "HEAD" and check.expect_text not in answer.body:
        return Verdict.BAD, f"{answer.status}, without {clean(check.expect_text, 40)!r}"
    said = body_verdict(answer.body)
    if said is not None and said[0] is Verdict.BAD:
        return Verdict.BAD, f"{answer.status}, body says {said[1]}"
    return Verdict.GOOD, str(answer.status)


def body_verdict(body: str) -> tuple[Verdict, str] | None:
    """Returns what a JSON body says in `status`, `state`, `healthy` or `ready`; None: it says nothing known."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    for key in ("status", "state", "healthy", "ready"):
        value = parsed.get(key)
        if not isinstance(value, str | bool):
            continue
        word = str(value).strip().lower().replace("_", " ")
        if word in _GOOD_WORDS:
            return Verdict.GOOD, word
        if word in _BAD_WORDS:
            return Verdict.BAD, word if isinstance(value, str) else f"{key}: {word}"
    return None


def advance(standing: HealthStanding, result: HealthResult, needed: int = RESULTS_TO_CHANGE) -> HealthStanding:
    """Returns the standing after one more result.

    A verdict changes only after `needed` results in a row; the very first result is taken at once, so that the
    first paint is not a screen of unknowns.
    """
    same = standing.latest is not None and standing.latest.verdict is result.verdict
    consecutive = standing.consecutive + 1 if same else 1
    began = standing.run_began if same else result.at
    moved = replace(
        standing,
        latest=result,
        consecutive=consecutive,
        run_began=began,
        last_good=result.at if result.verdict is Verdict.GOOD else standing.last_good,
        asked=standing.asked + 1,
    )
    if standing.asked == 0 or (result.verdict is not standing.verdict and consecutive >= needed):
        return replace(moved, verdict=result.verdict, since=began)
    return moved
