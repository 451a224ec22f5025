"""One client connection: reads requests, sends answers, keeps streams going."""

import contextlib
import select
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, parse_headers
from typing import BinaryIO, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from gospel_rollback_tui.drill.kubernetes.http.listener import reset
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Reply, Request, Streaming

_LONGEST_LINE = 65_536
_LARGEST_BODY = 16 * 2**20

AnswerRequest: TypeAlias = Callable[[Request], Reply | None]
"""Answers a request; `None` means: break the connection without an answer."""


def serve_connection(connection: socket.socket, answer: AnswerRequest, common_headers: Callable[[int], dict[str, str]]) -> None:
    """Serve requests until the client, or a fault, ends the connection.

    Raises:
        OSError: the connection broke.
    """
    with connection.makefile("rb") as incoming:
        while (request := _read_request(connection, incoming)) is not None:
            reply = answer(request)
            if reply is None:
                reset(connection)
                return
            headers = common_headers(reply.status) | reply.headers
            if isinstance(reply, Streaming):
                if not _send_stream(connection, reply, headers):
                    return
            else:
                _send_answer(connection, reply, headers, bodiless=request.method == "HEAD")
            if request.header("Connection").lower() == "close":
                return


def _read_request(connection: socket.socket, incoming: BinaryIO) -> Request | None:
    """Read the next request; `None` at the end of the stream and for what is no HTTP/1."""
    try:
        return _parse_request(connection, incoming)
    except (ValueError, HTTPException):
        return None


def _parse_request(connection: socket.socket, incoming: BinaryIO) -> Request | None:
    line = incoming.readline(_LONGEST_LINE + 1)
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        return None
    headers = _lower_case(parse_headers(incoming))
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = _read_body(incoming, headers)
    target = urlsplit(parts[1])
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(parts[0], unquote(target.path), query, headers, body, parts[1])


def _lower_case(headers: HTTPMessage) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read_body(incoming: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return incoming.read(min(int(headers.get("content-length", "0") or "0"), _LARGEST_BODY))
    body = b""
    while size := int(incoming.readline(_LONGEST_LINE).partition(b";")[0].strip() or b"0", 16):
        body += incoming.read(size)
        incoming.readline(_LONGEST_LINE)
        if len(body) > _LARGEST_BODY:
            raise ConnectionResetError("the body is too large")
    while incoming.readline(_LONGEST_LINE).strip():
        pass
    return body


def _head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _send_answer(connection: socket.socket, answer: Answer, headers: dict[str, str], *, bodiless: bool) -> None:
    headers = {"Date": formatdate(time.time(), usegmt=True)} | headers
    if answer.status != HTTPStatus.NO_CONTENT:
        headers |= {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
    connection.sendall(_head(answer.status, headers) + (b"" if bodiless else answer.body))


def _send_stream(connection: socket.socket, stream: Streaming, headers: dict[str, str]) -> bool:
    """Send a stream to its end; tell whether the connection can go on."""
    headers = {"Date": formatdate(time.time(), usegmt=True)} | headers | {"Content-Type": stream.content_type, "Transfer-Encoding": "chunked"}
    with contextlib.closing(_Closable(stream)):
        connection.sendall(_head(stream.status, headers))
        for piece in stream.pieces:
            if piece:
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            elif _client_left(connection):
                return False
        connection.sendall(b"0\r\n\r\n")
    return True


class _Closable:
    """Ends the generator behind a stream, so that what it holds is let go at once."""

    def __init__(self, stream: Streaming) -> None:
        self._pieces = stream.pieces

    def close(self) -> None:
        """End the generator."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


def _client_left(connection: socket.socket) -> bool:
    """Whether the client closed its end: while a stream runs it has nothing else to say."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)
