"""Switches the faults of the simulated estate on and off."""

from threading import Lock

from gospel_rollback_tui.drill.fault import Fault
from gospel_rollback_tui.drill.kubernetes.documents import Clock
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.identities import Tokens
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.runner_kill import RunnerKill
from gospel_rollback_tui.drill.second_operator import SecondOperator

OPERATOR = "operator"
"""The user that the drill's kubeconfig belongs to."""

OUTAGE_SECONDS = 30.0
THROTTLED_REQUESTS = 30
SLOWNESS_SECONDS = 0.3
CHANGING_VERBS = ("create", "update", "patch", "delete", "deletecollection")


class Troubles:
    """What is broken in the estate on purpose; safe to use from any thread."""

    def __init__(self, faults: Faults, tokens: Tokens, registry: Registry, clock: Clock) -> None:
        """Start with nothing broken."""
        self._faults = faults
        self._tokens = tokens
        self._registry = registry
        self._clock = clock
        self._second_operator: SecondOperator | None = None
        self._kill = RunnerKill(faults)
        self._lock = Lock()

    def name_runner(self, pid: int) -> None:
        """Name the process that the `kill` fault ends."""
        self._kill.name_runner(pid)

    def renew_login(self) -> None:
        """Accept the operator's expired token again, as after a login."""
        self._tokens.renew(OPERATOR)

    def switch_on(self, fault: Fault, seconds: float | None = None) -> None:
        """Switch a fault on; `seconds` replaces the usual length of an outage."""
        match fault:
            case Fault.API_DOWN:
                self._faults.api_down(OUTAGE_SECONDS if seconds is None else seconds)
            case Fault.API_GONE:
                self._faults.api_down()
            case Fault.TOO_MANY_REQUESTS:
                self._faults.throttle(requests=THROTTLED_REQUESTS)
            case Fault.WATCH_DEAD:
                self._faults.silence_watches()
            case Fault.SLOW_API:
                self._faults.slow(SLOWNESS_SECONDS if seconds is None else seconds)
            case Fault.FORBIDDEN:
                for verb in CHANGING_VERBS:
                    self._faults.forbid(OPERATOR, verb)
            case Fault.EXPIRED_LOGIN:
                self._tokens.expire(OPERATOR)
            case Fault.SECOND_OPERATOR:
                self._let_second_operator_in()
            case Fault.KILL:
                self._kill.start()

    def switch_off(self, fault: Fault) -> None:
        """Mend a fault; one that is not on stays off."""
        match fault:
            case Fault.API_DOWN | Fault.API_GONE:
                self._faults.api_up()
            case Fault.TOO_MANY_REQUESTS:
                self._faults.unthrottle()
            case Fault.WATCH_DEAD:
                self._faults.wake_watches()
            case Fault.SLOW_API:
                self._faults.slow(0.0)
            case Fault.FORBIDDEN:
                for verb in CHANGING_VERBS:
                    self._faults.permit(OPERATOR, verb)
            case Fault.EXPIRED_LOGIN:
                self.renew_login()
            case Fault.SECOND_OPERATOR:
                self._send_second_operator_away()
            case Fault.KILL:
                self._kill.close()

    def close(self) -> None:
        """End the threads of those faults that have one."""
        self._send_second_operator_away()
        self._kill.close()

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
