"""The command line of each of the control plane's programs; every address is loopback, every file in the estate's folder."""

from pathlib import Path

from gospel_rollback_tui.drill.real.ports import LOOPBACK

SERVICE_ACCOUNT_KEY = "sa.key"
POD_NETWORK = "10.128.0.0/16"
SERVICE_NETWORK = "10.96.0.0/16"


def etcd(folder: Path, port: int, peer_port: int) -> list[str]:
    """Returns etcd's arguments: one member, and no fsync, since nothing here outlives the process."""
    client, peer = f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{peer_port}"
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def api_server(folder: Path, etcd_port: int, port: int) -> list[str]:
    """Returns kube-apiserver's arguments: tokens, RBAC, a certificate of its own making, and a record of every request.

    The ServiceAccount admission plug-in is off: the pods run nothing, so they need no tokens.
    """
    key = folder / SERVICE_ACCOUNT_KEY
    return [
        f"--etcd-servers=http://{LOOPBACK}:{etcd_port}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged",
        "--kubelet-preferred-address-types=InternalIP",
        f"--audit-policy-file={folder / 'audit-policy.yaml'}",
        f"--audit-log-path={folder / 'audit.log'}",
        "--audit-log-mode=blocking",
    ]


def controllers(folder: Path, port: int) -> list[str]:
    """Returns kube-controller-manager's arguments; all controllers, because nodes stay tainted without some of them."""
    return [
        f"--kubeconfig={folder / 'controllers.kubeconfig'}",
        f"--service-account-private-key-file={folder / SERVICE_ACCOUNT_KEY}",
        "--leader-elect=false",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'controllers'}",
    ]


def scheduler(folder: Path) -> list[str]:
    """Returns kube-scheduler's arguments; it serves nothing."""
    return [f"--kubeconfig={folder / 'scheduler.kubeconfig'}", "--leader-elect=false", "--secure-port=0"]


def kwok(folder: Path, port: int) -> list[str]:
    """Returns kwok's arguments: every node is its own, and its kubelet port serves the logs.

    The API server speaks TLS to kubelets, so kwok gets the certificate that the API server made for itself.
    """
    certificates = folder / "certificates"
    return [
        f"--config={folder / 'kwok.yaml'}",
        f"--kubeconfig={folder / 'kwok.kubeconfig'}",
        "--manage-all-nodes=true",
        f"--cidr={POD_NETWORK}",
        f"--node-ip={LOOPBACK}",
        f"--node-port={port}",
        f"--server-address={LOOPBACK}:{port}",
        f"--tls-cert-file={certificates / 'apiserver.crt'}",
        f"--tls-private-key-file={certificates / 'apiserver.key'}",
        "--node-lease-duration-seconds=40",
        "--enable-crds=Stage,Logs",
    ]
