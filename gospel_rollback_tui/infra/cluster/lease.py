"""The lock between operators: one Lease in the environment's namespace, changed only by compare-and-swap.

Whoever holds it writes who they are, which run, which step and the last intent as annotations, so that a second
operator is told. A lock that has run out is free only if its last intent was settled: otherwise a change may still be
under way, and taking over needs a decision. All times are the API server's: the clocks of two jump hosts may differ.
"""

import threading
from datetime import UTC, datetime
from typing import Any

from gospel_rollback_tui.domain.errors import FactsMoved, NotFound, Refused
from gospel_rollback_tui.domain.raw import JsonObject, child, moment, number, text
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.engine.ports import LockHolder
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request, path_of
from gospel_rollback_tui.infra.cluster.reading import ClusterReader

LEASE_NAME = "gospel-rollback"
LEASE_SECONDS = 30
"""A lock not renewed for so long has run out."""

_PREFIX = "gospel-rollback/"
_READ_SECONDS = 8.0
_TRIES = 4
_WIDTH = 500


class EnvironmentLease:
    """The environment's lock as one run sees it; safe to use from several threads."""

    def __init__(self, connection: ClusterConnection, *, name: str = LEASE_NAME) -> None:
        """Reads nothing yet."""
        self._connection = connection
        self._reader = ClusterReader(connection, deadline=_READ_SECONDS)
        self._name = name
        self._lock = threading.RLock()
        self._owner = ""
        self._run = ""
        self._held: dict[str, Any] | None = None
        """The Lease as last read or written."""

    def read(self) -> LockHolder | None:
        """Returns who holds the lock, also one that has run out, or None if nobody does.

        Raises:
            NotSent: It cannot be read.
        """
        with self._lock:
            return self._holder(self._fetch())

    def acquire(self, owner: str, run: str) -> LockHolder | None:
        """Takes the lock if it is free, run out without an open intent, or this run's own; returns the other holder if it is not.

        Raises:
            NotSent: It was not taken.
            OutcomeUnknown: Read it to know whether it was.
        """
        return self._take(owner, run, "", by_force=False)

    def take_over(self, owner: str, run: str, reason: str) -> LockHolder | None:
        """Takes the lock whoever holds it, and returns who did.

        Raises:
            NotSent: It was not taken.
            OutcomeUnknown: Read it to know whether it was.
        """
        return self._take(owner, run, reason, by_force=True)

    def renew(self, step: str, intent: str) -> bool:
        """Renews the lock and notes the step and the last intent; an empty intent says that none is open. False: it is somebody else's.

        Raises:
            NotSent: It was not renewed.
            OutcomeUnknown: Read it to know whether it was.
        """
        with self._lock:
            for _ in range(_TRIES):
                if self._held is None:
                    self._fetch()
                if self._held is None or not self._is_ours(self._held):
                    return False
                lease = self._written(self._held, step=step, intent=intent)
                if self._swap(lease):
                    return True
            raise Refused("The lock changes faster than it can be renewed.")

    def ours(self) -> bool:
        """Reads the lock: is it this run's own?

        Raises:
            NotSent: It cannot be read.
        """
        with self._lock:
            lease = self._fetch()
            return lease is not None and self._is_ours(lease)

    def release(self) -> None:
        """Gives the lock back; one that is not ours is left alone.

        Raises:
            NotSent: It is still held, and runs out by itself.
            OutcomeUnknown: Perhaps given back; if not, it runs out by itself.
        """
        with self._lock:
            for _ in range(_TRIES):
                lease = self._fetch()
                if lease is None or not self._is_ours(lease):
                    return
                freed = self._written(lease, step="", intent="")
                freed["spec"].pop("holderIdentity", None)
                if self._swap(freed):
                    return

    def _take(self, owner: str, run: str, reason: str, *, by_force: bool) -> LockHolder | None:
        with self._lock:
            self._owner, self._run = clean(owner, 200), clean(run, 100)
            for _ in range(_TRIES):
                lease = self._fetch()
                before = self._holder(lease)
                mine = lease is not None and self._is_ours(lease)
                blocked = before is not None and not mine and not (before.expired and not before.intent)
                if blocked and not by_force:
                    return before
                if self._claim(lease, reason, keep_intent=mine):
                    return None if mine else before if by_force else None
            raise Refused("Somebody else takes the lock at the same moment.", next_step="Look who holds it now.")

    def _claim(self, lease: JsonObject | None, reason: str, *, keep_intent: bool) -> bool:
        if lease is None:
            empty = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": self._name, "namespace": self._connection.cluster.namespace},
                "spec": {},
            }
            return self._send("POST", self._folder(), self._written(empty, step="", intent="", reason=reason, taken=True))
        notes = self._notes(lease)
        step, intent = (notes.get("step", ""), notes.get("intent", "")) if keep_intent else ("", "")
        return self._swap(self._written(lease, step=step, intent=intent, reason=reason, taken=not keep_intent))

    def _written(self, lease: JsonObject, *, step: str, intent: str, reason: str | None = None, taken: bool = False) -> dict[str, Any]:
        """Returns the Lease as this run would have it; everything else in it stays."""
        now = datetime.fromtimestamp(self._connection.cluster_now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        metadata, spec = dict(child(lease, "metadata")), dict(child(lease, "spec"))
        metadata.pop("managedFields", None)
        notes = {"owner": self._owner, "run": self._run, "step": step, "intent": intent}
        if reason is not None:
            notes["reason"] = reason
        metadata["annotations"] = {**child(metadata, "annotations"), **{_PREFIX + name: clean(value, _WIDTH) for name, value in notes.items()}}
        spec |= {"holderIdentity": self._identity(), "leaseDurationSeconds": LEASE_SECONDS, "renewTime": now}
        if taken:
            spec |= {"acquireTime": now, "leaseTransitions": number(spec.get("leaseTransitions")) + 1}
        return {**lease, "metadata": metadata, "spec": spec}

    def _swap(self, lease: dict[str, Any]) -> bool:
        """Writes a Lease in place of exactly the one it was made from; False: that one is no more."""
        return self._send("PUT", f"{self._folder()}/{self._name}", lease)

    def _send(self, method: str, path: str, lease: dict[str, Any]) -> bool:
        self._held = None
        try:
            self._held = self._connection.ask(Request(method, path, body=lease, changing=True)).json()
        except (FactsMoved, NotFound):
            return False
        return True

    def _fetch(self) -> dict[str, Any] | None:
        try:
            self._held = self._reader.get(f"{self._folder()}/{self._name}")
        except NotFound:
            self._held = None
        return self._held

    def _folder(self) -> str:
        return path_of("apis", "coordination.k8s.io", "v1", "namespaces", self._connection.cluster.namespace, "leases")

    def _identity(self) -> str:
        return f"{self._owner} {self._run}"

    def _is_ours(self, lease: JsonObject) -> bool:
        return bool(self._run) and child(lease, "spec").get("holderIdentity") == self._identity()

    @staticmethod
    def _notes(lease: JsonObject) -> dict[str, str]:
        annotations = child(lease, "metadata", "annotations")
        return {name.removeprefix(_PREFIX): text(value, _WIDTH) for name, value in annotations.items() if name.startswith(_PREFIX)}

    def _holder(self, lease: JsonObject | None) -> LockHolder | None:
        spec = child(lease, "spec")
        identity = text(spec.get("holderIdentity"))
        if lease is None or not identity:
            return None
        notes = self._notes(lease)
        renewed = moment(spec.get("renewTime")) or moment(spec.get("acquireTime")) or 0.0
        lasts = number(spec.get("leaseDurationSeconds"), LEASE_SECONDS)
        return LockHolder(
            owner=notes.get("owner") or identity,
            run=notes.get("run", ""),
            step=notes.get("step", ""),
            intent=notes.get("intent", ""),
            renewed=renewed,
            expired=self._connection.cluster_now() > renewed + lasts,
        )
