"""The control endpoint over HTTP: what a test can do to an estate and see of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.drill.aws_side import AwsSide
from gospel_rollback_tui.drill.control import Control
from gospel_rollback_tui.drill.control_client import ControlClient, ControlError
from gospel_rollback_tui.drill.databases import Databases
from gospel_rollback_tui.drill.delivery_side import DeliveryPlace, DeliverySide
from gospel_rollback_tui.drill.edge import SecureEdge
from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.fault import Fault
from gospel_rollback_tui.drill.floods import Floods
from gospel_rollback_tui.drill.kubernetes import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.catalogue import by_object
from gospel_rollback_tui.drill.kubernetes.documents import SystemClock
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.identities import Tokens, User
from gospel_rollback_tui.drill.kubernetes.log_source import WrittenLogs
from gospel_rollback_tui.drill.kubernetes.request_log import RequestLog, RequestRecord
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore
from gospel_rollback_tui.drill.login import main as log_in
from gospel_rollback_tui.drill.loopback_http import LoopbackServer, Request, Response
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers
from gospel_rollback_tui.drill.raging_logs import RagingLogs
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.start import opening_scene
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, GOOD_TAG, NAMESPACE, image_name
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.second_operator import HOLDER, LEASE
from gospel_rollback_tui.drill.shifted_clock import ShiftedClock
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry
from gospel_rollback_tui.drill.troubles import OPERATOR, Troubles
from tests.drill.waiting import wait_for

NONCE = "the-nonce"
GATEWAY = "gospelib-gateway"
TOKEN = "t0ken"


class Bench:
    """A control endpoint over a cluster in memory, and the client for it."""

    def __init__(self, directory: Path) -> None:
        """Serve the control endpoint of the default script's estate."""
        script = find_script("ready-but-failing")
        self.git = EstateRepository(directory / "gospelib.git", script, datetime.now(UTC))
        store = ObjectStore()
        for document in opening_scene(script, self.git, datetime.now(UTC)):
            store.put(by_object(document), document)
        self.faults = Faults()
        self.api = KubernetesApi(directory=directory / "cluster", faults=self.faults, store=store)
        self.delivery = DeliverySide(DeliveryPlace(script, directory, self.api, self.git, SystemClock()))
        self.registry = SimulatedRegistry(self.api.registry, "kubectl-edit")
        self.tokens = Tokens({TOKEN: User(OPERATOR)})
        self.requests = RequestLog(directory / "requests.jsonl")
        self.aws = AwsSide(directory, NONCE, script, Databases(None, directory))
        self.edge = SecureEdge(NONCE, self._no_service, self.api.certificates)
        self.metrics = PrometheusAnswers(script, lambda _service: ())
        floods = Floods(self.faults, RagingLogs(WrittenLogs(), SystemClock()), self.registry)
        self.troubles = Troubles(self.faults, self.tokens, self.registry, ShiftedClock(), self.delivery, self.aws.troubles, self.edge, self.metrics, floods)
        self.control = Control(self.registry, self.faults, self.requests, self.troubles, self.delivery, self.aws)
        self.server = LoopbackServer(NONCE, self.control)
        self.server.start()
        self.client = ControlClient(self.server.url, NONCE)

    def _no_service(self, _request: Request) -> Response:
        return Response(404, b"")

    def close(self) -> None:
        """End every thread."""
        self.edge.close()
        self.control.close()
        self.troubles.close()
        self.server.close()
        self.delivery.close()
        self.api.close()
        self.aws.close()
        self.requests.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Yield a bench."""
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def a_record(method: str, status: int = 200) -> RequestRecord:
    """Return a logged request."""
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{GATEWAY}"
    return RequestRecord("2026-11-27T03:13:03.000000Z", method, path, {}, "", "", OPERATOR, "", status, dry_run=False, body=None)


def test_the_request_log_is_the_witness(bench: Bench) -> None:
    """Every request is shown in order, and those that changed something apart."""
    for record in (a_record("GET"), a_record("PATCH"), a_record("PATCH", 422)):
        bench.requests.write(record)
    assert [record["method"] for record in bench.client.requests()] == ["GET", "PATCH", "PATCH"]
    assert [record["status"] for record in bench.client.requests(since=2)] == [422]
    assert [record["status"] for record in bench.client.changes()] == [200]


def test_objects_can_be_read_and_edited_as_somebody_else(bench: Bench) -> None:
    """An edit is merged into the object and noted under another manager's name."""
    bench.client.edit("deployments", NAMESPACE, GATEWAY, {"spec": {"replicas": 3}})
    deployment = bench.client.object("deployments", NAMESPACE, GATEWAY)
    assert deployment["spec"]["replicas"] == 3
    assert "kubectl-edit" in [entry["manager"] for entry in deployment["metadata"]["managedFields"]]
    assert len(bench.client.objects("deployments", NAMESPACE)) == 6


def test_a_refusal_is_an_error_with_the_reason(bench: Bench) -> None:
    """What does not exist, what the endpoint does not know and what is incomplete are refused in words."""
    with pytest.raises(ControlError, match=r'404 deployments\.apps "nope" not found'):
        bench.client.object("deployments", NAMESPACE, "nope")
    with pytest.raises(ControlError, match=r"400 .*no fault 'nope'"):
        bench.client.fault("nope")
    with pytest.raises(ControlError, match="400 KeyError"):
        bench.client.objects("nonsense")
    with pytest.raises(ControlError, match="400 IndexError"):
        bench.client.release(7)


def test_a_held_answer_arrives_and_is_released(bench: Bench) -> None:
    """A test can see that the change has come, and then let the answer go or reset the connection."""
    number = bench.client.hold("PATCH", "*/deployments/*")
    assert not bench.client.has_arrived(number)
    hold = bench.faults.take_hold("PATCH", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{GATEWAY}")
    assert hold is not None
    hold.arrived.set()
    assert bench.client.has_arrived(number)
    bench.client.release(number, drop=True)
    assert hold.dropped
    assert hold.finished.is_set()


def test_churn_moves_the_version_and_nothing_else(bench: Bench) -> None:
    """Status is rewritten again and again while generation and template stay, until it is told to stop."""
    before = bench.client.object("deployments", NAMESPACE, GATEWAY)
    bench.client.churn(GATEWAY, every=0.01)

    def version() -> str:
        return str(bench.client.object("deployments", NAMESPACE, GATEWAY)["metadata"]["resourceVersion"])

    wait_for(lambda: int(version()) > int(before["metadata"]["resourceVersion"]) + 3)
    bench.client.churn(GATEWAY, every=0)
    after = bench.client.object("deployments", NAMESPACE, GATEWAY)
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert after["spec"] == before["spec"]
    assert version() == after["metadata"]["resourceVersion"]


def test_a_push_moves_the_branch(bench: Bench) -> None:
    """Git declares the good tag from then on, and Argo CD is asked to look."""
    revision = bench.client.push("gateway", GOOD_TAG)
    assert bench.client.repository()["head"] == revision == bench.git.head
    gateways = [one for one in bench.git.manifests(revision) if one["kind"] == "Deployment" and one["metadata"]["name"] == GATEWAY]
    images = [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in gateways]
    assert images == [image_name("gateway", GOOD_TAG)]
    annotations = bench.client.object("applications", ARGOCD_NAMESPACE, APPLICATION)["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/refresh"] == "normal"


def test_a_commit_moves_the_branch_and_nobody_is_told(bench: Bench) -> None:
    """Somebody else's file is on the branch, and Argo CD is left to notice by itself."""
    revision = bench.client.commit("docs/on-call.md", "# On call\n", "on-call notes")
    assert bench.client.repository()["branches"]["main"] == revision
    assert bench.git.files(revision)["docs/on-call.md"] == "# On call\n"
    assert "annotations" not in bench.client.object("applications", ARGOCD_NAMESPACE, APPLICATION)["metadata"]


def test_every_fault_can_be_switched_on_and_off(bench: Bench) -> None:
    """Each one is accepted twice in both directions."""
    for fault in Fault:
        for on in (True, True, False, False):
            bench.client.fault(fault.value, on)
    assert not bench.faults.is_down
    assert bench.faults.latency == 0


def test_an_expired_token_is_renewed_by_the_login_command(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The drill's login command does what a real one would: the same kubeconfig works again."""
    bench.client.fault("expired-token")
    assert bench.tokens.authenticate(TOKEN) is None
    assert log_in([bench.server.url, NONCE]) == 0
    assert bench.tokens.authenticate(TOKEN) == User(OPERATOR)
    assert "Logged in" in capsys.readouterr().out


def test_a_login_that_fails_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments, and at something that is not the estate."""
    assert log_in([]) == 2
    assert log_in([bench.server.url, "another nonce"]) == 1
    assert "is not this estate" in capsys.readouterr().err


def test_a_second_operator_holds_the_lock_until_it_is_taken_over(bench: Bench) -> None:
    """Their Lease says who they are and is renewed; once it is another's they leave it alone."""
    bench.client.fault("second-operator")
    lease = bench.client.object("leases", NAMESPACE, LEASE)
    assert lease["spec"]["holderIdentity"] == HOLDER
    bench.client.edit("leases", NAMESPACE, LEASE, {"spec": {"holderIdentity": "me"}})
    bench.client.fault("second-operator", on=False)
    assert bench.client.object("leases", NAMESPACE, LEASE)["spec"]["holderIdentity"] == "me"


def test_every_answer_carries_the_nonce(bench: Bench) -> None:
    """Also those that refuse; a client that expects another nonce believes nothing."""
    netloc = urlsplit(bench.server.url).netloc
    for method, path in (("GET", "/requests"), ("GET", "/nope"), ("POST", "/fault"), ("DELETE", "/"), ("HEAD", "/requests")):
        connection = HTTPConnection(netloc)
        connection.request(method, path)
        response = connection.getresponse()
        assert response.headers[NONCE_HEADER] == NONCE
        response.read()
        connection.close()
    with pytest.raises(ControlError, match="not this estate"):
        ControlClient(bench.server.url, "another").requests()


def test_an_endpoint_that_is_gone_is_an_error(bench: Bench) -> None:
    """Nobody there is said as such."""
    bench.server.close()
    with pytest.raises(ControlError, match="refused"):
        bench.client.requests()


def test_waiting_has_an_end(bench: Bench) -> None:
    """A condition that never holds is an error, one that does is waited for."""
    bench.client.wait_until(lambda client: client.requests() == [])
    with pytest.raises(ControlError, match="did not come"):
        bench.client.wait_until(lambda client: False, deadline=0.0)


def test_trouble_of_the_aws_account_is_set_by_name_and_a_login_renews_it(bench: Bench) -> None:
    """An estate without an account says so when its requests are asked for."""
    bench.client.trouble_aws(expired=True, renames_first=2)
    assert (bench.aws.troubles.expired, bench.aws.troubles.renames_first) == (True, 2)
    bench.client.renew_login()
    assert not bench.aws.troubles.expired
    with pytest.raises(ControlError, match="no AWS account"):
        bench.client.aws_requests()
