"""An API server that answers by script, over TLS, for what a well-behaved server never does."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.drill.kubernetes.certificates import create_certificates


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    port: int = 0
    """The other end's port: the same for requests of one connection."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; a dict is sent as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    end: str = ""
    """After the answer: `hang` holds the connection open in silence, `reset` breaks it; empty ends it in order."""
    lines: tuple[str, ...] | None = None
    """Sent one by one as a stream instead of the body."""


HANG = Reply(0, end="hang")
"""No answer, and the connection stays open."""
RESET = Reply(0, end="reset")
"""No answer, and the connection breaks."""

Script = Callable[[Heard], Reply]


def status(code: int, reason: str = "", message: str = "", **details: object) -> Reply:
    """Returns an answer as Kubernetes writes its errors."""
    return Reply(
        code,
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "details": details, "code": code},
    )


class ScriptedServer:
    """Serves on loopback until closed; `script` may be exchanged at any time."""

    def __init__(self, folder: Path, script: Script) -> None:
        """Makes certificates in the folder and begins to serve."""
        self.script = script
        self.heard: list[Heard] = []
        self.folder = folder
        self.released = threading.Event()
        self._certificates = create_certificates(folder)
        self._server = _Listener(self)
        self._context = self._certificates.server_context()
        self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address that the kubeconfig names."""
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def authority(self) -> Path:
        """The certificate that this server's own is signed by."""
        return self._certificates.ca_file

    def expire(self) -> None:
        """Shows a certificate whose time is over to whoever connects from now on."""
        self._context.load_cert_chain(self._certificates.expired_file)

    def methods(self) -> list[str]:
        """Returns the verbs heard so far."""
        return [heard.method for heard in self.heard]

    def kubeconfig(self, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None) -> Path:
        """Writes a kubeconfig whose context `here` names this server."""
        path = self.folder / "kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url, "certificate-authority": str(self._certificates.ca_file)} | (cluster or {})}],
            "users": [{"name": "u", "user": {"token": "t0ken"} if user is None else user}],
        }
        path.write_text(yaml.safe_dump(content))
        return path

    def cluster(self, user: dict[str, Any] | None = None, nonce: str = "") -> Cluster:
        """Returns the estate's cluster by a new kubeconfig."""
        return Cluster(context="here", namespace="ns", kubeconfig=str(self.kubeconfig(user)), nonce=nonce)

    def close(self) -> None:
        """Lets every held connection go and stops serving."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Listener(ThreadingHTTPServer):
    """Hands each connection to a thread that knows the script."""

    daemon_threads = True

    def __init__(self, owner: "ScriptedServer") -> None:
        """Listens on a port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    """Reads a request and answers by the script."""

    protocol_version = "HTTP/1.1"
    timeout = 20

    @property
    def _owner(self) -> "ScriptedServer":
        assert isinstance(self.server, _Listener)
        return self.server.owner

    def handle(self) -> None:
        """Serves a connection; one that breaks ends quietly."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Prints nothing."""

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(self.command, parts.path, dict(parse_qsl(parts.query)), headers, json.loads(raw) if raw else None, self.client_address[1])
        self._owner.heard.append(heard)
        self._answer(self._owner.script(heard))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class names them so

    def _answer(self, reply: Reply) -> None:
        if reply.status:
            self._send(reply)
        if reply.end == "hang":
            self._owner.released.wait(30)
        if reply.end == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reply.end:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode() if isinstance(reply.body, dict | list) else str(reply.body).encode()
        framing = {"Content-Length": str(len(body))} if reply.lines is None else {"Transfer-Encoding": "chunked"}
        self.send_response(reply.status)
        for name, value in ({"Content-Type": "application/json"} | framing | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if reply.lines is None:
            self.wfile.write(body)
            return
        for line in reply.lines:
            content = line.encode()
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
            self.wfile.flush()
        if not reply.end:
            self.wfile.write(b"0\r\n\r\n")
