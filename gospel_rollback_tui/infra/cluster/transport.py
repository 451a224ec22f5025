"""Sends one request over a pool and reads its answer, knowing whether any of it left."""

import time

import urllib3

from gospel_rollback_tui import __version__
from gospel_rollback_tui.infra.cluster.exchange import Answer, Request, WatchedBody

_CHUNK = 64 * 1024


def send(
    pool: urllib3.PoolManager,
    server: str,
    request: Request,
    body: WatchedBody,
    authorization: str,
    timeout: urllib3.Timeout,
) -> urllib3.BaseHTTPResponse:
    """Sends a request once, without following redirects, and returns the response with its body unread.

    Raises:
        urllib3.exceptions.HTTPError, OSError: As the library does; `body.begun` tells whether it may have been acted on.
    """
    headers = {"Accept": "application/json", "User-Agent": f"gospel-rollback/{__version__}"}
    if authorization:
        headers["Authorization"] = authorization
    if body.size:
        headers |= {"Content-Type": request.content_type, "Content-Length": str(body.size)}
    return pool.urlopen(
        request.method,
        server + request.target,
        body=body if body.size else None,
        headers=headers,
        preload_content=False,
        timeout=timeout,
        retries=False,
        redirect=False,
    )


def received(response: urllib3.BaseHTTPResponse, deadline: float, limit: int = 0) -> Answer:
    """Reads a whole answer and gives the connection back.

    Args:
        response: A response with its body unread.
        deadline: Monotonic time at which an answer that only trickles in is given up.
        limit: Bytes after which the rest is left, and the connection with it; 0: none.

    Raises:
        TimeoutError: It was not complete by then.
        urllib3.exceptions.HTTPError, OSError: The connection broke.
    """
    parts = []
    size = 0
    complete = False
    try:
        for part in response.stream(_CHUNK):
            parts.append(part)
            size += len(part)
            if limit and size > limit:
                return Answer(response.status, lowered(response), b"".join(parts))
            if time.monotonic() > deadline:
                raise TimeoutError("the answer trickles in too slowly")
        complete = True
    finally:
        if not complete:
            response.close()
    response.release_conn()
    return Answer(response.status, lowered(response), b"".join(parts))


def lowered(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """Returns the headers with their names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}
