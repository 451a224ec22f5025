"""Reads one log line: when, how bad, and which kind of error it is; made for hostile text."""

import re
from dataclasses import dataclass
from datetime import datetime

from gospel_rollback_tui.domain.text import clean, redact

LINE_LIMIT = 2000
"""Characters of a line that are kept."""
SIGNATURE_LIMIT = 120
"""Characters of a signature."""

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?")
_LEVEL_PAIR = re.compile(r"""["']?\b(?:level|lvl|severity|loglevel|log\.level|levelname)["']?\s*[=:]\s*["']?([A-Za-z]+)""", re.IGNORECASE)
_LEVEL_WORD = re.compile(r"(?:^|[\s\[|(])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|CRIT|FATAL|PANIC|ALERT|EMERG)(?=[\s\]|):,]|$)")
_GLOG = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d")
_PANIC = re.compile(r"\bpanic:\s|^\s*fatal error:\s|\bpanicked at\b")
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):|^[\w.]*(?:Error|Exception|Exit|Interrupt)(?::|$)")
_SQLSTATE = re.compile(r"\bSQLSTATE[\s:=(\[]*([0-9A-Z]{5})\b")
_HTTP = re.compile(
    r"""(?:["']?\b(?:status|status_code|http_status|code)["']?\s*[=:]\s*["']?(5\d\d)\b)"""
    r"""|(?:\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+\S+(?:\s+HTTP/\d(?:\.\d)?)?["']?\s+(5\d\d)\b)"""
)
_MESSAGE = re.compile(r"""["']?\b(?:msg|message|error|err)["']?\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+))""")
_LEADING = re.compile(r"^(?:[\s\d:.,+/\[\]|-]|(?<=\d)[TZ])+")
_LEADING_LEVEL = re.compile(r"^(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|CRIT|FATAL|ALERT|EMERG)\b[\s:|\]-]*")
_FIELD = re.compile(r"""\s[A-Za-z_][\w.]*=(?:"[^"]*"|\S*)""")
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "…"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "…"),
    (re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{12,}\b", re.IGNORECASE), "…"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "…"),
    (re.compile(r"(?<![A-Za-z_])\d+(?:\.\d+)*"), "…"),
    (re.compile(r"\s+"), " "),
)
_ERROR_LEVELS = frozenset({"error", "err", "critical", "crit", "fatal", "panic", "alert", "emerg", "emergency"})


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line as shown, harmless and without secrets."""

    at: float | None
    """Wall time the kubelet wrote it; None: the line carried no time."""
    service: str
    pod: str
    text: str
    """Cleaned, redacted, at most LINE_LIMIT characters."""
    level: str = ""
    """Lower case, `error`, `info`…; empty: it says none."""
    error: bool = False
    signature: str = ""
    """The kind of error; empty for lines that are none."""
    marker: bool = False
    """Written by this program, e.g. `container restarted 03:12:04`."""


def split_stamp(raw: str) -> tuple[int | None, str]:
    """Returns (nanoseconds since the epoch, rest) of a line that the kubelet stamped; (None, line) otherwise.

    Whole nanoseconds, because they order the lines of a stream and a float would not hold them.
    """
    match = _STAMP.match(raw)
    if match is None:
        return None, raw
    try:
        whole = int(datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00")).timestamp())
    except (ValueError, OverflowError):
        return None, raw
    return whole * 1_000_000_000 + int((match[2] or "0").ljust(9, "0")), raw[match.end() :]


def read_line(raw: str, service: str, pod: str) -> LogLine:
    """Returns the line with its time, level and kind of error."""
    stamp, rest = split_stamp(raw)
    at = None if stamp is None else stamp / 1e9
    text = clean(redact(rest[: LINE_LIMIT * 2]), LINE_LIMIT)
    level = level_of(text)
    kind = _kind(text, level)
    signature = _named(kind, text) if kind else ""
    return LogLine(at, service, pod, text, level, bool(kind), signature[:SIGNATURE_LIMIT])


def marker_line(words: str, service: str, pod: str, at: float) -> LogLine:
    """Returns a line of this program's own between the pod's lines."""
    return LogLine(at, service, pod, clean(words), marker=True)


def level_of(text: str) -> str:
    """Returns the level that a line states, in lower case; empty when it states none."""
    pair = _LEVEL_PAIR.search(text)
    if pair:
        return pair[1].lower()
    glog = _GLOG.match(text)
    if glog:
        return {"I": "info", "W": "warning", "E": "error", "F": "fatal"}[glog[1]]
    word = _LEVEL_WORD.search(text[:200])
    return word[1].lower() if word else ""


def _kind(text: str, level: str) -> str:
    """Returns the kind of error, most telling first: panic, SQLSTATE, traceback, HTTP 5xx, the level; empty: none."""
    if _PANIC.search(text):
        return "panic"
    sqlstate = _SQLSTATE.search(text)
    if sqlstate:
        return f"SQLSTATE {sqlstate[1]}"
    if _TRACEBACK.search(text):
        return "traceback"
    http = _HTTP.search(text)
    if http:
        return f"HTTP {http[1] or http[2]}"
    return level if level in _ERROR_LEVELS else ""


def message_of(text: str) -> str:
    """Returns what a line says without its time, level and fields: the `msg` of structured lines, else the line stripped."""
    found = _MESSAGE.search(text)
    message = next((group for group in found.groups() if group), "") if found else ""
    if message:
        return message
    stripped = _LEADING_LEVEL.sub("", _LEADING.sub("", text), count=1)
    return _FIELD.sub("", stripped).strip() or text.strip()


def signature_of(text: str) -> str:
    """Returns what a line says with everything that varies from one occurrence to the next taken out."""
    core = message_of(text)
    for pattern, sign in _VARYING:
        core = pattern.sub(sign, core)
    return core.strip()[:SIGNATURE_LIMIT]


def _named(kind: str, text: str) -> str:
    """Returns the signature with its kind before it, unless it says so itself."""
    signature = signature_of(text)
    return signature if signature.lower().startswith(kind.lower()) else f"{kind}: {signature}"
