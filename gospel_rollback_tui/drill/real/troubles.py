"""Faults that can be had on a real control plane, by doing what would cause them."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer

from gospel_rollback_tui.drill.fault import Fault
from gospel_rollback_tui.drill.kubernetes.documents import SystemClock
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers
from gospel_rollback_tui.drill.real.argocd.accounts import ON_CALL
from gospel_rollback_tui.drill.real.argocd.door import ArgoCdDoor
from gospel_rollback_tui.drill.real.documents import read_documents
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE
from gospel_rollback_tui.drill.second_operator import SecondOperator

OUTAGE_SECONDS = 30.0
OPERATING_RIGHTS = "gospelib-operate"
"""The RoleBinding by which the operator may change things."""


class FaultRefusedError(ValueError):
    """A fault that only the simulated estate can have."""


@dataclass(frozen=True, slots=True)
class ApiServerSwitch:
    """Stops the API server and starts it again at the same address; connections are refused in between."""

    stop: Callable[[], None]
    start: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What delivers, as far as it can be broken."""

    door: ArgoCdDoor
    repository: EstateRepository
    expired_token: str
    """One of the on-call engineer's."""

    def break_by(self, fault: Fault) -> bool:
        """Switches a fault of delivery on; says whether it is one."""
        match fault:
            case Fault.ARGOCD_DOWN:
                self.door.interrupt()
            case Fault.ARGOCD_EXPIRED:
                self.door.expire(ON_CALL.name, self.expired_token)
            case Fault.GIT_DOWN:
                self.repository.take_away()
            case _:
                return False
        return True

    def mend(self, fault: Fault) -> None:
        """Switches a fault of delivery off; any other changes nothing."""
        match fault:
            case Fault.ARGOCD_DOWN:
                self.door.start()
            case Fault.ARGOCD_EXPIRED:
                self.door.renew()
            case Fault.GIT_DOWN:
                self.repository.bring_back()


class RealTroubles:
    """What is broken on purpose; safe to use from any thread."""

    def __init__(self, registry: RealRegistry, api_server: ApiServerSwitch, delivery: Delivery, metrics: PrometheusAnswers) -> None:
        """Starts with nothing broken."""
        self._metrics = metrics
        self._delivery = delivery
        self._registry = registry.writing_as("gospel-rollback")
        self._api_server = api_server
        self._second_operator: SecondOperator | None = None
        self._mending: Timer | None = None
        self._lock = Lock()

    def switch_on(self, fault: Fault, seconds: float | None = None) -> None:
        """Switches a fault on; `seconds` replaces the usual length of an outage.

        Raises:
            FaultRefusedError: Only the simulated estate can have it.
        """
        if self._delivery.break_by(fault):
            return
        match fault:
            case Fault.API_DOWN:
                self._take_api_down(OUTAGE_SECONDS if seconds is None else seconds)
            case Fault.API_GONE:
                self._api_server.stop()
            case Fault.FORBIDDEN:
                for namespace in (NAMESPACE, ARGOCD_NAMESPACE):
                    self._registry.delete("rolebindings", namespace, OPERATING_RIGHTS)
            case Fault.SECOND_OPERATOR:
                self._let_second_operator_in()
            case Fault.METRICS_SILENT:
                self._metrics.silence()
            case _:
                raise FaultRefusedError(f"the real estate cannot have the fault {fault.value!r}; leave out `--estate real`")

    def switch_off(self, fault: Fault) -> None:
        """Mends a fault; one that is not on stays off."""
        match fault:
            case Fault.API_DOWN | Fault.API_GONE:
                self._api_server.start()
            case Fault.FORBIDDEN:
                for document in read_documents("rights.yaml"):
                    if document["kind"] == "RoleBinding" and document["metadata"]["name"] == OPERATING_RIGHTS:
                        self._registry.apply(document)
            case Fault.SECOND_OPERATOR:
                self._let_second_operator_go()
            case Fault.METRICS_SILENT:
                self._metrics.speak()
            case _:
                self._delivery.mend(fault)

    def close(self) -> None:
        """Forgets an outage that is to end, lets Prometheus speak and the second operator go."""
        with self._lock:
            if self._mending is not None:
                self._mending.cancel()
        self._metrics.speak()
        self._let_second_operator_go()

    def _take_api_down(self, seconds: float) -> None:
        self._api_server.stop()
        with self._lock:
            self._mending = Timer(seconds, self._api_server.start)
            self._mending.daemon = True
            self._mending.start()

    def _let_second_operator_in(self) -> None:
        with self._lock:
            if self._second_operator is None:
                self._second_operator = SecondOperator(self._registry, SystemClock())
                self._second_operator.start()

    def _let_second_operator_go(self) -> None:
        with self._lock:
            operator, self._second_operator = self._second_operator, None
        if operator is not None:
            operator.close()
