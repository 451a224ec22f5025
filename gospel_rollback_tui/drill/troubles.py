"""Switches the faults of the simulated estate on and off."""

from threading import Lock

from gospel_rollback_tui.drill.aws.troubles import AwsTroubles
from gospel_rollback_tui.drill.delivery_side import DeliverySide
from gospel_rollback_tui.drill.edge import SecureEdge
from gospel_rollback_tui.drill.fault import Fault
from gospel_rollback_tui.drill.floods import Floods, Switch
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.identities import Tokens
from gospel_rollback_tui.drill.neighbours import Neighbours
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers
from gospel_rollback_tui.drill.runner_kill import RunnerKill
from gospel_rollback_tui.drill.second_operator import SecondOperator
from gospel_rollback_tui.drill.shifted_clock import ShiftedClock
from gospel_rollback_tui.drill.silent_node import SilentNode

OPERATOR = "operator"
"""The user that the drill's kubeconfig belongs to."""

OUTAGE_SECONDS = 30.0
THROTTLED_REQUESTS = 30
SLOWNESS_SECONDS = 0.3
CHANGING_VERBS = ("create", "update", "patch", "delete", "deletecollection")


def _nothing() -> None:
    """Change nothing in the estate."""


class Troubles:
    """What is broken in the estate on purpose; safe to use from any thread."""

    def __init__(
        self,
        faults: Faults,
        tokens: Tokens,
        registry: Registry,
        clock: ShiftedClock,
        delivery: DeliverySide,
        aws: AwsTroubles,
        edge: SecureEdge,
        metrics: PrometheusAnswers,
        floods: Floods,
    ) -> None:
        """Start with nothing broken."""
        self._metrics = metrics
        self._floods = floods
        self._edge = edge
        self._delivery = delivery
        self._aws = aws
        self._faults = faults
        self._tokens = tokens
        self._registry = registry
        self._clock = clock
        self._node = SilentNode(registry, clock)
        self._neighbours = Neighbours(registry)
        self._second_operator: SecondOperator | None = None
        self._kill = RunnerKill(faults)
        self._lock = Lock()
        self._switches = self._switches_by_fault()

    def name_runner(self, pid: int) -> None:
        """Name the process that the `kill` fault ends."""
        self._kill.name_runner(pid)

    def renew_login(self) -> None:
        """Accept the operator's expired tokens again, as after a login; AWS's too."""
        self._aws.expired = False
        self._tokens.renew(OPERATOR)
        self._delivery.sessions.renew(OPERATOR)

    def switch_on(self, fault: Fault, seconds: float | None = None) -> None:
        """Switch a fault on; `seconds` replaces the usual length of an outage."""
        match fault:
            case Fault.API_DOWN:
                self._faults.api_down(OUTAGE_SECONDS if seconds is None else seconds)
            case Fault.SLOW_API:
                self._faults.slow(SLOWNESS_SECONDS if seconds is None else seconds)
            case _:
                self._switches[fault][0]()

    def switch_off(self, fault: Fault) -> None:
        """Mend a fault; one that is not on stays off."""
        self._switches[fault][1]()

    def _switches_by_fault(self) -> dict[Fault, Switch]:
        """Return what switches each fault on and off; two take a length of time when they are switched on."""
        faults, tokens, delivery = self._faults, self._tokens, self._delivery
        return {
            Fault.API_DOWN: (faults.api_down, faults.api_up),
            Fault.API_GONE: (faults.api_down, faults.api_up),
            Fault.TOO_MANY_REQUESTS: (lambda: faults.throttle(requests=THROTTLED_REQUESTS), faults.unthrottle),
            Fault.WATCH_DEAD: (faults.silence_watches, faults.wake_watches),
            Fault.API_FROZEN: (faults.freeze, faults.thaw),
            Fault.SLOW_API: (lambda: faults.slow(SLOWNESS_SECONDS), lambda: faults.slow(0.0)),
            Fault.FORBIDDEN: (self._forbid_changes, self._permit_changes),
            Fault.EXPIRED_LOGIN: (lambda: tokens.expire(OPERATOR), self.renew_login),
            Fault.SECOND_OPERATOR: (self._let_second_operator_in, self._send_second_operator_away),
            Fault.KILL: (self._kill.start, self._kill.close),
            Fault.ARGOCD_DOWN: (delivery.server.interrupt, delivery.server.start),
            Fault.ARGOCD_EXPIRED: (lambda: delivery.sessions.expire(OPERATOR), self.renew_login),
            Fault.CLOCK_SKEW: (self._clock.put_wrong, self._clock.put_right),
            Fault.PROXY_ONLY: (_nothing, _nothing),  # a matter of the configuration, which is cut when the estate starts
            Fault.CERTIFICATE_EXPIRED: (self._edge.expire, self._edge.renew),
            Fault.API_CERTIFICATE_EXPIRED: (faults.expire_certificate, lambda: faults.expire_certificate(expired=False)),
            Fault.GIT_DOWN: (delivery.take_repository_away, delivery.bring_repository_back),
            Fault.METRICS_SILENT: (self._metrics.silence, self._metrics.speak),
            Fault.NODE_NOT_READY: (self._node.fall_silent, self._node.speak),
            Fault.NODES_FORBIDDEN: (lambda: faults.forbid(OPERATOR, resource="nodes"), lambda: faults.permit(OPERATOR, resource="nodes")),
            Fault.NEIGHBOURS: (self._neighbours.move_in, self._neighbours.move_out),
            **self._floods.switches(),
        }

    def close(self) -> None:
        """End the threads of those faults that have one."""
        self._send_second_operator_away()
        self._kill.close()
        self._floods.close()

    def _forbid_changes(self) -> None:
        for verb in CHANGING_VERBS:
            self._faults.forbid(OPERATOR, verb)

    def _permit_changes(self) -> None:
        for verb in CHANGING_VERBS:
            self._faults.permit(OPERATOR, verb)

    def _let_second_operator_in(self) -> None:
        with self._lock:
            if self._second_operator is None:
                self._second_operator = SecondOperator(self._registry, self._clock)
                self._second_operator.start()

    def _send_second_operator_away(self) -> None:
        with self._lock:
            if self._second_operator is not None:
                self._second_operator.close()
                self._second_operator = None
