"""The command line and environment of each of Argo CD's programs: every file in a folder of its own, every address loopback.

But one: the application controller cannot be told where to serve its metrics, only on which port.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.drill.real.ports import LOOPBACK, ClaimedPorts

SELF_HEAL_SECONDS = 2
RESYNC_SECONDS = 10

Program = tuple[list[str], dict[str, str]]
"""Arguments after the program's own name, and the whole environment."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each of them listens."""

    redis: int
    repo_server: int
    server: int
    metrics: tuple[int, int, int, int]
    """Of the server, the repo-server, the application controller and the ApplicationSet controller."""

    probes: int
    """Where the ApplicationSet controller answers probes."""

    webhook: int
    """Where the ApplicationSet controller would hear of pushes."""


def claim_ports(claimed: ClaimedPorts) -> Ports:
    """Returns ports that nobody else takes."""
    redis, repo_server, server, probes, webhook, *metrics = claimed.claim(9)
    return Ports(redis, repo_server, server, (metrics[0], metrics[1], metrics[2], metrics[3]), probes, webhook)


@dataclass(frozen=True, slots=True)
class Programs:
    """What Argo CD consists of, for one kubeconfig and one folder."""

    folder: Path
    kubeconfig: Path
    namespace: str
    ports: Ports
    environment: Mapping[str, str]
    """Of every program; PATH leads to git and kustomize."""

    def redis(self) -> Program:
        """Returns redis as a cache that is lost at its end."""
        arguments = ["--port", str(self.ports.redis), "--bind", LOOPBACK, "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return arguments, dict(self.environment)

    def server(self) -> Program:
        """Returns the API server, in plain HTTP."""
        arguments = ["--insecure", "--address", LOOPBACK, "--port", str(self.ports.server), *self._metrics(0), "--metrics-address", LOOPBACK]
        return self._argo_cd("argocd-server", [*self._cluster(), *arguments, *self._repo_server()])

    def repo_server(self) -> Program:
        """Returns what clones the repository and renders its overlay."""
        arguments = ["--address", LOOPBACK, "--port", str(self.ports.repo_server), *self._metrics(1), "--metrics-address", LOOPBACK]
        return self._argo_cd("argocd-repo-server", [*arguments, "--redis", self._redis(), "--disable-tls"])

    def application_controller(self) -> Program:
        """Returns what compares and syncs."""
        often = ["--app-resync", str(RESYNC_SECONDS), "--self-heal-timeout-seconds", str(SELF_HEAL_SECONDS)]
        return self._argo_cd("argocd-application-controller", [*self._cluster(), *self._metrics(2), *self._repo_server(), *often])

    def application_set_controller(self) -> Program:
        """Returns what makes Applications of ApplicationSets."""
        addresses = {"--metrics-addr": self.ports.metrics[3], "--probe-addr": self.ports.probes, "--webhook-addr": self.ports.webhook}
        arguments = [part for flag, port in addresses.items() for part in (flag, f"{LOOPBACK}:{port}")]
        repo_server = ["--argocd-repo-server", f"{LOOPBACK}:{self.ports.repo_server}", "--repo-server-plaintext"]
        return self._argo_cd("argocd-applicationset-controller", [*self._cluster(), *arguments, *repo_server])

    def _argo_cd(self, name: str, arguments: list[str]) -> Program:
        """Returns one component: all are one binary, which acts as the one that its environment names."""
        own = self.folder / name
        settings = {
            "ARGOCD_BINARY_NAME": name,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "KUBECONFIG": str(self.kubeconfig),
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_TLS_DATA_PATH": str(own / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(own / "ssh"),
            "ARGOCD_GNUPGHOME": str(own / "gpg"),
            "TMPDIR": str(own),
            "HOME": str(own),
        }
        return arguments, {**self.environment, **settings}

    def _cluster(self) -> list[str]:
        return ["--kubeconfig", str(self.kubeconfig), "--namespace", self.namespace]

    def _metrics(self, number: int) -> list[str]:
        return ["--metrics-port", str(self.ports.metrics[number])]

    def _redis(self) -> str:
        return f"{LOOPBACK}:{self.ports.redis}"

    def _repo_server(self) -> list[str]:
        return ["--redis", self._redis(), "--repo-server", f"{LOOPBACK}:{self.ports.repo_server}", "--repo-server-plaintext"]
