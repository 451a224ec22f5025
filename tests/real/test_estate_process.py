"""The real estate as a drill starts it: a process of its own that says how to reach it and leaves nothing behind."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.drill.control_client import ControlClient, ControlError
from gospel_rollback_tui.drill.launch import LaunchError
from gospel_rollback_tui.drill.real.launch import RealProcess, launch_real
from gospel_rollback_tui.drill.real.peers import Peers, find_peers
from gospel_rollback_tui.drill.script import GOOD_TAG, NAMESPACE
from tests.real.conftest import eventually

GATEWAY = "deployment/gospelib-gateway"


@pytest.fixture(scope="module")
def real(peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProcess]:
    """A running real estate at the default script; without the peers, none."""
    assert peers == find_peers()
    with launch_real(tmp_path_factory.mktemp("estate")) as process:
        yield process


@pytest.fixture
def control(real: RealProcess) -> ControlClient:
    """The control endpoint of the running estate."""
    return ControlClient(real.endpoints.control_url, real.endpoints.nonce)


def kubectl(peers: Peers, real: RealProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs kubectl with the kubeconfig that the estate hands out."""
    argv = [str(peers.program("kubectl")), "--kubeconfig", str(real.endpoints.kubeconfig), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_the_configuration_points_at_this_estate_only(real: RealProcess) -> None:
    """The file a drill is started with names the estate's own kubeconfig, addresses and nonce."""
    written = yaml.safe_load(real.endpoints.config_file.read_text(encoding="utf-8"))
    environment = written["environments"][written["default_environment"]]
    assert environment["tier"] == "drill"
    assert environment["cluster"]["kubeconfig"] == str(real.endpoints.kubeconfig)
    assert environment["cluster"]["nonce"] == real.endpoints.nonce
    assert all(service["health_url"].startswith("http://127.0.0.1:") for service in environment["services"].values())


def test_the_marker_of_the_drill_is_in_the_cluster(real: RealProcess, control: ControlClient) -> None:
    """The ConfigMap by which a drill knows its own cluster is there."""
    name = f"gospel-rollback-drill-{real.endpoints.nonce}"
    assert control.object("configmaps", NAMESPACE, name)["data"] == {"nonce": real.endpoints.nonce}


def test_the_services_answer_with_the_nonce(real: RealProcess) -> None:
    """What the probes ask carries the nonce as well."""
    with urllib.request.urlopen(real.endpoints.services[0].health_url) as answer:
        assert answer.headers["Gospel-Rollback-Drill"] == real.endpoints.nonce


def test_logs_can_be_followed(real: RealProcess, peers: Peers) -> None:
    """A followed log goes on with what the container writes from now on."""
    argv = [str(peers.program("kubectl")), "--kubeconfig", str(real.endpoints.kubeconfig), "logs", "-f", "--tail=0", GATEWAY]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as follower:
        assert follower.stdout is not None
        lines = [follower.stdout.readline() for _ in range(3)]
        follower.terminate()
    assert all("status=" in line for line in lines)


def test_the_witness_tells_who_changed_what(real: RealProcess, control: ControlClient, peers: Peers) -> None:
    """A change by the operator is in the record once, with its body; a dry run and a refused change are no changes."""
    patch = '{"metadata":{"annotations":{"note":"seen"}}}'
    assert kubectl(peers, real, "patch", GATEWAY, "-p", patch, "--dry-run=server").returncode == 0
    assert kubectl(peers, real, "delete", GATEWAY).returncode == 1
    assert kubectl(peers, real, "patch", GATEWAY, "-p", patch).returncode == 0

    def changes() -> list[tuple[str, str, object]]:
        return [(record["method"], record["path"], record["body"]) for record in control.changes() if record["user"] == "operator"]

    eventually("the change is recorded", lambda: bool(changes()))
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/gospelib-gateway"
    assert changes() == [("PATCH", path, {"metadata": {"annotations": {"note": "seen"}}})]


def test_somebody_elses_edit_is_somebody_elses(control: ControlClient) -> None:
    """An edit through the control endpoint changes the object under another manager's name."""
    edited = control.edit("configmaps", NAMESPACE, "billing-env", {"data": {"LOG_LEVEL": "debug"}})
    assert edited["data"]["LOG_LEVEL"] == "debug"
    assert "kubectl-edit" in {entry["manager"] for entry in edited["metadata"]["managedFields"]}


def test_status_churn_moves_the_version_and_nothing_else(control: ControlClient) -> None:
    """A churned Deployment gets another resourceVersion again and again, its generation stays."""
    before = control.object("deployments", NAMESPACE, "gospelib-auth")["metadata"]
    control.churn("gospelib-auth", 0.1)
    control.wait_until(lambda c: c.object("deployments", NAMESPACE, "gospelib-auth")["metadata"]["resourceVersion"] != before["resourceVersion"])
    control.churn("gospelib-auth", 0)
    assert control.object("deployments", NAMESPACE, "gospelib-auth")["metadata"]["generation"] == before["generation"]


def test_forbidden_takes_the_operators_rights_away_and_gives_them_back(real: RealProcess, control: ControlClient, peers: Peers) -> None:
    """While the fault is on, the operator may look and change nothing."""
    control.fault("forbidden")
    eventually("the patch is refused", lambda: "forbidden" in kubectl(peers, real, "label", GATEWAY, "a=b", "--overwrite").stderr)
    assert kubectl(peers, real, "get", GATEWAY).returncode == 0
    control.fault("forbidden", on=False)
    eventually("the right is back", lambda: kubectl(peers, real, "label", GATEWAY, "a=b", "--overwrite").returncode == 0)


def test_the_api_server_goes_and_comes_back(real: RealProcess, control: ControlClient, peers: Peers) -> None:
    """While the fault is on, connections are refused; afterwards the same objects are there."""
    control.fault("api-down", seconds=3600)
    eventually("connections are refused", lambda: "refused" in kubectl(peers, real, "get", GATEWAY).stderr)
    control.fault("api-down", on=False)
    eventually("the Deployment is there again", lambda: kubectl(peers, real, "get", GATEWAY).returncode == 0)


def test_a_fault_of_the_simulated_estate_is_refused(control: ControlClient) -> None:
    """What a real API server does not do is refused with a sentence."""
    with pytest.raises(ControlError, match="cannot have the fault 'watch-dead'"):
        control.fault("watch-dead")


def test_a_push_to_git_is_synced(control: ControlClient) -> None:
    """Where auto-sync is on, a commit of the good tag reaches the cluster without anybody's patch."""
    control.push("gateway", GOOD_TAG)

    def tag() -> str:
        template = control.object("deployments", NAMESPACE, "gospelib-gateway")["spec"]["template"]
        return str(template["spec"]["containers"][0]["image"]).rpartition(":")[2]

    eventually("the commit is live", lambda: tag() == GOOD_TAG)


@pytest.mark.usefixtures("peers")
def test_an_unknown_script_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """A wrong name costs no start: the sentence names the scripts there are."""
    with pytest.raises(LaunchError, match=r"no script 'nonsense'.*ready-but-failing"):
        launch_real(tmp_path, "nonsense")


@pytest.mark.usefixtures("peers")
def test_a_killed_estate_leaves_nothing_behind(tmp_path: Path) -> None:
    """When the estate's process is killed, the control plane and its folder go all the same."""
    process = launch_real(tmp_path, "image-pull")
    folder = process.endpoints.ca_file.parent
    assert folder.exists()
    os.kill(process.endpoints.pid, signal.SIGKILL)
    eventually("the control plane's folder is gone", lambda: not folder.exists())
    process.stop()
