"""The faults that `--fault` adds to an estate: their names and what each does."""

from enum import Enum


class Fault(Enum):
    """Trouble that a drill can switch on; the value is the name on the command line."""

    API_DOWN = "api-down"
    API_GONE = "api-gone"
    TOO_MANY_REQUESTS = "too-many-requests"
    WATCH_DEAD = "watch-dead"
    WATCH_EXPIRED = "watch-expired"
    API_FROZEN = "api-frozen"
    SLOW_API = "slow-api"
    FORBIDDEN = "forbidden"
    EXPIRED_LOGIN = "expired-token"
    LOG_FLOOD = "log-flood"
    POD_CHURN = "pod-churn"
    HOSTILE_TEXT = "hostile-text"
    SECOND_OPERATOR = "second-operator"
    KILL = "kill"
    ARGOCD_DOWN = "argocd-down"
    ARGOCD_EXPIRED = "argocd-token-expired"
    GIT_DOWN = "git-down"
    METRICS_SILENT = "metrics-silent"
    CLOCK_SKEW = "clock-skew"
    PROXY_ONLY = "proxy-only"
    CERTIFICATE_EXPIRED = "certificate-expired"
    API_CERTIFICATE_EXPIRED = "api-certificate-expired"
    NODE_NOT_READY = "node-not-ready"
    NODES_FORBIDDEN = "nodes-forbidden"
    NEIGHBOURS = "neighbours"


DESCRIPTIONS: dict[Fault, str] = {
    Fault.API_DOWN: "the Kubernetes API refuses connections for 30 s, then is back",
    Fault.API_GONE: "the Kubernetes API refuses connections for good",
    Fault.TOO_MANY_REQUESTS: "the Kubernetes API answers 429 to the operator's next 30 requests",
    Fault.WATCH_DEAD: "watches stay open and fall silent",
    Fault.WATCH_EXPIRED: "every watch ends at once, because what it asks for is too old (410)",
    Fault.API_FROZEN: "the Kubernetes API accepts connections and answers nothing, watches included",
    Fault.SLOW_API: "every answer of the Kubernetes API takes 300 ms longer",
    Fault.FORBIDDEN: "the operator may read but change nothing",
    Fault.EXPIRED_LOGIN: "the operator's token has expired until the login is renewed",
    Fault.LOG_FLOOD: "the gateway's pods write 50,000 lines a second, after one of 10 MB",
    Fault.POD_CHURN: "the state of some pod changes 500 times a second",
    Fault.HOSTILE_TEXT: "states, events, logs, answers and commits are full of escape sequences, markup and text that runs backwards",
    Fault.SECOND_OPERATOR: "somebody else holds the environment's lock and renews it",
    Fault.KILL: "the runner is killed while its first change is on the wire",
    Fault.ARGOCD_DOWN: "Argo CD's API refuses connections for good; its controller goes on working",
    Fault.ARGOCD_EXPIRED: "the operator's Argo CD token has expired until the login is renewed",
    Fault.GIT_DOWN: "the git repository cannot be reached, by nobody",
    Fault.METRICS_SILENT: "Prometheus accepts every question and answers none",
    Fault.CLOCK_SKEW: "the clocks of the estate's servers are four minutes ahead of this host's",
    Fault.PROXY_ONLY: "services are known here by names of the cluster's own DNS: their health is reached through the API server only, if it starts with this",
    Fault.CERTIFICATE_EXPIRED: "the certificate of the public address over TLS expired three hours ago; it has such an address only if it starts with this",
    Fault.API_CERTIFICATE_EXPIRED: "the certificate of the Kubernetes API expired three hours ago",
    Fault.NODE_NOT_READY: "the kubelet of one of the gateway's nodes has fallen silent",
    Fault.NODES_FORBIDDEN: "the operator may not read nodes",
    Fault.NEIGHBOURS: "pods crash in another namespace, and those of a third may not be read; both are watched if it starts with this",
}


class UnknownFaultError(LookupError):
    """A fault that the drill does not have; the message names those it has."""


def find_fault(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UnknownFaultError: There is none.
    """
    try:
        return Fault(name)
    except ValueError:
        known = ", ".join(fault.value for fault in Fault)
        raise UnknownFaultError(f"no fault {name!r}; there are: {known}") from None
