"""A real Kubernetes control plane on loopback: etcd, API server, controllers, scheduler, kwok in the kubelets' place, and Argo CD."""

import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.real import credentials, programs
from gospel_rollback_tui.drill.real.api import DrillApi
from gospel_rollback_tui.drill.real.argocd.programs import Programs, claim_ports
from gospel_rollback_tui.drill.real.argocd.service import RealArgoCd
from gospel_rollback_tui.drill.real.documents import read_documents, read_text
from gospel_rollback_tui.drill.real.peers import Peers, find_peers
from gospel_rollback_tui.drill.real.ports import LOOPBACK, ClaimedPorts
from gospel_rollback_tui.drill.real.processes import EstateError, EstateProcesses
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE

CONTEXT = "gospelib-production"
"""The only context of every kubeconfig written here: that of the estate being drilled."""

MANAGER = "gospel-rollback-drill"

ARGO_CD_PATHS = tuple(f"/apis/argoproj.io/v1alpha1/{resource}" for resource in ("applications", "appprojects", "applicationsets"))
KUBECTL_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class _People:
    """Who speaks to the API server; all but the operator and the viewer may do everything."""

    admin: credentials.Identity
    drill: credentials.Identity
    operator: credentials.Identity
    viewer: credentials.Identity
    controllers: credentials.Identity
    scheduler: credentials.Identity
    kwok: credentials.Identity
    argocd: credentials.Identity

    def all(self) -> tuple[credentials.Identity, ...]:
        """Returns every identity."""
        return (self.admin, self.drill, self.operator, self.viewer, self.controllers, self.scheduler, self.kwok, self.argocd)


def _new_people() -> _People:
    """Returns identities with fresh tokens."""
    return _People(
        admin=credentials.new_identity("admin", credentials.ADMINISTRATORS),
        drill=credentials.new_identity("gospel-rollback-drill", credentials.ADMINISTRATORS),
        operator=credentials.new_identity("operator", credentials.OPERATORS),
        viewer=credentials.new_identity("viewer", credentials.VIEWERS),
        controllers=credentials.new_identity("system:kube-controller-manager", credentials.ADMINISTRATORS),
        scheduler=credentials.new_identity("system:kube-scheduler", credentials.ADMINISTRATORS),
        kwok=credentials.new_identity("kwok", credentials.ADMINISTRATORS),
        argocd=credentials.new_identity("argocd", credentials.ADMINISTRATORS),
    )


class RealControlPlane:
    """A running control plane; it and everything it started end with it, or with this process, whatever ends that."""

    def __init__(self, peers: Peers | None = None) -> None:
        """Starts every program and returns when all of them serve; about eight seconds on an idle machine; Argo CD is ready some seconds later.

        Raises:
            PeersMissing: The programs have not been built.
            EstateError: One of them did not start; everything that did has been ended.
        """
        self._peers = peers or find_peers()
        self._people = _new_people()
        self._switching = Lock()
        self._ports = ClaimedPorts()
        self._processes = EstateProcesses()
        try:
            self._start()
        except BaseException:  # whatever ends the start, also Ctrl+C: no process is left behind
            self.close()
            raise

    @property
    def folder(self) -> Path:
        """Returns the control plane's own folder (0700); it is removed at the end."""
        return self._processes.folder

    @property
    def supervisor_pid(self) -> int:
        """Returns the process id of the supervisor, the parent of every program."""
        return self._processes.supervisor_pid

    @property
    def admin_token(self) -> str:
        """Returns the bearer token that may do everything."""
        return self._people.admin.token

    @property
    def operator_token(self) -> str:
        """Returns the bearer token with an on-call engineer's rights."""
        return self._people.operator.token

    @property
    def restricted_token(self) -> str:
        """Returns the bearer token that may look and change nothing."""
        return self._people.viewer.token

    @property
    def kubeconfig(self) -> Path:
        """Returns the kubeconfig of the on-call engineer: the one a drill hands to the program."""
        return self.folder / "kubeconfig"

    @property
    def admin_kubeconfig(self) -> Path:
        """Returns the kubeconfig that may do everything."""
        return self.folder / "admin.kubeconfig"

    @property
    def restricted_kubeconfig(self) -> Path:
        """Returns the kubeconfig of somebody who may look and change nothing."""
        return self.folder / "restricted.kubeconfig"

    @property
    def audit_file(self) -> Path:
        """Returns the API server's own record of the requests it got, one JSON object a line."""
        return self.folder / "audit.log"

    def kubectl(self, *arguments: str, kubeconfig: Path | None = None, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs the peers' kubectl, by default with every right, and returns what it printed.

        Raises:
            EstateError: With `check`, kubectl ended with another exit code than 0.
        """
        argv = [str(self._peers.program("kubectl")), "--kubeconfig", str(kubeconfig or self.admin_kubeconfig), *arguments]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, env=self._environment(), timeout=KUBECTL_SECONDS, check=False)
        if check and done.returncode != 0:
            raise EstateError(f"kubectl {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done

    def check(self) -> None:
        """Does nothing while every program runs; raises EstateError when one has ended by itself."""
        self._processes.check()

    def write_kubeconfig(self, path: Path, token: str, user: str = "somebody") -> Path:
        """Writes a kubeconfig for this control plane with any token, a wrong one too, and returns its path."""
        identity = credentials.Identity(user, (), token)
        return credentials.write_private(path, credentials.kubeconfig(self.server, self._authority, identity, context=CONTEXT, namespace=NAMESPACE))

    def stop_api_server(self) -> None:
        """Ends the API server: its open connections are reset, new ones refused, until `start_api_server`."""
        with self._switching:
            self._api_server_runs = False
            self._processes.stop("kube-apiserver")

    def start_api_server(self) -> None:
        """Starts the API server at its address; one that runs goes on. It serves some seconds later."""
        with self._switching:
            if not self._api_server_runs:
                self._api_server_runs = True
                self._run("kube-apiserver", self._api_server)

    def restart_controllers(self) -> None:
        """Starts controllers, scheduler and kwok anew, for when one of them runs and does nothing any more; what is stored stays."""
        for name, arguments in self._controllers.items():
            self._processes.stop(name)
            self._run(name, arguments)

    def close(self) -> None:
        """Ends every program and removes the folder; a second call does nothing."""
        self._processes.close()
        self._ports.release()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes."""
        self.close()

    def _environment(self) -> dict[str, str]:
        """Returns the whole environment of every program: nothing of the caller's gets in.

        GOGC lets the heaps grow: that saves a quarter of the processor's time for some hundred megabytes.
        """
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder), "LANG": "C.UTF-8", "GOGC": "300"}

    def _run(self, name: str, arguments: list[str]) -> None:
        self._processes.start(name, [self._peers.program(name), *arguments], self._environment())

    def _start(self) -> None:
        self.argocd = self._argo_cd()
        etcd_port, etcd_peer_port, api_port, controllers_port, self._kubelet_port = self._ports.claim(5)
        self.server = f"https://{LOOPBACK}:{api_port}"
        files = {
            "tokens.csv": credentials.token_file(self._people.all()),
            programs.SERVICE_ACCOUNT_KEY: credentials.signing_key(),
            "audit-policy.yaml": read_text("audit-policy.yaml"),
            "kwok.yaml": read_text("kwok.yaml"),
        }
        for name, text in files.items():
            credentials.write_private(self.folder / name, text)
        self._run("etcd", programs.etcd(self.folder, etcd_port, etcd_peer_port))
        self._api_server = programs.api_server(self.folder, etcd_port, api_port)
        self._api_server_runs = False
        self.start_api_server()
        self._await_api_server()
        people = self._people
        for file, identity in (("controllers", people.controllers), ("scheduler", people.scheduler), ("kwok", people.kwok), ("argocd", people.argocd)):
            self.write_kubeconfig(self.folder / f"{file}.kubeconfig", identity.token, identity.user)
        self._controllers = {
            "kube-controller-manager": programs.controllers(self.folder, controllers_port),
            "kube-scheduler": programs.scheduler(self.folder),
            "kwok": programs.kwok(self.folder, self._kubelet_port),
        }
        self._define_resources()
        for name, arguments in self._controllers.items():
            self._run(name, arguments)
        self.argocd.start(self.api, MANAGER)

    def _argo_cd(self) -> RealArgoCd:
        """Returns Argo CD for this control plane; it finds git and kustomize on its PATH."""
        environment = self._environment()
        environment["PATH"] = f"{self._peers.folder}:{environment['PATH']}"
        folder = self.folder / "argocd"
        argo_cd = Programs(folder, self.folder / "argocd.kubeconfig", ARGOCD_NAMESPACE, claim_ports(self._ports), environment)
        return RealArgoCd(self._peers, argo_cd, self._processes.start, self.check)

    def _await_api_server(self) -> None:
        """Waits for the certificate that the API server makes for itself, then for its own word that it is ready."""
        certificate = self.folder / "certificates" / "apiserver.crt"
        wait_until("the API server makes its certificate", lambda: certificate.exists() and certificate.stat().st_size > 0, alive=self.check)
        self._authority = credentials.last_certificate(certificate.read_text())
        self.ca_file = credentials.write_private(self.folder / "ca.crt", self._authority)
        self.api = DrillApi(self.server, self._authority, self._people.drill.token)
        wait_until("the API server is ready", self._is_ready, alive=self.check)
        people = self._people
        files = ((self.kubeconfig, people.operator), (self.admin_kubeconfig, people.admin), (self.restricted_kubeconfig, people.viewer))
        for path, identity in files:
            self.write_kubeconfig(path, identity.token, identity.user)

    def _is_ready(self) -> bool:
        try:
            return self.api.text("/readyz") == "ok"
        except ApiError:
            return False

    def _define_resources(self) -> None:
        """Adds the custom resources, which kwok expects to find when it starts, and waits until they are served."""
        for definition in read_documents("definitions.yaml"):
            self.api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, MANAGER)
        self.argocd.define_resources(self.api, MANAGER)
        for path in (*ARGO_CD_PATHS, "/apis/kwok.x-k8s.io/v1alpha1/stages", "/apis/kwok.x-k8s.io/v1alpha1/logs"):
            wait_until(f"{path} is served", partial(self._is_served, path), alive=self.check)

    def _is_served(self, path: str) -> bool:
        try:
            self.api.get(path, limit="1")
        except ApiError:
            return False
        return True
