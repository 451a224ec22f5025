"""The simulated estate, and the process it lives in.

`python -m gospel_rollback_tui.drill.simulated --directory D --script NAME --fault NAME…` serves an estate, prints how to
reach it as one line of JSON, and ends at SIGTERM or when its standard input ends: with whoever started it.
"""

import argparse
import json
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from gospel_rollback_tui.domain.schema import seconds_of
from gospel_rollback_tui.drill.aws_side import AwsSide
from gospel_rollback_tui.drill.behind import behind
from gospel_rollback_tui.drill.configuration import STABILITY_HOLD, STABILITY_SAMPLE, write_configuration
from gospel_rollback_tui.drill.control import Control
from gospel_rollback_tui.drill.databases import Databases
from gospel_rollback_tui.drill.delivery_side import DeliveryPlace, DeliverySide
from gospel_rollback_tui.drill.edge import SecureEdge
from gospel_rollback_tui.drill.endpoints import EstateEndpoints, ServiceEndpoints, to_json
from gospel_rollback_tui.drill.fault import Fault, UnknownFaultError, find_fault
from gospel_rollback_tui.drill.floods import Floods
from gospel_rollback_tui.drill.kubernetes import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.catalogue import by_object
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.identities import MASTERS_GROUP, Tokens, User
from gospel_rollback_tui.drill.kubernetes.store import Change, ObjectStore
from gospel_rollback_tui.drill.logs import ScriptedLogs, service_and_tag
from gospel_rollback_tui.drill.loopback_http import LoopbackServer
from gospel_rollback_tui.drill.neighbours import WATCHED
from gospel_rollback_tui.drill.pod_behaviour import behaviour_source
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers, window_of
from gospel_rollback_tui.drill.raging_logs import RagingLogs
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.rights import OPERATORS, RULES, VIEWERS
from gospel_rollback_tui.drill.scene.start import opening_scene
from gospel_rollback_tui.drill.script import NAMESPACE, SERVICE_PORTS, Script, deployment_name
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT, UnknownScriptError, find_script
from gospel_rollback_tui.drill.services import ServiceAnswers
from gospel_rollback_tui.drill.shifted_clock import ShiftedClock
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry
from gospel_rollback_tui.drill.troubles import OPERATOR, Troubles

CONTEXT = "gospelib-drill"
"""Name of the kubeconfig's context; a command that names it does nothing outside a drill."""

PEOPLE = (User(OPERATOR, (OPERATORS,), OPERATOR), User("viewer", (VIEWERS,), "viewer"), User("admin", (MASTERS_GROUP,), "admin"))
"""Who is known. The drill hands out the operator's kubeconfig; those of the others are files beside the CA's certificate, as on the real estate."""


_WAKING = ("deployments", "configmaps", "services", "applications", "applicationsets", "appprojects")
"""Resources whose changes Argo CD looks at."""


class SimulatedEstate:
    """Everything that a drill talks to, on ports of its own, from `start` to `close`."""

    def __init__(
        self, directory: Path, script: Script, hold: str = STABILITY_HOLD, sample: str = STABILITY_SAMPLE, speed: float = 1.0, faults: Sequence[Fault] = ()
    ) -> None:
        """Prepare the estate of a script in a folder of its own; nothing serves yet.

        `hold` and `sample` are the durations of the stability watch in the configuration that it writes; `speed` divides
        the times that Argo CD, its owners and colleagues wait by themselves; `faults` are those it will start with, after
        which its configuration is cut.
        """
        self._first_faults = frozenset(faults)
        self._watch = (hold, sample)
        self._directory = directory
        self._script = script
        self._nonce = secrets.token_hex(16)
        self._clock = ShiftedClock(wrong=Fault.CLOCK_SKEW in self._first_faults)
        self._started = self._clock.now()
        self._failing_from = datetime.now(UTC)  # users and drills go by this host's clock
        self._faults = Faults()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        repository = EstateRepository(directory / "git" / "gospelib.git", script, self._started)
        tokens = Tokens({secrets.token_urlsafe(24): user for user in PEOPLE})
        self.databases = Databases(script.data, directory, speed)
        self.aws = AwsSide(directory, self._nonce, script, self.databases, speed)
        answers = ServiceAnswers(script, self._ready_tags, self.databases.version)
        self._logs = RagingLogs(ScriptedLogs(script, self._clock, self.databases.version), self._clock)
        self._api = self._cluster(repository, tokens, answers)
        self.delivery = DeliverySide(DeliveryPlace(script, directory, self._api, repository, self._clock, speed))
        self._edge = SecureEdge(self._nonce, answers, self._api.certificates)
        self._metrics = PrometheusAnswers(script, self._ready_tags, self.databases.version, window=window_of(seconds_of(hold)))
        self._prometheus = LoopbackServer(self._nonce, self._metrics)
        operator = self._registry("gospel-rollback")
        floods = Floods(self._faults, self._logs, operator)
        self.troubles = Troubles(self._faults, tokens, operator, self._clock, self.delivery, self.aws.troubles, self._edge, self._metrics, floods)
        self._control = Control(self._registry("kubectl-edit"), self._faults, self._api.requests, self.troubles, self.delivery, self.aws)
        self._public = LoopbackServer(self._nonce, answers)
        self._control_server = LoopbackServer(self._nonce, self._control)

    def _cluster(self, repository: EstateRepository, tokens: Tokens, answers: ServiceAnswers) -> KubernetesApi:
        """Return the Kubernetes API at the opening scene of the script."""
        store = ObjectStore()
        for document in opening_scene(self._script, repository, self._started):
            store.put(by_object(document), document)
        store.compact()  # nobody can ask for what was before the estate began
        return KubernetesApi(
            store=store,
            directory=self._directory / "cluster",
            nonce=self._nonce,
            tokens=tokens,
            rules=RULES,
            faults=self._faults,
            log_source=self._logs,
            behaviour=behaviour_source(self._script, self.databases.version),
            clock=self._clock,
            backend=behind(answers),
        )

    def start(self) -> EstateEndpoints:
        """Serve the scene and return how to reach it."""
        self.databases.start()
        self.aws.start()
        self._api.subscribe(self._on_change)
        self._api.start()
        self.delivery.start()
        self._public.start()
        self._edge.start()
        self._metrics.observe()
        self._prometheus.start()
        self._control_server.start()
        for name in self._script.faults:
            self.troubles.switch_on(find_fault(name))
        endpoints = self._endpoints()
        write_configuration(endpoints, self._script, *self._watch)
        return endpoints

    def close(self) -> None:
        """End every server and thread."""
        self._control.close()
        self.troubles.close()
        self.delivery.close()
        self._public.close()
        self._edge.close()
        self._metrics.speak()
        self._prometheus.close()
        self._control_server.close()
        self._api.close()
        self.aws.close()
        self.databases.close()

    def _registry(self, manager: str) -> SimulatedRegistry:
        return SimulatedRegistry(self._api.registry, manager)

    def _on_change(self, change: Change) -> None:
        if change.resource.plural in _WAKING:
            self.delivery.wake()

    def _ready_tags(self, service: str) -> list[str]:
        """Return the image tag of each Ready pod of a service."""
        pods = self._api.registry.list("pods", NAMESPACE, label_selector=f"app=gospelib-{service}")
        return [service_and_tag(pod)[1] for pod in pods if is_ready(pod)]

    def _endpoints(self) -> EstateEndpoints:
        kubeconfig = self._write_kubeconfig(self._directory / "kubeconfig", OPERATOR)
        for file, user in (("restricted.kubeconfig", "viewer"), ("admin.kubeconfig", "admin")):
            self._write_kubeconfig(self._api.ca_file.with_name(file), user)
        return EstateEndpoints(
            nonce=self._nonce,
            directory=self._directory,
            pid=os.getpid(),
            script=self._script.id,
            kubeconfig=kubeconfig,
            context=CONTEXT,
            namespace=NAMESPACE,
            api_url=self._api.url,
            ca_file=self._api.ca_file,
            public_url=self._public.url,
            services=tuple(ServiceEndpoints(name, f"{base}/health", f"{base}/ready") for name, base in self._probes()),
            control_url=self._control_server.url,
            users_failing_since=self._failing_from - timedelta(seconds=self._script.failing_before),
            config_file=self._directory / "config.yaml",
            argocd_url=self.delivery.server.url,
            aws_url=self.aws.url,
            argocd_token_file=self.delivery.token_file,
            edge_url=self._edge.url if Fault.CERTIFICATE_EXPIRED in self._first_faults else "",
            watched=WATCHED if Fault.NEIGHBOURS in self._first_faults else (),
            git_url=self.delivery.repository.url,
            prometheus_url=self._prometheus.url,
            database_urls=tuple((service, str(path)) for service, path in self.databases.url_files.items()),
        )

    def _probes(self) -> list[tuple[str, str]]:
        """Return (service, base of its probes): below the public address, or by a name that only the cluster resolves."""
        if Fault.PROXY_ONLY in self._first_faults:
            return [(name, f"http://{deployment_name(name)}.{NAMESPACE}.svc.drill.invalid:{port}") for name, port in SERVICE_PORTS.items()]
        return [(name, f"{self._public.url}/services/{name}") for name in SERVICE_PORTS]

    def _write_kubeconfig(self, path: Path, user: str) -> Path:
        """Write the kubeconfig of a user to a file that only its owner can read, and return its path."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._api.kubeconfig(user, namespace=NAMESPACE, context=CONTEXT), file, indent=1)
        return path


def is_ready(pod: Json) -> bool:
    """Whether a pod serves: its Ready condition is True and it is not on its way out."""
    conditions = pod.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in pod["metadata"] and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def main(arguments: Sequence[str]) -> int:
    """Serve an estate until told to stop, or until nobody holds the other end of standard input."""
    parser = argparse.ArgumentParser(prog="gospel_rollback_tui.drill.simulated")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--script", default=DEFAULT_SCRIPT)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--stability-hold", default=STABILITY_HOLD)
    parser.add_argument("--stability-sample", default=STABILITY_SAMPLE)
    parser.add_argument("--speed", type=float, default=1.0)
    options = parser.parse_args(arguments)
    try:
        script = find_script(options.script)
        faults = [find_fault(name) for name in options.fault]
    except (UnknownScriptError, UnknownFaultError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    options.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    estate = SimulatedEstate(options.directory, script, options.stability_hold, options.stability_sample, options.speed, faults)
    try:
        endpoints = estate.start()
        for fault in faults:
            estate.troubles.switch_on(fault)
        sys.stdout.write(to_json(endpoints) + "\n")
        sys.stdout.flush()
        Thread(target=_watch_lifeline, args=(stopping,), name="lifeline", daemon=True).start()
        stopping.wait()
    finally:
        estate.close()
    return 0


def _watch_lifeline(stopping: Event) -> None:
    """Stop the estate when standard input ends."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    stopping.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
