"""A simulated Kubernetes API server for drills: real HTTP over TLS for real clients.

Rule: what a client can see is what Kubernetes 1.34 answers; nothing outside this
package needs to know how that is done.

The whole interface, as the drill's composition uses it::

    api = KubernetesApi(
        directory=Path(...),          # certificates, request log; made if absent, 0700
        nonce="…",                    # sent with every answer as `Gospel-Rollback-Drill`
        tokens=Tokens({"t0ken": User("operator", groups=("operators",))}),
        rules=[Rule(subjects=("operators",), verbs=("get", "list", "watch"))],
        faults=Faults(),              # flip its switches at any time
        requests=RequestLog(path),    # default: directory / "requests.jsonl"
        log_source=source,            # LogSource: lines of pods/log
        behaviour=choose,             # BehaviourSource: pod document -> PodBehaviour
        clock=SystemClock(),
        speed=1.0,                    # divides every simulated wait (start, ready, back-off,
    )                                 # progress deadline, termination)
    api.start()                       # or `with api:`; returns when it serves
    api.url                           # "https://127.0.0.1:PORT"
    api.ca_file                       # PEM file that the server's certificate verifies against
    api.kubeconfig("operator", namespace="gospelib-production", context="gospelib-production")
    api.close()                       # ends every connection and thread

A store that holds a scene already may be given (``store=``): the controllers and the kubelet
take its objects up where their statuses left them, and write nothing where nothing is due.
Troubles are switched on ``faults`` (outage, 429, dead watches, latency, rights, held answers)
and on ``tokens`` (``expire``, ``renew``); what clients sent is read from ``requests``.

Objects are put in, read and changed in process, with the same defaulting, validation,
generations and watch events as over HTTP, through ``api.registry``::

    api.registry.create(deployment)                       # by apiVersion and kind
    api.registry.get("deployments", namespace, name)      # raises ApiError 404
    api.registry.list("pods", namespace, label_selector="app=web")
    api.registry.patch("applications", namespace, name, {"spec": {…}})           # merge patch
    api.registry.patch("deployments", namespace, name, {"status": {…}},
                       options=WriteOptions(subresource="status"))
    api.registry.update(document)                         # 409 on a stale resourceVersion
    api.registry.delete("pods", namespace, name)
    api.registry.apply(document)                          # create, or merge into what is there
    api.subscribe(callback)           # callback(Change) after every stored change, in the
                                      # writer's thread: only hand it on, then return
    api.add_nodes(3)                  # ready nodes "node-1"…; without any, pods stay Pending
    api.events.record(document, "Warning", "Reason", "message", component="…")
    api.resync_pods()                 # ask `behaviour` again for every pod now
    api.settle(timeout)               # wait until no controller has anything left to do at once
    api.store.compact()               # forget history: watches from older versions get 410

Returned documents are shared: copy (`copy_json`) before changing one.
Resources may be named by plural (`"deployments"`), and by `plural.group` where two share one.
"""

from gospel_rollback_tui.drill.kubernetes.access import Rule
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource, ContainerBehaviour, Fate, PodBehaviour
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, SystemClock, copy_json
from gospel_rollback_tui.drill.kubernetes.faults import Faults, Hold
from gospel_rollback_tui.drill.kubernetes.identities import Tokens, User
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine, LogSource, WrittenLogs
from gospel_rollback_tui.drill.kubernetes.registry import WriteOptions
from gospel_rollback_tui.drill.kubernetes.request_log import RequestLog, RequestRecord
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.kubernetes.store import Change

__all__ = [
    "ApiError",
    "BehaviourSource",
    "Change",
    "Clock",
    "ContainerBehaviour",
    "Fate",
    "Faults",
    "Hold",
    "Json",
    "KubernetesApi",
    "LogLine",
    "LogSource",
    "PodBehaviour",
    "RequestLog",
    "RequestRecord",
    "Rule",
    "SystemClock",
    "Tokens",
    "User",
    "WriteOptions",
    "WrittenLogs",
    "copy_json",
]
