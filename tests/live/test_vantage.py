"""What this host hears of each source, read from the feeds' pictures."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.estate import ArgoCd, Cluster, Environment, HttpCheck, Service, Tier
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import HealthResult, HealthStanding, NoAnswer, Verdict
from gospel_rollback_tui.domain.snapshots import HealthRow, HealthSnapshot
from gospel_rollback_tui.domain.vantage import Fault
from gospel_rollback_tui.live.health import elsewhere_of
from gospel_rollback_tui.live.vantage import vantage_of

NOW = Moment(1000.0, 5000.0)
LIVE = FeedStatus(FeedState.LIVE, NOW, NOW)
GONE = FeedStatus(FeedState.UNREACHABLE, NOW, None, why=NoAnswer.TIMEOUT.value)


def row(name: str, url: str, problem: NoAnswer | None = None, *, kind: str = "endpoint", age: float = 1.0, consecutive: int = 5) -> HealthRow:
    """Returns a check with that newest result, the same so many times in a row."""
    result = HealthResult(Verdict.UNKNOWN if problem else Verdict.GOOD, None if problem else 200, 0.1, "", Moment(NOW.monotonic - age, 0.0), problem)
    standing = HealthStanding(result.verdict, NOW, result, consecutive, NOW, None, 9)
    return HealthRow(name=name, kind=kind, service="", label=HttpCheck(name, url).label(), standing=standing)


def health(*rows: HealthRow, elsewhere: tuple[HealthRow, ...] = ()) -> HealthSnapshot:
    """Returns the health pane's picture."""
    return HealthSnapshot(source="HTTP", taken=NOW, status=LIVE, rows=rows, elsewhere=elsewhere)


def test_checks_of_one_host_are_one_source() -> None:
    """One path that answers proves the way to its host."""
    rows = (row("a", "https://api.example/a"), row("b", "https://api.example/b", NoAnswer.TIMEOUT), row("c", "https://ai.example:8443/c", NoAnswer.TIMEOUT))
    found = vantage_of(LIVE, health(*rows), NOW.monotonic)
    assert found.words == "The Kubernetes API and api.example answer from here: it is ai.example:8443."


@pytest.mark.parametrize(
    ("argocd", "place", "fault"), [(True, None, Fault.SOURCE), (False, True, Fault.ESTATE), (False, False, Fault.HERE), (False, None, Fault.HERE)]
)
def test_argo_cd_is_of_the_estate_and_the_vantage_is_not(argocd: bool, place: bool | None, fault: Fault) -> None:
    """Whether they answer decides between a source, the estate, and this host."""
    asked = [row("Argo CD", "https://argocd.example/api/version", None if argocd else NoAnswer.TIMEOUT, kind="elsewhere")]
    if place is not None:
        asked.append(row("else.example", "https://else.example/", None if place else NoAnswer.NAME_NOT_FOUND, kind="elsewhere"))
    picture = health(row("a", "https://api.example/a", NoAnswer.TIMEOUT), elsewhere=tuple(asked))
    assert vantage_of(GONE, picture, NOW.monotonic).fault is fault


def test_a_public_address_whose_service_answers_inside_is_the_way_in() -> None:
    """The API server's proxy is the second vantage of an endpoint that is silent from here."""
    edge = row("edge", "https://api.example/v1", NoAnswer.TIMEOUT)
    inside = row("gateway /ready", "https://api.example/ready", kind="ready")
    assert inside.standing.latest is not None
    through = replace(inside.standing.latest, through=True, direct=NoAnswer.TIMEOUT)
    inside = replace(inside, standing=replace(inside.standing, latest=through))
    found = vantage_of(LIVE, health(edge, inside), NOW.monotonic)
    assert found.words == "api.example answers inside the cluster, through the API server: it is the way to it from here."
    assert vantage_of(GONE, health(edge, inside), NOW.monotonic).fault is Fault.HERE


def test_old_answers_and_one_lost_answer_say_nothing() -> None:
    """A blink makes no sentence, and what was heard long ago is no vantage."""
    assert vantage_of(LIVE, health(row("a", "https://api.example/a", NoAnswer.TIMEOUT, consecutive=1)), NOW.monotonic).fault is Fault.NONE
    assert vantage_of(GONE, health(row("a", "https://api.example/a", age=40.0)), NOW.monotonic).fault is Fault.ALONE
    assert vantage_of(GONE, health(), NOW.monotonic).fault is Fault.ALONE


def test_what_is_asked_only_to_compare() -> None:
    """Argo CD over TLS unless its address says otherwise, and the configured place; nothing where neither is configured."""
    environment = Environment("x", "X", Tier.STAGING, Cluster("c", "n"), (Service("web", "web", "web", "app=web"),), vantage="https://else.example/")
    owned = replace(environment, argocd=ArgoCd("app", server="argocd.example"))
    assert [(target.name, target.check.url) for target in elsewhere_of(owned)] == [
        ("Argo CD", "https://argocd.example/api/version"),
        ("else.example", "https://else.example/"),
    ]
    assert elsewhere_of(replace(environment, argocd=ArgoCd("app", server="http://127.0.0.1:1/")))[0].check.url == "http://127.0.0.1:1/api/version"
    assert elsewhere_of(replace(environment, vantage="")) == ()
