"""Every dead source says which way it is dead, in the narrowest title and in the widest."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, RollbackError, ServerDown
from gospel_rollback_tui.domain.feed import FeedStatus
from gospel_rollback_tui.live.backoff import state_of, why_of
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import Room
from tests.ui.builders import NOW, ago, snapshot

NARROW, WIDE = Room(28, 1), Room(110, 1)


@pytest.mark.parametrize(
    ("error", "narrow", "wide"),
    [
        (
            ServerDown("Nothing listens at https://api.", why="connection refused"),
            "? connection refused",
            "? server down 45 s: Nothing listens at https://api.",
        ),
        (
            NoRoute("No answer from https://api in time.", why="no answer in time"),
            "? no answer in time",
            "? unreachable 45 s: No answer from https://api in time.",
        ),
        (
            NoRoute("The name in https://api does not resolve.", why="name not found"),
            "? name not found 45 s",
            "? unreachable 45 s: The name in https://api does not resolve.",
        ),
        (
            NoRoute("The certificate of https://api has expired.", why="certificate expired"),
            "? certificate expired",
            "? unreachable 45 s: The certificate of https://api has expired.",
        ),
        (
            CredentialsExpired("The credentials are expired or wrong (401)."),
            "? login expired 45 s:",
            "? login expired 45 s: The credentials are expired or wrong (401).",
        ),
        (Forbidden("Not allowed: pods is forbidden."), "? no right to read it", "? no right to read it 45 s: Not allowed: pods is forbidden."),
    ],
)
def test_the_reason_of_silence_stands_in_the_title(error: RollbackError, narrow: str, wide: str) -> None:
    """From the error that a source raised to the words on the screen: with room for two words, the two that say most."""
    status = FeedStatus(state_of(error, failures=1), NOW, ago(45.0), error.text, why=why_of(error))
    picture = replace(snapshot().pods, status=status)
    assert narrow in str(title("Pods", picture, NOW.monotonic, NARROW))
    assert wide in str(title("Pods", picture, NOW.monotonic, WIDE))
