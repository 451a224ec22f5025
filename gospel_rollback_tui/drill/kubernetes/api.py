"""The simulated API server as a whole: put together, started, reached, ended."""

import base64
import contextlib
import secrets
import socket
import types
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from gospel_rollback_tui.drill.kubernetes.access import Rule
from gospel_rollback_tui.drill.kubernetes.authorisation import Authoriser
from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource, always_well
from gospel_rollback_tui.drill.kubernetes.certificates import create_certificates
from gospel_rollback_tui.drill.kubernetes.controllers.control_plane import ControlPlane
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, SystemClock
from gospel_rollback_tui.drill.kubernetes.endpoints.dispatch import Dispatcher, Parts
from gospel_rollback_tui.drill.kubernetes.endpoints.proxy import Backend, nobody
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.http.connection import serve_connection
from gospel_rollback_tui.drill.kubernetes.http.listener import LOOPBACK, Listener
from gospel_rollback_tui.drill.kubernetes.identities import Tokens
from gospel_rollback_tui.drill.kubernetes.log_source import LogSource, WrittenLogs
from gospel_rollback_tui.drill.kubernetes.nodes import ready_node
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.request_log import RequestLog
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore, Subscriber

_FIRST_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


class KubernetesApi:
    """A Kubernetes API server with its controllers on a loopback port of its own.

    Certificates and, unless given, the request log are files in `directory`, which is made
    with mode 0700 if it is absent. `speed` divides every simulated wait.
    """

    def __init__(
        self,
        *,
        directory: Path,
        nonce: str = "",
        tokens: Tokens | None = None,
        rules: Sequence[Rule] = (),
        faults: Faults | None = None,
        requests: RequestLog | None = None,
        log_source: LogSource | None = None,
        behaviour: BehaviourSource = always_well,
        clock: Clock | None = None,
        speed: float = 1.0,
        store: ObjectStore | None = None,
        backend: Backend = nobody,
    ) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.nonce = nonce or secrets.token_hex(16)
        self.tokens = tokens or Tokens()
        self.faults = faults or Faults()
        self.requests = requests or RequestLog(directory / "requests.jsonl")
        self.log_source = log_source or WrittenLogs()
        self._clock = clock or SystemClock()
        self.store = store or ObjectStore()
        self.registry = Registry(self.store, self._clock)
        self.events = EventRecorder(self.registry)
        self._control_plane = ControlPlane(self.registry, self.events, behaviour, self._clock, speed)
        for name in _FIRST_NAMESPACES:
            self.add_namespace(name)
        self._closing = Event()
        self._backend = backend
        self.certificates = create_certificates(directory)
        self.ca_file = self.certificates.ca_file
        self._dispatcher = Dispatcher(self._parts(rules))
        self._listener = Listener(self.certificates.server_context(), self._serve)
        self.faults.on_outage(self._follow_outage)
        self.faults.on_certificate(lambda expired: self._listener.show(self.certificates.server_context(expired=expired)))

    def _parts(self, rules: Sequence[Rule]) -> Parts:
        return Parts(
            registry=self.registry,
            tokens=self.tokens,
            authoriser=Authoriser(rules, self.faults),
            faults=self.faults,
            requests=self.requests,
            log_source=self.log_source,
            clock=self._clock,
            nonce=self.nonce,
            closing=self._closing,
            backend=self._backend,
        )

    def _serve(self, connection: socket.socket) -> None:
        serve_connection(connection, self._dispatcher.answer, self._dispatcher.common_headers)

    @property
    def url(self) -> str:
        """Where the server is reached."""
        return f"https://{LOOPBACK}:{self._listener.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return self._listener.connections

    def start(self) -> None:
        """Begin to serve and to control; clients can connect when this returns."""
        self._control_plane.start()
        if not self.faults.is_down:
            self._listener.open()

    def close(self) -> None:
        """End every connection and thread, and close the request log."""
        self._closing.set()
        self._listener.close()
        self._control_plane.loop.stop()
        self.requests.close()

    def __enter__(self) -> "KubernetesApi":
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None) -> None:
        """Close."""
        self.close()

    def kubeconfig(self, user: str, *, namespace: str = "default", context: str = "drill", token: str | None = None) -> Json:
        """Return a kubeconfig with one context, with the newest token of the user unless another is given.

        Raises:
            KeyError: no token was issued to such a user.
        """
        authority = base64.b64encode(self.ca_file.read_bytes()).decode()
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": {"server": self.url, "certificate-authority-data": authority}}],
            "users": [{"name": user, "user": {"token": self.tokens.token_of(user) if token is None else token}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": user, "namespace": namespace}}],
            "current-context": context,
        }

    def add_namespace(self, name: str) -> None:
        """Create a namespace unless it is there."""
        with self.store.lock:
            if not any(one["metadata"]["name"] == name for one in self.registry.list("namespaces")):
                self.registry.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def add_nodes(self, count: int) -> None:
        """Create that many ready nodes, `node-1` and so on, after those there are."""
        present = len(self.registry.list("nodes"))
        for number in range(present + 1, present + count + 1):
            self.registry.create(ready_node(number, self._clock.now()))

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call the subscriber after every stored change, in the writer's thread.

        The store is locked meanwhile: hand the change on and return.
        """
        self.store.subscribe(subscriber)

    def resync_pods(self) -> None:
        """Have the behaviour of every pod asked for again now."""
        self._control_plane.resync_pods()

    def settle(self, timeout: float) -> bool:
        """Wait until no controller has anything left to do at once; tell whether that came to be."""
        return self._control_plane.loop.settle(timeout)

    def _follow_outage(self, down: bool) -> None:
        if down:
            self._listener.interrupt()
        elif not self._closing.is_set():
            with contextlib.suppress(OSError):
                self._listener.open()
