"""The pods pane with more than one namespace, and with nodes that are unwell."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.errors import Forbidden, RollbackError
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.namespaces import FurtherNamespace
from gospel_rollback_tui.domain.nodes import NodeHealth, NodeVerdict
from gospel_rollback_tui.domain.pod_order import Grouping
from gospel_rollback_tui.domain.pod_state import ContainerState, PodState
from gospel_rollback_tui.domain.snapshots import EstateSnapshot, NodesSnapshot
from gospel_rollback_tui.domain.trend import level_of
from gospel_rollback_tui.ui.pod_list import PodList
from gospel_rollback_tui.ui.presentation.events import events_pane
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.pod_detail import pod_detail
from gospel_rollback_tui.ui.presentation.pod_table import pod_table
from gospel_rollback_tui.ui.presentation.strip import live_strip
from tests.ui.builders import NOW, ago, live, pod, snapshot
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.test_panes import glance, text

HOME = "gospelib-production"
NARROW, WIDE = Room(76, 20), Room(116, 30)
DENIED = FeedStatus(FeedState.FORBIDDEN, ago(10), None, "pods is forbidden")
CUT = FeedStatus(FeedState.RECONNECTING, ago(44), ago(45), "the connection was cut")
LEDGER = pod(
    "",
    "crash",
    "CrashLoopBackOff",
    Verdict.BAD,
    uid="ledger-crash",
    name="ledger-c7dd9bdcc-crash",
    namespace="payments",
    revision=None,
    newest=None,
    template_hash="",
    restarts=9,
    pod=PodState(
        "ledger-c7dd9bdcc-crash",
        "ledger-crash",
        "payments",
        owner_name="ledger-c7dd9bdcc",
        containers=(ContainerState("ledger", restarts=9, is_waiting=True, waiting="CrashLoopBackOff"),),
    ),
)
CHECKOUT = replace(LEDGER, uid="checkout", name="checkout-75ffcc75fc-zp9k4", short="zp9k4", state="Ready", verdict=Verdict.GOOD, ready=True, restarts=0)


def place(name: str, pods: FeedStatus | None = None) -> FurtherNamespace:
    """A further namespace that is heard, unless told otherwise."""
    return FurtherNamespace(name, HOME, pods or live(), live())


def beside(*places: FurtherNamespace) -> EstateSnapshot:
    """The usual estate, with the pods of payments beside it."""
    base = snapshot()
    rows = tuple(replace(row, namespace=HOME) for row in base.pods.rows)
    return replace(base, pods=replace(base.pods, rows=rows, further=(LEDGER, CHECKOUT), places=places or (place("payments"),)))


def with_nodes(base: EstateSnapshot, *unwell: NodeVerdict, status: FeedStatus | None = None) -> EstateSnapshot:
    """The estate with three nodes."""
    kubelets = {"ip-10-0-1-12": "v1.34.2", "ip-10-0-1-13": "v1.34.2", "ip-10-0-1-14": "v1.34.2"}
    return replace(base, nodes=NodesSnapshot(source="Kubernetes nodes", taken=NOW, status=status or live(), total=3, unwell=unwell, kubelets=kubelets))


SILENT = NodeVerdict("ip-10-0-1-12", NodeHealth.SILENT, "its kubelet is silent", NOW.wall - 60, "Kubelet stopped posting node status.")


def table(shown: EstateSnapshot, room: Room = NARROW, grouping: Grouping = Grouping.NOTHING) -> str:
    """The pods pane."""
    pods = PodList()
    while pods.view.grouping is not grouping:
        pods.take(shown.pods.rows, shown.pods.further, several=bool(shown.pods.places))
        pods.next_grouping()
    lines = pod_table(glance(shown), room, pods)
    assert len(lines) <= room.height
    assert max(line.cell_length for line in lines) <= room.width
    return text([*lines])


@pytest.mark.parametrize("room", [NARROW, WIDE])
def test_every_pod_stands_with_its_namespace(room: Room) -> None:
    """Failing ones first, the namespace before the name; where there is little room the service and the end of the name tell pods apart."""
    shown = table(beside(), room).splitlines()
    assert "14" in shown[0]
    assert shown[1].split()[:3] == ["namespace", "pod", "rev"]
    assert shown[2].split()[:2] == ["✗", "payments"]
    assert "CrashLoopBackOff" in shown[2]
    named = "gospel…ction notifications w5kqd" if room is NARROW else f"{HOME}  gospelib-notifications-7c9f-w5kqd"
    assert any(named in row for row in shown)


def test_one_namespace_alone_has_no_column_and_no_group() -> None:
    """Nothing changes for who watches nothing further: neither the columns, nor the round of `z`, nor what the filter looks at."""
    base = snapshot()
    shown = table(base)
    assert "namespace" not in shown
    pods = PodList()
    pods.take(base.pods.rows)
    seen = []
    for _ in range(5):
        pods.next_grouping()
        seen.append(pods.view.grouping)
    assert seen == [Grouping.SERVICE, Grouping.REPLICA_SET, Grouping.NODE, Grouping.NOTHING, Grouping.SERVICE]
    pods.find("production")
    assert pods.listed == 0


def test_groups_by_namespace_count_each_and_take_the_column_s_place() -> None:
    """Failing ones first; the heading says how many are ready."""
    shown = table(beside(), grouping=Grouping.NAMESPACE)
    assert "✗ payments  1 of 2 ready, 1 failing" in shown
    assert f"✓ {HOME}  12 of 12 ready" in shown
    assert shown.splitlines()[1].split()[0] == "pod"


@pytest.mark.parametrize(
    ("grouping", "heading"), [(Grouping.SERVICE, "payments · none of the services"), (Grouping.REPLICA_SET, "payments · ledger-c7dd9bdcc")]
)
def test_pods_of_no_service_have_groups_of_their_own(grouping: Grouping, heading: str) -> None:
    """By what owns them, under the name of their namespace."""
    assert heading in table(beside(), WIDE, grouping)


def test_a_namespace_that_may_not_be_read_is_named_and_the_rest_stays_live() -> None:
    """Vault is forbidden, payments and the services are what they were."""
    shown = table(beside(place("payments"), place("vault", DENIED)))
    assert "? vault: no right to read it" in shown
    assert "✓ gospel" in shown
    assert "✗ payments" in shown


def test_rows_of_a_namespace_that_is_stale_are_under_the_question_mark() -> None:
    """Only its own; so is the heading of a group that holds one."""
    shown = table(beside(place("payments", CUT)))
    assert "? payments: stale 45 s: the connection was cut" in shown
    assert "? payments     ledger" in shown
    assert "✗ payments" not in shown
    assert "✓ gospel" in shown
    grouped = table(beside(place("payments", CUT)), grouping=Grouping.NAMESPACE)
    assert "? payments  1 of 2 ready" in grouped
    assert f"✓ {HOME}" in grouped


def test_of_many_namespaces_in_trouble_two_are_named() -> None:
    """One line, whatever happens."""
    names = ("one", "two", "three", "four")
    shown = table(beside(*(place(name, DENIED) for name in names)))
    assert "? one: no right to read it  two: no right to read it  and 2 more" in shown


def test_all_namespaces_at_once_are_one_feed() -> None:
    """Its state is that of every row but the services' own."""
    shown = table(beside(place("all", CUT)))
    assert "? other namespaces: stale 45 s" in shown
    assert "? payments     ledger" in shown
    assert "✓ gospel" in shown


def test_pods_of_further_namespaces_are_no_signal() -> None:
    """What is better or worse since a step began is told by the services' pods alone."""
    here, alone = beside(), snapshot()
    for services in ((), ("gateway",)):
        assert level_of(here, services, NOW.monotonic) == level_of(alone, services, NOW.monotonic)
    assert here.pods.of("") == ()


def test_a_silent_node_is_said_above_and_at_its_pods() -> None:
    """Once with its name, and at every pod on it; the first screen says it where there is room."""
    shown = with_nodes(snapshot(), SILENT)
    made = table(shown)
    assert "! 1 of 3 nodes silent: ip-10-0-1-12" in made
    assert "Ready · node silent" in made
    strip = text([*live_strip(glance(shown), Room(116, 10))])
    assert "! 1 of 3 nodes silent" in strip
    assert "notifications" in strip
    full = text([*live_strip(glance(shown), Room(116, 7))])
    assert "nodes" not in full
    assert "notifications" in full


def test_a_node_of_which_nothing_is_known_is_no_trouble_and_no_comfort() -> None:
    """A missing right is said at the pod in full, once; the list says nothing of nodes."""
    shown = with_nodes(snapshot(), SILENT, status=FeedStatus(FeedState.FORBIDDEN, ago(10), None, "nodes is forbidden"))
    assert "node" not in table(shown)
    full = text([*pod_detail(glance(shown), shown.pods.rows[0], 100)])
    assert "ip-10-0-1-12: nothing is known of it, ? no right to read it: nodes is forbidden" in full


@pytest.mark.parametrize(
    ("unwell", "words"),
    [
        (SILENT, "(kubelet v1.34.2): its kubelet is silent for 60 s: Kubelet stopped posting node status."),
        (NodeVerdict("ip-10-0-1-12", NodeHealth.CORDONED, "cordoned", NOW.wall - 9000), "(kubelet v1.34.2): cordoned"),
        (NodeVerdict("ip-10-0-1-13", NodeHealth.CORDONED, "cordoned"), "(kubelet v1.34.2): ready"),
    ],
)
def test_a_pod_in_full_says_how_its_node_is(unwell: NodeVerdict, words: str) -> None:
    """With since when, where its pods cannot be ready for it."""
    shown = with_nodes(snapshot(), unwell)
    assert f"ip-10-0-1-12 {words}" in text([*pod_detail(glance(shown), shown.pods.rows[0], 140)])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("FATAL: no connection slots",), "FATAL: no connection slots"),
        ((), "wrote nothing"),
        (Forbidden("pods/log is forbidden"), "not known: pods/log is forbidden"),
    ],
)
def test_a_pod_of_another_namespace_in_full_asks_for_its_log_in_its_own(answer: tuple[str, ...] | RollbackError, words: str) -> None:
    """The container that crashes, its run before this one; events are those of its namespace; no service, and it says so."""
    ports = Ports()
    event = ClusterEvent("Warning", "BackOff", "Back-off restarting failed container", "Pod", LEDGER.name, uid=LEDGER.uid, last=NOW.wall - 5)
    base = beside()
    ports.estate.shown = replace(base, events=replace(base.events, further=(event,)))
    ports.estate.log = answer

    async def story(game: Game) -> None:
        await game.press("p", "slash", *"payments", "enter")
        await game.sees("2 of 14 with 'payments'")
        await game.press("enter")
        await game.sees("Pod ledger-c7dd9bdcc-crash", "none of the environment's", "BackOff", words)
        assert ports.estate.logged == [("payments", LEDGER.name, "ledger", True)]

    play(ports, story, size=(100, 50))


def test_warnings_about_pods_of_further_namespaces_stand_among_the_events_under_their_name() -> None:
    """The filter finds them by it; a namespace that may not be read is named there too."""
    own = ClusterEvent("Normal", "ScalingReplicaSet", "Scaled up", "Deployment", "gospelib-gateway", last=NOW.wall - 9, namespace=HOME)
    other = ClusterEvent("Warning", "BackOff", "Back-off restarting", "Pod", LEDGER.name, uid=LEDGER.uid, last=NOW.wall - 5, namespace="payments")
    base = beside(place("payments"), FurtherNamespace("vault", HOME, live(), DENIED))
    seen = glance(replace(base, events=replace(base.events, rows=(own,), further=(other,))))
    shown = text([*events_pane(seen, WIDE)])
    assert "BackOff  Pod payments/ledger-c7dd9bdcc-crash: Back-off restarting" in shown
    assert "Deployment gospelib-gateway: Scaled up" in shown
    assert "? vault: no right to read it" in shown
    assert "gospelib-gateway" not in text([*events_pane(seen, WIDE, "payments/")])
    assert "none seen" in text([*events_pane(seen, WIDE, "nothing holds this")])
