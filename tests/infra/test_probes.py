"""The HTTP probe against real sockets: every failure is a value, and nothing takes longer than its deadline."""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gospel_rollback_tui.domain.certificates import CertificateFault, ending_words, refused_words
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.infra.probes import BODY_LIMIT, NONCE_HEADER, HttpProbe


@contextmanager
def serving(answer: Callable[[socket.socket, threading.Event], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serves each connection on a loopback port with `answer` until the block ends."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if context is None:
                connection.recv(65536)
                answer(connection, over)
                return
            with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as spoken:
                spoken.do_handshake()
                spoken.recv(65536)
                answer(spoken, over)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        thread.join()
        listener.close()


def reply(status: str, body: bytes = b"", *headers: str) -> Callable[[socket.socket, threading.Event], None]:
    """Returns an answer that sends one whole response."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]

    def send(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    return send


def ask(port: int, probe: HttpProbe | None = None, path: str = "/health") -> HttpAnswer:
    """Asks a loopback port."""
    return (probe or HttpProbe()).ask(HttpCheck("health", f"http://127.0.0.1:{port}{path}"))


def self_signed(folder: Path, *, begins: float = -1.0, ends: float = 1.0, host: str = "127.0.0.1") -> Path:
    """Returns a file with a key and a certificate for an address, signed by itself; its times in days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(today + timedelta(days=begins)).not_valid_after(today + timedelta(days=ends))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    return file


def test_an_answer_is_its_status_and_body() -> None:
    """Status, body and a latency come back."""
    with serving(reply("503 Service Unavailable", b'{"status":"degraded"}')) as port:
        answer = ask(port)
    assert (answer.status, answer.body, answer.problem) == (503, '{"status":"degraded"}', None)
    assert answer.latency > 0


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    """The target is told, not asked."""
    with serving(reply("302 Found", b"", "Location: http://127.0.0.1:1/login")) as port:
        answer = ask(port)
    assert (answer.status, answer.redirected_to) == (302, "http://127.0.0.1:1/login")


def test_nobody_listening_is_refused() -> None:
    """A closed port is a refused connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    assert ask(port).problem is NoAnswer.REFUSED


def test_a_name_that_does_not_resolve_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The `.invalid` domain never resolves."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    answer = HttpProbe().ask(HttpCheck("x", "http://nobody.invalid/health"))
    assert answer.problem is NoAnswer.NAME_NOT_FOUND


@pytest.mark.parametrize("drip", ["headers", "body", "nothing"])
def test_a_dripping_or_silent_server_is_ended_by_the_total_deadline(drip: str) -> None:
    """Bytes that keep coming do not keep the probe waiting."""
    opening = b"" if drip == "nothing" else b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if drip == "body" else b"")

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(opening or b"")
        while not over.wait(0.05):
            if drip != "nothing":
                connection.sendall(b"x" if drip == "body" else b"X-More: 1\r\n")

    with serving(send) as port:
        answer = ask(port, HttpProbe(total=0.4))
    assert (answer.status, answer.problem) == (None, NoAnswer.TIMEOUT)


def test_a_body_without_end_is_cut() -> None:
    """At most 64 KB are kept."""

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"y" * 65536)

    with serving(send) as port:
        answer = ask(port)
    assert answer.status == 200
    assert len(answer.body) == BODY_LIMIT


def test_an_answer_without_the_nonce_is_not_the_drill() -> None:
    """A drill's probe takes nothing from anybody else."""
    with serving(reply("200 OK", b"ok", f"{NONCE_HEADER}: other")) as port:
        answer = ask(port, HttpProbe(nonce="mine"))
    assert (answer.status, answer.body, answer.problem) == (None, "", NoAnswer.NOT_THE_DRILL)
    with serving(reply("200 OK", b"ok", f"{NONCE_HEADER}: mine")) as port:
        assert ask(port, HttpProbe(nonce="mine")).status == 200


def test_a_connection_cut_in_the_middle_is_a_network_error() -> None:
    """A truncated body is no answer."""

    def send(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with serving(send) as port:
        assert ask(port).problem is NoAnswer.NETWORK


def test_a_handshake_that_is_cut_says_nothing_of_certificates() -> None:
    """It is a network error, as any cut."""
    with serving(lambda connection, _: connection.close()) as port:
        answer = HttpProbe().ask(HttpCheck("x", f"https://127.0.0.1:{port}/"))
    assert (answer.problem, answer.certificate) == (NoAnswer.NETWORK, None)


def test_what_is_no_http_is_a_network_error() -> None:
    """Garbage is survived."""
    with serving(lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")) as port:
        assert ask(port).problem is NoAnswer.NETWORK


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1/x", "nonsense", "http://127.0.0.1:99999/"])
def test_an_impossible_url_is_a_value_too(url: str) -> None:
    """Nothing is raised."""
    assert HttpProbe().ask(HttpCheck("x", url)).status is None


def test_a_loopback_request_ignores_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would ask its own loopback."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with serving(reply("200 OK", b"ok")) as port:
        assert ask(port).status == 200


def test_an_unknown_certificate_is_said_and_a_trusted_one_is_taken(tmp_path: Path) -> None:
    """TLS failures have a word of their own."""
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(reply("200 OK", b"ok"), context) as port:
        check = HttpCheck("x", f"https://127.0.0.1:{port}/")
        assert HttpProbe().ask(check).problem is NoAnswer.TLS
        assert HttpProbe(ca_file=str(certificate)).ask(check).status == 200


def ask_secure(folder: Path, *, trusted: bool = True, begins: float = -1.0, ends: float = 1.0, host: str = "127.0.0.1") -> HttpAnswer:
    """Asks a server that shows such a certificate."""
    certificate = self_signed(folder, begins=begins, ends=ends, host=host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(reply("200 OK", b"ok"), context) as port:
        return HttpProbe(ca_file=str(certificate) if trusted else "").ask(HttpCheck("x", f"https://127.0.0.1:{port}/"))


def test_an_answer_over_tls_carries_the_certificates_end(tmp_path: Path) -> None:
    """A good answer tells how long its certificate holds; one over plain HTTP has none."""
    answer = ask_secure(tmp_path, ends=9.5)
    assert answer.status == 200
    assert answer.certificate is not None
    assert ending_words(answer.certificate, datetime.now(UTC).timestamp()) == "certificate ends in 9 d"
    with serving(reply("200 OK", b"ok")) as port:
        assert ask(port).certificate is None


@pytest.mark.parametrize(
    ("begins", "ends", "host", "trusted", "words"),
    [
        (-9.0, -3.5, "127.0.0.1", True, "certificate expired 3 d ago"),
        (0.5, 9.0, "127.0.0.1", True, "certificate not yet valid: it begins in 11 h"),
        (-1.0, 9.0, "127.0.0.2", True, "certificate of another name"),
        (-1.0, 9.0, "127.0.0.1", False, "certificate of an unknown authority"),
    ],
)
def test_a_refused_certificate_comes_with_why_and_when(tmp_path: Path, begins: float, ends: float, host: str, trusted: bool, words: str) -> None:
    """Its times are read although the library refuses it."""
    answer = ask_secure(tmp_path, trusted=trusted, begins=begins, ends=ends, host=host)
    assert (answer.status, answer.problem) == (None, NoAnswer.TLS)
    assert answer.certificate is not None
    assert answer.certificate.ends is not None
    assert refused_words(answer.certificate, datetime.now(UTC).timestamp()) == words


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_the_configurations_fault(tmp_path: Path, content: str | None) -> None:
    """The file is named, and the key that names it."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match="cannot be read as certificates") as refusal:
        HttpProbe(ca_file=str(file))
    assert "`ca_file`" in refusal.value.next_step


def test_a_certificates_times_wait_for_nobody(tmp_path: Path) -> None:
    """A server that refuses to be asked a second time leaves the reason without times, within the deadline."""
    certificate = self_signed(tmp_path, ends=-0.5)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), connection, context.wrap_socket(connection, server_side=True):
                pass

        threading.Thread(target=once, daemon=True).start()
        answer = HttpProbe(ca_file=str(certificate), total=1.0).ask(HttpCheck("x", f"https://127.0.0.1:{listener.getsockname()[1]}/"))
    assert answer.problem is NoAnswer.TLS
    assert answer.certificate is not None
    assert (answer.certificate.fault, answer.certificate.ends) == (CertificateFault.EXPIRED, None)
