"""The health pane: certificates, and what is said of silence."""

from dataclasses import replace

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import HealthRow
from gospel_rollback_tui.ui.presentation import health
from gospel_rollback_tui.ui.presentation.lines import Room
from tests.ui.builders import NOW, check, snapshot
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


def certified(row: HealthRow, certificate: Certificate) -> HealthRow:
    """Returns the row with the certificate that its newest answer came with."""
    assert row.standing.latest is not None
    return replace(row, standing=replace(row.standing, latest=replace(row.standing.latest, certificate=certificate)))
