"""Prometheus' query API against real sockets: every kind of answer, and every way of there being none."""

import json
import math
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, NotSent, ServerDown, Throttled
from gospel_rollback_tui.domain.estate import Metrics
from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, expanded
from gospel_rollback_tui.domain.metrics import MetricAnswer, MetricSample, past_of, present_of
from gospel_rollback_tui.drill.loopback_http import LoopbackServer
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers
from gospel_rollback_tui.drill.script import BAD_TAG, NAMESPACE
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.infra.metrics import PrometheusApi, metric_source
from gospel_rollback_tui.infra.metrics_answer import BODY_LIMIT
from tests.infra.test_probes import reply, self_signed, serving

DATE = "Date: Sat, 14 Nov 2026 03:12:00 GMT"
AT = 1_794_625_920.0
TOKEN = "s3cr3t-t0ken"


def api(port: int, **changes: object) -> PrometheusApi:
    """Returns an adapter for a loopback port, without what this machine's environment says."""
    return PrometheusApi(Metrics(f"http://127.0.0.1:{port}/prom"), environment={}, **changes)  # type: ignore[arg-type]  # keywords of a table


def ask(status: str, body: object, *headers: str) -> MetricAnswer:
    """Returns what one question brings when the server answers so."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with serving(reply(status, content, *headers)) as port:
        return api(port).now("up")


def good(kind: str, result: object, **more: object) -> dict[str, object]:
    """Returns the document of a good answer."""
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def overheard(question: Callable[[int], object]) -> bytes:
    """Returns what a question to that port sends; it is answered by nothing found."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(65536))
                reply("200 OK", json.dumps(good("vector", [])).encode())(connection, threading.Event())

        thread = threading.Thread(target=serve)
        thread.start()
        question(listener.getsockname()[1])
        thread.join()
    return heard[0]


def test_a_vector_is_one_sample_a_series_with_the_servers_time() -> None:
    """Numbers come as text, and the labels are not needed."""
    answer = ask("200 OK", good("vector", [{"metric": {"a": "b"}, "value": [AT, "0.31"]}, {"metric": {}, "value": [AT, "NaN"]}]), DATE)
    assert answer.series[0] == (MetricSample(AT, 0.31),)
    assert math.isnan(answer.series[1][0].value)
    assert (answer.problem, answer.at) == ("", AT)


def test_a_scalar_a_matrix_and_an_empty_vector_are_answers() -> None:
    """An empty one has no series: it is for the judgement to say what that means."""
    assert ask("200 OK", good("scalar", [AT, "+Inf"])).series == ((MetricSample(AT, math.inf),),)
    matrix = ask("200 OK", good("matrix", [{"metric": {}, "values": [[AT, "1"], [AT + 60, "2"]]}]))
    assert matrix.series == ((MetricSample(AT, 1.0), MetricSample(AT + 60, 2.0)),)
    assert ask("200 OK", good("vector", [])) == MetricAnswer()


def test_a_range_names_begin_end_and_step_and_the_query_stays_whole() -> None:
    """Braces, quotes and plus signs of PromQL arrive as they were written, under the server's own path."""
    asked = overheard(lambda port: api(port).past('sum(rate(x{a="b + c"}[1m])) / 2', 100.0, 700.0, 60.0))
    target = urlsplit(asked.decode().split(" ")[1])
    assert target.path == "/prom/api/v1/query_range"
    assert parse_qs(target.query) == {"query": ['sum(rate(x{a="b + c"}[1m])) / 2'], "start": ["100.000"], "end": ["700.000"], "step": ["60"]}


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        ("400 Bad Request", {"status": "error", "errorType": "bad_data", "error": "1:4: parse error"}, "the query is refused: 1:4: parse error"),
        ("422 Unprocessable", {"status": "error", "errorType": "execution", "error": "many-to-many"}, "the query is refused: many-to-many"),
        (
            "503 Unavailable",
            {"status": "error", "errorType": "timeout", "error": "query timed out"},
            "the query takes too long for the server: query timed out",
        ),
        ("200 OK", good("string", [AT, "x"]), "answers string, which is no series of numbers"),
        ("200 OK", good("vector", [{"metric": {}, "histogram": [AT, {}]}]), "answers vector, which is no series of numbers"),
        ("200 OK", good("vector", [{"metric": {}, "value": [AT, "many"]}]), "answers vector, which is no series of numbers"),
        ("200 OK", {"status": "success"}, "answers without a reason, which is no series of numbers"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_with_the_answer(status: str, body: object, problem: str) -> None:
    """The server lives: other queries go on."""
    answer = ask(status, body, DATE)
    assert (answer.problem, answer.series, answer.at) == (problem, (), AT)


def test_warnings_are_kept_beside_a_good_answer_and_are_harmless() -> None:
    """They come from outside as everything does; three are enough."""
    answer = ask("200 OK", good("vector", [{"metric": {}, "value": [AT, "1"]}], warnings=["a store is \x1b[31mgone", "b", "c", "d"]))
    assert answer.warnings == ("a store is gone", "b", "c")
    assert answer.series


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        ("401 Unauthorized", b"go away", CredentialsExpired, "does not know who asks (401)"),
        ("401 Unauthorized", {"status": "error", "errorType": "bad_data", "error": "x"}, CredentialsExpired, "401"),
        ("403 Forbidden", b"not \x1b]52;c;x\x07you", Forbidden, "does not allow it (403): not you"),
        ("429 Too Many", b"", Throttled, "429"),
        ("502 Bad Gateway", b"<html>", ServerDown, "does not serve (502)"),
        ("500 Oops", {"status": "error", "errorType": "internal", "error": "disk"}, ServerDown, "(500): disk"),
        ("302 Found", b"", NoRoute, "points to elsewhere: a login page"),
        ("404 Not Found", b"404 page not found", NoRoute, "is no Prometheus: 404 page not found"),
        ("200 OK", b"<html>welcome</html>", NoRoute, "is no Prometheus"),
        ("200 OK", [1], NoRoute, "is no Prometheus"),
        ("200 OK", b"[" * 100_000, NoRoute, "is no Prometheus"),
    ],
)
def test_what_is_wrong_with_the_server_is_an_error_with_its_reason(status: str, body: object, error: type[NotSent], words: str) -> None:
    """Login, right, load, down, another thing: five different sentences."""
    with pytest.raises(error) as raised:
        ask(status, body)
    assert words in raised.value.text
    assert raised.value.text.isprintable()


def test_an_answer_without_end_is_cut() -> None:
    """Memory is bounded, and the operator is told what to write instead."""

    def pour(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"[" * 65536)

    with serving(pour) as port:
        answer = api(port).now("up")
    assert f"more than {BODY_LIMIT // 1024 // 1024} MB" in answer.problem


def test_one_that_accepts_and_never_answers_is_given_up_at_the_deadline() -> None:
    """The reason names the server; so it is when it drips its headers."""

    def silent(_: socket.socket, over: threading.Event) -> None:
        over.wait()

    def drip(connection: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.05):
            connection.sendall(b"H")

    for answer in (silent, drip):
        with serving(answer) as port, pytest.raises(NoRoute, match=f"No answer from 127.0.0.1:{port} within 0.3 s"):
            api(port, total=0.3).now("up")


def test_nobody_listening_and_a_name_that_is_not_found_are_told_apart() -> None:
    """Refused is the host's own word; a name that does not resolve says nothing about the host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    with pytest.raises(ServerDown, match="connection refused"):
        api(port).now("up")
    with pytest.raises(NoRoute, match=r"nobody\.invalid"):
        PrometheusApi(Metrics("http://nobody.invalid"), environment={"NO_PROXY": "*"}).now("up")


def test_a_certificate_counts_only_with_its_authority(tmp_path: Path) -> None:
    """As everywhere; the configuration may name one."""
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(reply("200 OK", json.dumps(good("scalar", [AT, "1"])).encode()), context) as port:
        url = f"https://127.0.0.1:{port}"
        with pytest.raises(NoRoute, match="certificate of 127"):
            PrometheusApi(Metrics(url), environment={}).now("up")
        assert PrometheusApi(Metrics(url, ca_file=str(certificate)), environment={}).now("up").series
    with pytest.raises(NoRoute, match="authority /nowhere cannot be read"):
        PrometheusApi(Metrics("https://x", ca_file="/nowhere"), environment={}).now("up")


def test_a_token_is_read_each_time_and_never_shown(tmp_path: Path) -> None:
    """From its file, else from the environment; one that is none, or a way in the clear, is refused before anything is sent."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    with serving(reply("401 Unauthorized")) as port:
        adapter = PrometheusApi(Metrics(f"http://127.0.0.1:{port}", token_file=str(file)), environment={})
        with pytest.raises(CredentialsExpired) as raised:
            adapter.now("up")
    assert TOKEN not in f"{adapter!r} {raised.value.sentences()}"
    for text, words in (("two words", "is no token"), (None, "cannot be read")):
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
        with pytest.raises(CredentialsExpired, match=words):
            adapter.now("up")
    with pytest.raises(CredentialsExpired, match="in the clear"):
        PrometheusApi(Metrics("http://prometheus.example"), environment={"PROMETHEUS_TOKEN": TOKEN}).now("up")


def test_the_token_goes_out_as_a_bearer_in_the_header_alone(tmp_path: Path) -> None:
    """Not in the address, which proxies write down."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    asked = overheard(lambda port: PrometheusApi(Metrics(f"http://127.0.0.1:{port}", token_file=str(file)), environment={}).now("up"))
    assert f"Authorization: Bearer {TOKEN}".encode() in asked
    assert TOKEN.encode() not in asked.split(b"\r\n")[0]


def test_a_drill_talks_to_its_own_estate_only() -> None:
    """An answer without the nonce, and any other machine, is refused; no token leaves."""
    body = json.dumps(good("vector", [])).encode()
    with serving(reply("200 OK", body)) as port, pytest.raises(NoRoute, match="not this drill's own"):
        api(port, nonce="mine").now("up")
    with serving(reply("200 OK", body, "Gospel-Rollback-Drill: mine")) as port:
        assert api(port, nonce="mine").now("up") == MetricAnswer()

    def ask_with_a_token_at_hand(port: int) -> None:
        with pytest.raises(NoRoute):
            PrometheusApi(Metrics(f"http://127.0.0.1:{port}"), nonce="mine", environment={"PROMETHEUS_TOKEN": TOKEN}).now("up")

    assert TOKEN.encode() not in overheard(ask_with_a_token_at_hand)
    with pytest.raises(NoRoute, match="this machine only"):
        PrometheusApi(Metrics("http://192.0.2.1"), nonce="mine").now("up")


def test_the_drills_own_prometheus_is_read_as_any_other() -> None:
    """Now and past of a usual query, one that finds nothing, and one that is refused with Prometheus' own words."""
    server = LoopbackServer("mine", PrometheusAnswers(find_script("ready-but-failing"), lambda _service: (BAD_TAG,)))
    server.start()
    try:
        adapter = PrometheusApi(Metrics(server.url), nonce="mine", environment={})
        errors = expanded(DEFAULT_QUERIES, NAMESPACE, ())[0].promql
        answer = adapter.now(errors)
        present, problem = present_of(answer)
        assert present is not None
        assert (present.value > 0.9, problem) == (True, "")
        assert abs(answer.at - present.at) < 60
        past = past_of(adapter.past(errors, present.at - 600, present.at, 60.0))
        assert [round(sample.at - present.at) for sample in past] == [-600 + 60 * number for number in range(11)]
        assert past[0].value < 0.1 < past[-1].value
        assert present_of(adapter.now("up"))[1] == "absent: the query finds nothing"
        assert "parse error: unclosed left parenthesis" in adapter.now("sum(rate(").problem
    finally:
        server.close()


def test_without_an_address_there_is_nobody_to_ask() -> None:
    """Nothing is made that could ask."""
    assert metric_source(Metrics()) is None
    assert metric_source(Metrics("https://prometheus.example")) is not None
