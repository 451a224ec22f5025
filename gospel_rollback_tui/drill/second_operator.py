"""Somebody else at work on the same environment: holds its lock and renews it until told to leave."""

from threading import Event, Thread

from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, micro_timestamp
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE

LEASE = "gospel-rollback"
OWNER = "miriam@jump-2"
RUN = "0249-q3"
HOLDER = f"{OWNER} {RUN}"
"""How the tool's own runners sign the lock."""

DURATION_SECONDS = 30
RENEWED_EVERY = 5.0
"""Seconds between two renewals."""


class SecondOperator:
    """Holds the environment's Lease from `start` to `close`; it takes nothing back that was taken over."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        """Prepare the other operator; `start` lets them take the lock."""
        self._registry = registry
        self._clock = clock
        self._leaving = Event()
        self._thread = Thread(target=self._renew, name="second-operator", daemon=True)

    def start(self) -> None:
        """Take the lock and keep it."""
        self._registry.apply(self._lease())
        self._thread.start()

    def close(self) -> None:
        """Stop renewing, without giving the lock back: as somebody whose terminal has gone."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join()

    def _renew(self) -> None:
        while not self._leaving.wait(RENEWED_EVERY):
            try:
                lease = self._registry.get("leases", NAMESPACE, LEASE)
                if lease["spec"].get("holderIdentity") != HOLDER:
                    return
                self._registry.patch("leases", NAMESPACE, LEASE, {"spec": {"renewTime": micro_timestamp(self._clock.now())}})
            except ApiError:
                return  # deleted or taken over meanwhile: theirs no longer

    def _lease(self) -> Json:
        """Return the Lease as the other operator's runner writes it."""
        now = micro_timestamp(self._clock.now())
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": LEASE,
                "namespace": NAMESPACE,
                "annotations": {
                    "gospel-rollback/owner": OWNER,
                    "gospel-rollback/run": RUN,
                    "gospel-rollback/step": "roll-back",
                    "gospel-rollback/intent": "PATCH Deployment gospelib-gateway",
                },
            },
            "spec": {"holderIdentity": HOLDER, "leaseDurationSeconds": DURATION_SECONDS, "acquireTime": now, "renewTime": now},
        }
