"""A small HTTP server on loopback whose every answer carries the estate's nonce."""

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gospel_rollback_tui.drill.endpoints import NONCE_HEADER

LARGEST_BODY = 1_000_000
_HANDSHAKE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the answering function sees it."""

    method: str
    path: str
    query: dict[str, str]
    """Last value of each parameter."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    """By name in small letters."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: status, body and its type."""

    status: int
    body: bytes
    content_type: str = "application/json"


Answering = Callable[[Request], Response]


def json_response(value: object, status: int = 200) -> Response:
    """Return an answer that holds a JSON value."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode())


class LoopbackServer:
    """Serves one answering function on a port of its own, a thread a connection."""

    def __init__(self, nonce: str, answering: Answering, context: ssl.SSLContext | None = None) -> None:
        """Open the port; `start` begins to answer, over TLS where there is a context for it."""
        self._server = _Server(("127.0.0.1", 0), _handler(nonce, answering))
        self._server.context = context
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="loopback-http", daemon=True)

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"{'http' if self._server.context is None else 'https'}://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def show(self, context: ssl.SSLContext) -> None:
        """Show another certificate to everybody who connects from now on."""
        self._server.context = context

    def close(self) -> None:
        """Stop answering and close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Threads end with the process; clients that go away in mid-answer are no news."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    context: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Serve a connection in its own thread, where a handshake delays nobody."""
        if self.context is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(_HANDSHAKE_SECONDS)
        with self.context.wrap_socket(request, server_side=True) as secured:
            secured.settimeout(None)
            super().finish_request(secured, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a drill's clients may vanish at any moment."""


def _handler(nonce: str, answering: Answering) -> type[BaseHTTPRequestHandler]:
    """Return the class that the standard library wants for each connection."""

    class Handler(BaseHTTPRequestHandler):
        """Reads a request, asks for the answer, adds the nonce."""

        protocol_version = "HTTP/1.1"
        server_version = "gospelib"
        sys_version = ""
        disable_nagle_algorithm = True  # head and body leave in two writes: the second would wait 40 ms for the first's receipt

        def answer(self) -> None:
            """Answer whatever was asked."""
            target = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = answering(Request(self.command, target.path, dict(parse_qsl(target.query)), body, headers))
            self.send_response(response.status)
            self.send_header(NONCE_HEADER, nonce)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the base class finds methods by these names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Write nothing: the drill's terminal belongs to the tool."""

    return Handler
