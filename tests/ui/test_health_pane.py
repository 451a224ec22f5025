"""The health pane: certificates, and what is said of silence."""

from dataclasses import replace

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import HealthRow
from gospel_rollback_tui.domain.vantage import Fault, Vantage
from gospel_rollback_tui.ui.pod_list import PodList
from gospel_rollback_tui.ui.presentation import health, pods
from gospel_rollback_tui.ui.presentation.doubts import doubt_lines
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.pod_table import pod_table
from gospel_rollback_tui.ui.screens.pane import PaneScreen
from tests.ui.builders import NOW, check, snapshot
from tests.ui.memory import Estate, Ports
from tests.ui.playing import Game, play
from tests.ui.test_panes import glance, text


def test_a_certificate_that_ends_soon_is_a_warning_and_one_that_ended_names_what_to_do() -> None:
    """The row's answer has room for the reason in a narrow column too."""
    base = snapshot()
    ending, ended = base.health.rows[1], check("edge", "endpoint", "", "GET edge/health", None, 0.1, Verdict.BAD, "certificate expired 3 h ago")
    soon = certified(ending, Certificate(NOW.wall - 9e6, NOW.wall + 9.5 * 86_400))
    gone = certified(ended, Certificate(NOW.wall - 9e6, NOW.wall - 3 * 3600, CertificateFault.EXPIRED))
    shown = glance(replace(base, health=replace(base.health, rows=(soon, gone))))
    lines = text([*health.health_pane(shown, Room(80, 30), detailed=True)])
    assert "! certificate ends in 9 d" in lines
    assert "certificate expired 3 h ago" in lines
    assert "Renew the certificate" in lines
    assert "certificate expired" in str(health.health_lines(shown, 32, 4)[0])


def test_where_silence_comes_from_stands_on_the_first_screen_and_in_every_pane() -> None:
    """One sentence, below the title of the pane and above what the first screen knows."""
    silent = Vantage(Fault.HERE, "Nothing answers from this host: probably this host's network, not the estate.")

    async def story(game: Game) -> None:
        await game.sees("! Nothing answers from this host: probably this host's network")
        await game.press("p")
        await game.until(lambda: isinstance(game.app.screen, PaneScreen))
        for name in ("Pods", "Health", "Logs", "Events"):
            await game.sees(name, "! Nothing answers from this host")
            await game.press("p")

    play(Ports(estate=Estate(replace(snapshot(), vantage=silent))), story)


def test_a_clock_that_is_wrong_is_said_and_ages_go_by_the_clusters() -> None:
    """Pods and events are dated by the cluster; the operator's own clock only says how late it is."""
    base = snapshot()
    young = tuple(replace(row, created=NOW.wall + 235.0) for row in base.pods.rows)
    shown = glance(replace(base, pods=replace(base.pods, rows=young), skew=240.0))
    assert text([*doubt_lines(shown, 120)]) == "! This host's clock is 4 min behind the cluster's, which ages go by."
    assert "5 s" in text([*pods.pods_pane(shown, Room(80, 20))])
    assert doubt_lines(glance(replace(base, skew=-20.0)), 120) == []


def certified(row: HealthRow, certificate: Certificate) -> HealthRow:
    """Returns the row with the certificate that its newest answer came with."""
    assert row.standing.latest is not None
    return replace(row, standing=replace(row.standing, latest=replace(row.standing.latest, certificate=certificate)))


def test_pods_that_were_never_heard_are_no_number() -> None:
    """Unreachable is unknown, never zero, in the list of all pods too; the reason stands beside it in two words where the room is narrow."""
    base = snapshot()
    silent = FeedStatus(FeedState.UNREACHABLE, NOW, None, "No answer from https://api in time.", why="no answer in time")
    shown = glance(replace(base, pods=replace(base.pods, rows=(), status=silent)))
    assert str(pod_table(shown, Room(80, 20), PodList())[0]).split() == ["Pods", "?", "unreachable:", "No", "answer", "from", "https://api", "in", "time."]
    assert str(pod_table(shown, Room(28, 20), PodList())[0]) == "Pods     ? no answer in time"
