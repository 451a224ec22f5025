"""Log lines: time, level and kind of error, from honest and from hostile text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.log_lines import LINE_LIMIT, SIGNATURE_LIMIT, marker_line, read_line, signature_of, split_stamp

STAMP = "2026-11-23T03:12:31.123456789Z "


@pytest.mark.parametrize(
    ("text", "level", "error", "signature"),
    [
        ("GET /v1/verses/gen.1.1 200 9ms", "", False, ""),
        ('level=info msg="listening on :8080"', "info", False, ""),
        ('{"level":"error","msg":"query failed after 3 tries"}', "error", True, "error: query failed after … tries"),
        ('{"severity": "ERROR", "message": "no route"}', "error", True, "error: no route"),
        ("2026-11-23 03:12:31 ERROR db: connection 17 lost", "error", True, "error: db: connection … lost"),
        ("E1123 03:12:31.000000       1 server.go:42] lost", "error", True, "error: E1… …:…:… … server.go:…] lost"),
        ("W1123 03:12:31.000000       1 server.go:42] slow", "warning", False, ""),
        ("[WARN] the cache is cold", "warn", False, ""),
        ("panic: assignment to entry in nil map", "", True, "panic: assignment to entry in nil map"),
        ('ERROR panic: nil map in route table request="GET /v1/x" status=500', "error", True, "panic: nil map in route table"),
        ("goroutine 17 [running]:", "", False, ""),
        ("thread 'main' panicked at src/main.rs:4:5", "", True, "panic: thread 'main' panicked at src/main.rs:…:…"),
        ("Traceback (most recent call last):", "", True, "Traceback (most recent call last):"),
        ("ValueError: 17 is not a verse", "", True, "traceback: ValueError: … is not a verse"),
        ('ERROR: column "x" does not exist (SQLSTATE 42703)', "error", True, 'SQLSTATE 42703: column "x" does not exist (SQLSTATE …)'),
        ("GET /v1/verses/gen.1.1 500 41ms", "", True, "HTTP 500: GET /v1/verses/gen.… … …ms"),
        ('"GET /v1/search?q=grace HTTP/1.1" 503 0', "", True, 'HTTP 503: "GET /v1/search?q=grace HTTP/…" … …'),
        ('{"level":"info","status":502,"path":"/v1"}', "info", True, None),
        ("retried 500 times, fine", "", False, ""),
        ("no error was found", "", False, ""),
        ("terror is not a level", "", False, ""),
    ],
)
def test_what_a_line_says(text: str, level: str, error: bool, signature: str | None) -> None:
    """Level, whether it is an error, and which kind."""
    line = read_line(STAMP + text, "gateway", "gateway-abc")
    assert (line.level, line.error) == (level, error)
    if signature is not None:
        assert line.signature == signature


@pytest.mark.parametrize("kind", ["panic: nil map", "GET /x 500", "ERROR: boom"])
def test_lines_that_differ_in_what_varies_have_one_signature(kind: str) -> None:
    """Numbers, addresses and identifiers are taken out."""
    first = read_line(f"{kind} request 17 from 10.0.3.4:5512 id 3f2a9c1e-0b1d-4b7e-9f57-1c2d3e4f5a6b at 0xc000123", "s", "p")
    second = read_line(f"{kind} request 9 from 10.0.3.19:80 id 00000000-0b1d-4b7e-9f57-1c2d3e4f5a6b at 0xc0ffee", "s", "p")
    assert first.signature == second.signature != ""


@pytest.mark.parametrize(
    ("raw", "nanoseconds", "rest"),
    [
        ("1970-01-01T00:00:01Z x", 1_000_000_000, "x"),
        ("1970-01-01T00:00:01.5Z x", 1_500_000_000, "x"),
        ("1970-01-01T00:00:01.000000001Z  x", 1_000_000_001, " x"),
        ("1970-01-01T01:00:01.25+01:00 x", 1_250_000_000, "x"),
        ("1970-01-01T00:00:01Z", 1_000_000_000, ""),
        ("1970-13-41T00:00:01Z x", None, "1970-13-41T00:00:01Z x"),
        ("no stamp", None, "no stamp"),
        ("", None, ""),
    ],
)
def test_the_kubelets_stamp_is_read_to_the_nanosecond(raw: str, nanoseconds: int | None, rest: str) -> None:
    """Whatever the fraction's length and the zone; what is no time stays in the line."""
    assert split_stamp(raw) == (nanoseconds, rest)


def test_a_line_is_harmless_and_without_secrets() -> None:
    """Escapes go, credentials are redacted, the length is bounded."""
    line = read_line("\x1b]52;c;aGk=\x07ERROR postgres://auth:hunter2@db/auth \u202e" + "x" * 9000, "s", "p")
    assert "\x1b" not in line.text
    assert "\u202e" not in line.text
    assert "hunter2" not in line.text
    assert len(line.text) <= LINE_LIMIT + 1


@given(st.text(max_size=400))
def test_any_text_is_survived(raw: str) -> None:
    """No text raises, and nothing exceeds its limit."""
    line = read_line(raw, "s", "p")
    assert len(line.signature) <= SIGNATURE_LIMIT
    assert bool(line.signature) == line.error
    assert "\x1b" not in line.text


@given(st.text(alphabet=" =:\"'.\\0aE[](){}", min_size=1000, max_size=4000))
def test_no_pattern_runs_away(raw: str) -> None:
    """Text made to defeat regular expressions is read in one go."""
    read_line(raw, "s", "p")
    signature_of(raw)


def test_a_marker_is_no_error() -> None:
    """What this program writes between the lines is told apart."""
    marker = marker_line("container restarted: OOMKilled", "s", "p", 5.0)
    assert (marker.marker, marker.error, marker.at) == (True, False, 5.0)
