"""Reads from the feeds' newest pictures what this host hears of each source."""

from urllib.parse import urlsplit

from gospel_rollback_tui.domain.feed import FeedStatus
from gospel_rollback_tui.domain.health import RESULTS_TO_CHANGE, Verdict
from gospel_rollback_tui.domain.snapshots import HealthRow, HealthSnapshot
from gospel_rollback_tui.domain.vantage import KUBERNETES, Reach, Source, Vantage, furthest, judge_vantage, reach_of_feed, reach_of_result
from gospel_rollback_tui.live.health import ARGOCD

FRESH_SECONDS = 35.0
"""Age from which an answer tells nothing about now; longer than the longest time between two questions and a lost answer."""


def vantage_of(cluster: FeedStatus, health: HealthSnapshot, now: float) -> Vantage:
    """Returns where silence comes from: the cluster's feed, each host that is asked for health, and what is asked only to compare."""
    sources = [Source(KUBERNETES, reach_of_feed(cluster, now))]
    hosts: dict[str, list[HealthRow]] = {}
    for row in health.rows:
        hosts.setdefault(host_of(row), []).append(row)
    sources += [Source(host, furthest(_reach(row, now) for row in rows), inside=any(map(_inside, rows))) for host, rows in hosts.items()]
    sources += [Source(row.name, _reach(row, now), independent=row.name != ARGOCD) for row in health.elsewhere]
    return judge_vantage(sources)


def host_of(row: HealthRow) -> str:
    """Returns the host that a check asks, with its port."""
    return urlsplit("//" + row.label.partition(" ")[2]).netloc


def _inside(row: HealthRow) -> bool:
    """Whether the check was answered well through the API server after the direct way had failed."""
    latest = row.standing.latest
    return latest is not None and latest.through and latest.direct is not None and latest.verdict is Verdict.GOOD


def _reach(row: HealthRow, now: float) -> Reach:
    standing = row.standing
    if standing.latest is None or now - standing.latest.at.monotonic > FRESH_SECONDS:
        return Reach.UNKNOWN
    reach = reach_of_result(standing.latest)
    one_lost_answer = reach is not Reach.ANSWERED and standing.consecutive < RESULTS_TO_CHANGE and standing.asked > 1
    return Reach.UNKNOWN if one_lost_answer else reach
