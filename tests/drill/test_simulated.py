"""The simulated estate in its own process: every script reaches its state over real HTTP and TLS, and ends with its parent."""

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
import yaml

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.endpoints import NONCE_HEADER, EstateEndpoints, from_json
from gospel_rollback_tui.drill.launch import LaunchError, launch_simulated
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, BAD_TAG, GOOD_TAG, NAMESPACE, OLDER_TAG, image_name
from gospel_rollback_tui.drill.scripts import SCRIPTS, find_script
from tests.drill.waiting import wait_for

GATEWAY = "gospelib-gateway"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
NOBODY_THERE = 0
"""Stands for a connection that was refused or reset."""


class Operator:
    """The on-call engineer's view of an estate: its public address, and its API by the operator's kubeconfig."""

    def __init__(self, endpoints: EstateEndpoints) -> None:
        """Read the kubeconfig and trust its authority."""
        self.endpoints = endpoints
        self.control = ControlClient(endpoints.control_url, endpoints.nonce)
        kubeconfig = yaml.safe_load(endpoints.kubeconfig.read_text(encoding="utf-8"))
        self._token = kubeconfig["users"][0]["user"]["token"]
        self._tls = ssl.create_default_context(cafile=str(endpoints.ca_file))
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)).open

    def public(self, path: str) -> int:
        """Return the status of the public API's answer."""
        return self._send(urllib.request.Request(self.endpoints.public_url + path))[0]

    def api(self, path: str, method: str = "GET", body: object = None, content_type: str = MERGE) -> tuple[int, Any]:
        """Return status and document of the Kubernetes API's answer."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content_type, "Accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return self._send(urllib.request.Request(self.endpoints.api_url + path, content, headers, method=method))

    def deployment(self) -> dict[str, Any]:
        """Return the gateway's Deployment."""
        status, document = self.api(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{GATEWAY}")
        assert status == 200
        assert isinstance(document, dict)
        return document

    def image(self) -> str:
        """Return the image in the gateway's Deployment."""
        return str(self.deployment()["spec"]["template"]["spec"]["containers"][0]["image"])

    def pods(self) -> list[dict[str, Any]]:
        """Return the gateway's pods."""
        found: list[dict[str, Any]] = self.api(f"/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=app%3D{GATEWAY}")[1]["items"]
        return found

    def roll_back(self, tag: str) -> int:
        """Send the template of the revision with that tag, under the test that it is still the one that was read."""
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}"
        sets = self.api(f"{path}/replicasets?labelSelector=app%3D{GATEWAY}")[1]["items"]
        template = next(rs["spec"]["template"] for rs in sets if rs["spec"]["template"]["spec"]["containers"][0]["image"].endswith(tag))
        template["metadata"]["labels"].pop("pod-template-hash")
        live = self.deployment()
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": live["metadata"]["uid"]},
            {"op": "test", "path": "/spec/template", "value": live["spec"]["template"]},
            {"op": "replace", "path": "/spec/template", "value": template},
        ]
        return self.api(f"{path}/deployments/{GATEWAY}", "PATCH", patch, JSON_PATCH)[0]

    def argocd(self, path: str, method: str = "GET", body: object = None) -> tuple[int, Any]:
        """Return status and document of Argo CD's answer to the operator's token."""
        token = self.endpoints.argocd_token_file.read_text(encoding="utf-8")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return self._send(urllib.request.Request(self.endpoints.argocd_url + path, content, headers, method=method))

    def freeze(self) -> int:
        """Switch auto-sync off in the Application object."""
        path = f"/apis/argoproj.io/v1alpha1/namespaces/{ARGOCD_NAMESPACE}/applications/{APPLICATION}"
        return self.api(path, "PATCH", {"spec": {"syncPolicy": {"automated": {"enabled": False}}}})[0]

    def is_serving(self, tag: str) -> bool:
        """Whether every pod of the gateway runs that tag and is Ready, and verses are served."""
        pods = self.pods()
        images = {pod["spec"]["containers"][0]["image"] for pod in pods}
        ready = all(condition(pod, "Ready") == "True" for pod in pods)
        return images == {image_name("gateway", tag)} and len(pods) == 2 and ready and self.public("/v1/verses/gen.1.1") == 200

    def _send(self, request: urllib.request.Request) -> tuple[int, Any]:
        """Return an answer, having checked that it is this estate's."""
        try:
            with self._open(request, timeout=60) as response:
                status, body, headers = response.status, response.read(), response.headers
        except HTTPError as error:
            with error:
                status, body, headers = error.code, error.read(), error.headers
        except (URLError, ConnectionError):
            return NOBODY_THERE, None
        assert headers[NONCE_HEADER] == self.endpoints.nonce
        return status, json.loads(body) if body.startswith((b"{", b"[")) else body.decode()


def condition(pod: dict[str, Any], kind: str) -> str:
    """Return the status of a pod's condition, empty when it has none of that type."""
    return next((str(c["status"]) for c in pod["status"].get("conditions", []) if c["type"] == kind), "")


def waiting_reasons(operator: Operator) -> list[str]:
    """Return why the gateway's containers wait."""
    states = [pod["status"]["containerStatuses"][0]["state"] for pod in operator.pods() if pod["status"].get("containerStatuses")]
    return [state["waiting"]["reason"] for state in states if "waiting" in state]


@pytest.fixture
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    """Yield the operator of an estate with the script and the faults that the test names."""
    script, *faults = getattr(request, "param", ("ready-but-failing",))
    with launch_simulated(tmp_path / "estate", script, faults) as estate:
        yield Operator(estate.endpoints)


def estate(*names: str) -> pytest.MarkDecorator:
    """Name the script, and the faults if any, of the estate that a test needs."""
    return pytest.mark.parametrize("operator", [names], indirect=True, ids=["+".join(names)])


def test_the_default_incident_is_green_in_kubernetes_and_red_for_users(operator: Operator) -> None:
    """Every pod is Ready and every probe answers 200 while verses answer 500, and the logs say why."""
    assert {condition(pod, "Ready") for pod in operator.pods()} == {"True"}
    assert {operator.public(path) for path in ("/health", "/ready", "/services/gateway/ready", "/services/content/health")} == {200}
    assert operator.public("/v1/verses/gen.1.1") == operator.public("/v1/search?q=grace") == 500
    name = operator.pods()[0]["metadata"]["name"]
    status, log = operator.api(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/log?tailLines=50")
    assert status == 200
    assert "panic: nil map in route table" in log


def test_an_incident_has_a_past(operator: Operator) -> None:
    """Users failed before the estate was started, and the files that describe it are the owner's alone."""
    endpoints = operator.endpoints
    started = next(pod["metadata"]["creationTimestamp"] for pod in operator.pods())
    assert started < endpoints.users_failing_since.isoformat()
    assert endpoints.kubeconfig.stat().st_mode & 0o777 == endpoints.config_file.stat().st_mode & 0o777 == 0o600
    assert load_settings(endpoints.config_file, {}).environments[0].cluster.nonce == endpoints.nonce


def test_a_bare_undo_is_reverted_by_self_heal(operator: Operator) -> None:
    """The right template sent without a freeze is gone again, and verses fail on."""
    assert operator.roll_back(GOOD_TAG) == 200
    operator.control.wait_until(
        lambda control: control.object("applications", ARGOCD_NAMESPACE, APPLICATION)["status"]["operationState"]["phase"] == "Succeeded"
    )
    wait_for(lambda: operator.image() == image_name("gateway", BAD_TAG))
    wait_for(lambda: len(operator.pods()) == 2)
    assert operator.public("/v1/verses/gen.1.1") == 500


@pytest.mark.parametrize("operator", [("ready-but-failing",), ("crash-loop",), ("image-pull",), ("self-heal",), ("undone-before",)], indirect=True)
def test_freeze_and_roll_back_recovers(operator: Operator) -> None:
    """Auto-sync off, then the good template: the rollout completes, verses are served, and it stays so."""
    assert operator.freeze() == 200
    assert operator.roll_back(GOOD_TAG) == 200
    wait_for(lambda: operator.is_serving(GOOD_TAG))
    assert operator.image() == image_name("gateway", GOOD_TAG)
    changes = [record["path"].rpartition("/")[2] for record in operator.control.changes()]
    assert changes == [APPLICATION, GATEWAY]


@estate("crash-loop")
def test_crash_loop_reaches_its_state(operator: Operator) -> None:
    """The gateway's pods restart and wait, and nobody answers."""
    wait_for(lambda: "CrashLoopBackOff" in waiting_reasons(operator))
    assert all(pod["status"]["containerStatuses"][0]["restartCount"] > 0 for pod in operator.pods())
    wait_for(lambda: operator.public("/v1/verses/gen.1.1") == 503)
    name = operator.pods()[0]["metadata"]["name"]
    log = operator.api(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/log?previous=true")[1]
    assert "panic: assignment to entry in nil map" in log


@estate("image-pull")
def test_image_pull_reaches_its_state(operator: Operator) -> None:
    """The gateway's pods wait for an image that is not there."""
    wait_for(lambda: set(waiting_reasons(operator)) <= {"ErrImagePull", "ImagePullBackOff"} and len(waiting_reasons(operator)) == 2)
    assert operator.public("/health") == 503


@estate("slow-start")
def test_slow_start_recovers_late(operator: Operator) -> None:
    """After the undo the good pods are there before they are Ready, and in the end they serve."""
    assert operator.roll_back(GOOD_TAG) == 200
    good = image_name("gateway", GOOD_TAG)
    wait_for(lambda: any(pod["spec"]["containers"][0]["image"] == good and condition(pod, "Ready") == "False" for pod in operator.pods()))
    assert not operator.is_serving(GOOD_TAG)
    wait_for(lambda: operator.is_serving(GOOD_TAG), deadline=180)


@estate("broken-target")
def test_a_broken_target_crashes_and_the_one_before_it_serves(operator: Operator) -> None:
    """Going one revision back does not help; going two back does."""
    assert operator.roll_back(GOOD_TAG) == 200
    wait_for(lambda: "CrashLoopBackOff" in waiting_reasons(operator))
    assert operator.public("/v1/verses/gen.1.1") == 500
    assert operator.roll_back(OLDER_TAG) == 200
    wait_for(lambda: operator.is_serving(OLDER_TAG))


@estate("empty-graph")
def test_an_empty_graph_fails_search_only(operator: Operator) -> None:
    """Search answers 503 while verses and probes are well."""
    assert operator.public("/v1/search?q=grace") == 503
    assert operator.public("/v1/verses/gen.1.1") == operator.public("/ready") == 200


@estate("node-lost")
def test_a_lost_node_leaves_content_without_pods(operator: Operator) -> None:
    """A node is not Ready, and content waits for its image elsewhere."""
    nodes = operator.api("/api/v1/nodes")[1]["items"]
    assert sorted(condition(node, "Ready") for node in nodes) == ["True", "True", "Unknown"]
    wait_for(lambda: operator.public("/v1/verses/gen.1.1") == 503)
    assert operator.public("/health") == 200


@estate("cluster-gone")
def test_in_a_total_failure_the_api_is_gone(operator: Operator) -> None:
    """The API refuses connections and the public address answers 503."""
    assert operator.api("/version")[0] == NOBODY_THERE
    assert operator.public("/v1/verses/gen.1.1") == operator.public("/health") == 503


@pytest.mark.parametrize(("script", "path"), [("reversible-migration", "/v1/account"), ("irreversible-migration", "/v1/plans")])
def test_a_release_with_a_migration_fails_its_own_users(tmp_path: Path, script: str, path: str) -> None:
    """The service that was released answers 500, verses are served."""
    with launch_simulated(tmp_path / "estate", script) as running:
        operator = Operator(running.endpoints)
        assert operator.public(path) == 500
        assert operator.public("/v1/verses/gen.1.1") == 200


@estate("ready-but-failing", "forbidden")
def test_the_forbidden_operator_may_look_only(operator: Operator) -> None:
    """Reading works, changing is refused with 403."""
    assert len(operator.pods()) == 2
    assert operator.freeze() == operator.roll_back(GOOD_TAG) == 403


@estate("ready-but-failing", "expired-token")
def test_an_expired_token_is_401_until_the_login_is_renewed(operator: Operator) -> None:
    """The configured login command makes the same kubeconfig work again."""
    assert operator.api("/api/v1/nodes")[0] == 401
    login = load_settings(operator.endpoints.config_file, {}).environments[0].cluster.login
    assert subprocess.run(login, capture_output=True, check=False).returncode == 0
    assert operator.api("/api/v1/nodes")[0] == 200


@estate("ready-but-failing", "too-many-requests")
def test_too_many_requests_are_429_for_a_while(operator: Operator) -> None:
    """The API answers 429 at first, and in the end it serves."""
    assert operator.api("/api/v1/nodes")[0] == 429
    wait_for(lambda: operator.api("/api/v1/nodes")[0] == 200)


@estate("ready-but-failing", "api-down")
def test_an_api_that_is_down_comes_back(operator: Operator) -> None:
    """Connections are refused until the fault is mended; the public address never noticed."""
    assert operator.api("/version")[0] == NOBODY_THERE
    assert operator.public("/health") == 200
    operator.control.fault("api-down", on=False)
    wait_for(lambda: operator.api("/version")[0] == 200)


@estate("ready-but-failing", "second-operator")
def test_the_second_operator_holds_the_lock(operator: Operator) -> None:
    """The Lease in the estate's namespace names somebody else."""
    lease = operator.api(f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/gospel-rollback")[1]
    assert lease["spec"]["holderIdentity"] == "miriam@jump-2 0249-q3"
    assert lease["metadata"]["annotations"]["gospel-rollback/owner"] == "miriam@jump-2"


@estate("self-heal", "kill")
def test_the_runner_dies_while_its_change_is_on_the_wire(operator: Operator) -> None:
    """The change is made once, its answer never comes, and the process that was named is gone."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as runner:
        operator.control.name_runner(runner.pid)
        assert operator.freeze() == NOBODY_THERE
        assert runner.wait(60) == -signal.SIGKILL
    policy = operator.control.object("applications", ARGOCD_NAMESPACE, APPLICATION)["spec"]["syncPolicy"]["automated"]
    assert policy["enabled"] is False
    assert len(operator.control.changes()) == 1
    assert operator.roll_back(GOOD_TAG) == 200


ARGOCD_APPLICATION = f"/api/v1/applications/{APPLICATION}"


def test_argo_cd_is_reached_by_the_configuration(operator: Operator) -> None:
    """Server, project and a private token file stand in it, and git's address is the Application's."""
    environment = load_settings(operator.endpoints.config_file, {}).environments[0]
    assert environment.argocd.server == operator.endpoints.argocd_url
    assert environment.argocd.token_file == str(operator.endpoints.argocd_token_file)
    assert operator.endpoints.argocd_token_file.stat().st_mode & 0o777 == 0o600
    status, found = operator.argocd(f"{ARGOCD_APPLICATION}?project={environment.argocd.project}")
    assert status == 200
    assert found["spec"]["source"]["repoURL"] == operator.endpoints.git_url == dict(environment.names)["git.repository"]


def test_a_rollback_through_argo_cd_serves_users_again(operator: Operator) -> None:
    """Auto-sync off, the entry before, and the pods follow; both requests are in Argo CD's own log."""
    frozen = json.dumps({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})
    assert operator.argocd(ARGOCD_APPLICATION, "PATCH", {"patchType": "merge", "patch": frozen})[0] == 200
    assert operator.argocd(f"{ARGOCD_APPLICATION}/rollback", "POST", {"id": 1})[0] == 200
    wait_for(lambda: operator.is_serving(GOOD_TAG))
    sent = [(one["method"], one["user"]) for one in operator.control.argocd_requests() if one["changes_something"]]
    assert sent == [("PATCH", "operator"), ("POST", "operator")]
    assert not operator.control.changes()


def test_a_push_by_git_itself_is_what_argo_cd_delivers(operator: Operator, tmp_path: Path) -> None:
    """A clone, a revert, a push; on a refresh Argo CD rolls it out."""
    clone = tmp_path / "clone"
    identity = ["-c", "user.name=On call", "-c", "user.email=on-call@gospelib.invalid"]
    subprocess.run(["git", "clone", "--quiet", operator.endpoints.git_url, str(clone)], check=True)
    subprocess.run(["git", *identity, "revert", "--no-edit", "HEAD"], cwd=clone, check=True, capture_output=True)
    subprocess.run(["git", "push", "--quiet", "origin", "main"], cwd=clone, check=True, capture_output=True)
    pushed = operator.control.repository()["head"]
    assert operator.argocd(f"{ARGOCD_APPLICATION}?refresh=normal")[1]["status"]["sync"]["revision"] == pushed
    wait_for(lambda: operator.is_serving(GOOD_TAG))


def test_argo_cd_can_be_down_while_it_works_on(operator: Operator) -> None:
    """Its API refuses connections, the Kubernetes API does not, and drifts are healed all the same."""
    operator.control.fault("argocd-down")
    assert operator.argocd("/healthz")[0] == NOBODY_THERE
    assert operator.roll_back(GOOD_TAG) == 200
    wait_for(lambda: operator.image().endswith(BAD_TAG))
    operator.control.fault("argocd-down", on=False)
    assert operator.argocd("/healthz") == (200, "ok")


def test_an_argo_cd_token_expires_until_the_login_is_renewed(operator: Operator) -> None:
    """Only Argo CD's: the Kubernetes API still knows the operator."""
    operator.control.fault("argocd-token-expired")
    status, refused = operator.argocd(ARGOCD_APPLICATION)
    assert (status, refused["code"]) == (401, 16)
    assert operator.image().endswith(BAD_TAG)
    operator.control.renew_login()
    assert operator.argocd(ARGOCD_APPLICATION)[0] == 200


@estate("git-down")
def test_git_can_be_down_from_the_start(operator: Operator) -> None:
    """The Application cannot be compared, and is again when git is back."""
    assert operator.argocd(f"{ARGOCD_APPLICATION}?refresh=normal")[1]["status"]["sync"]["status"] == "Unknown"
    operator.control.fault("git-down", on=False)
    assert operator.argocd(f"{ARGOCD_APPLICATION}?refresh=normal")[1]["status"]["sync"]["status"] == "Synced"


def test_every_script_starts(tmp_path: Path) -> None:
    """Each one serves, and says which it is."""
    for script in SCRIPTS:
        with launch_simulated(tmp_path / script.id, script.id) as running:
            assert running.endpoints.script == script.id
            assert Operator(running.endpoints).control.objects("deployments", NAMESPACE)


def test_the_estate_ends_when_it_is_stopped(tmp_path: Path) -> None:
    """After `stop` the process is gone and its ports are closed; a second `stop` changes nothing."""
    running = launch_simulated(tmp_path / "estate")
    operator = Operator(running.endpoints)
    running.stop()
    running.stop()
    assert not running.is_running()
    assert operator.public("/health") == NOBODY_THERE


def test_the_estate_ends_with_its_parent(tmp_path: Path) -> None:
    """A launcher that is killed takes the estate with it."""
    program = "import sys, time\nfrom pathlib import Path\nfrom gospel_rollback_tui.drill.launch import launch_simulated\n"
    program += "from gospel_rollback_tui.drill.endpoints import to_json\n"
    program += "estate = launch_simulated(Path(sys.argv[1]))\nprint(to_json(estate.endpoints), flush=True)\ninput()\n"
    command = [sys.executable, "-c", program, str(tmp_path / "estate")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        endpoints = from_json(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(60)
    wait_for(lambda: not is_alive(endpoints.pid))


def test_a_lifeline_keeps_the_estate_alive_without_its_launcher(tmp_path: Path) -> None:
    """Whoever holds the other end of its standard input keeps it: a runner may outlive the drill's screen."""
    program = "import subprocess, sys\nfrom pathlib import Path\nfrom gospel_rollback_tui.drill.launch import launch_simulated\n"
    program += "from gospel_rollback_tui.drill.endpoints import to_json\nestate = launch_simulated(Path(sys.argv[1]))\n"
    program += "holder = subprocess.Popen(['cat'], stdin=sys.stdin, stdout=subprocess.DEVNULL, pass_fds=[estate.lifeline])\n"
    program += "print(to_json(estate.endpoints), flush=True)\nprint(holder.pid, flush=True)\nholder.wait()\n"
    command = [sys.executable, "-c", program, str(tmp_path / "estate")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        endpoints = from_json(parent.stdout.readline())
        holder = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(60)
        assert Operator(endpoints).public("/health") == 200
        assert is_alive(endpoints.pid)
        os.kill(holder, signal.SIGTERM)
    wait_for(lambda: not is_alive(endpoints.pid))


@pytest.mark.parametrize(("script", "fault", "words"), [("nope", (), "no script 'nope'"), ("self-heal", ("nope",), "no fault 'nope'")])
def test_an_estate_that_cannot_start_says_why(tmp_path: Path, script: str, fault: tuple[str, ...], words: str) -> None:
    """The launcher's error carries the estate's last words."""
    with pytest.raises(LaunchError, match=words):
        launch_simulated(tmp_path / "estate", script, fault)


def test_scripts_tell_the_same_as_the_estate_does(operator: Operator) -> None:
    """What the endpoints say of the incident is what the script says."""
    assert find_script(operator.endpoints.script).failing_before == 412


def is_alive(pid: int) -> bool:
    """Whether a process of that id exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@estate("crash-loop")
def test_pods_of_the_opening_scene_go_on_living(operator: Operator) -> None:
    """The kubelet takes a pod up where its status says it is: a change of its labels starts nothing anew."""
    before = operator.pods()[0]
    name = before["metadata"]["name"]
    operator.control.edit("pods", NAMESPACE, name, {"metadata": {"labels": {"looked-at": "yes"}}})
    content = operator.pods()
    after = next(pod for pod in content if pod["metadata"]["name"] == name)
    assert after["metadata"]["labels"]["looked-at"] == "yes"
    assert after["status"]["containerStatuses"][0]["restartCount"] == 6
    for field in ("startTime", "podIP", "phase"):
        assert after["status"][field] == before["status"][field]


def test_ready_pods_of_the_opening_scene_stay_ready(operator: Operator) -> None:
    """What ran for days has been ready for days."""
    name = operator.pods()[0]["metadata"]["name"]
    before = operator.api(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}")[1]["status"]
    operator.control.edit("pods", NAMESPACE, name, {"metadata": {"labels": {"looked-at": "yes"}}})
    after = operator.api(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}")[1]["status"]
    assert after["containerStatuses"][0]["state"] == before["containerStatuses"][0]["state"]
    moments = [{c["type"]: c["lastTransitionTime"] for c in status["conditions"]} for status in (before, after)]
    assert moments[0] == moments[1]
    assert moments[0]["Ready"] < operator.endpoints.users_failing_since.strftime("%Y-%m-%dT%H:%M:%SZ")
