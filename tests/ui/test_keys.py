"""One key, one meaning; the operator's own keymap, checked."""

import pytest

from gospel_rollback_tui.domain.estate import TerminalSettings
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.screens.wizard import WizardScreen
from tests.ui.memory import Ports
from tests.ui.playing import Game, play


def test_every_binding_has_an_id_a_tooltip_and_a_group() -> None:
    """So that it can be remapped, explained and found."""
    for name, binding in keys.every().items():
        assert binding.id == name
        assert binding.tooltip, name
        assert binding.group is not None, name
        assert binding.description, name


def test_one_key_means_one_thing_unless_prompt_and_screen_share_it() -> None:
    """Enter, Escape and b are the exceptions every terminal program has."""
    meanings: dict[str, set[str]] = {}
    for binding in keys.every().values():
        for key in binding.key.split(","):
            meanings.setdefault(key, set()).add(binding.description)
    shared = {key for key, words in meanings.items() if len(words) > 1}
    assert shared <= {"enter", "escape"}


@pytest.mark.parametrize(
    ("name", "key", "complaint"),
    [
        ("look.evidense", "f2", "there is no such key name, the nearest is look.evidence"),
        ("confirm.yes", "enter", "it confirms, refuses, aborts or quits"),
        ("confirm.no", "f9", "it confirms, refuses, aborts or quits"),
        ("change.abort", "f9", "it confirms, refuses, aborts or quits"),
        ("look.evidence", "r", "already means 'roll back'"),
        ("look.evidence", "3", "digits answer and choose"),
        ("look.evidence", "C", "torn escape sequence"),
        ("look.evidence", "", "is no key"),
    ],
)
def test_a_keymap_entry_that_cannot_be_is_a_sentence(name: str, key: str, complaint: str) -> None:
    """It says which entry, and why; the rest of the keymap holds."""
    usable, said = keys.usable_keymap([(name, key), ("decide.wizard", "f3")])
    assert dict(usable) == {"decide.wizard": "f3"}
    assert len(said) == 1
    assert complaint in said[0]
    assert name in said[0]


def test_a_remapped_key_works_and_the_old_one_stops() -> None:
    """The footer shows the new one."""
    ports = Ports(terminal=TerminalSettings(keymap=(("decide.wizard", "f3"), ("change.abort", "f9"))))

    async def story(game: Game) -> None:
        first = game.app.screen
        await game.sees("f3 ask me", "Key for change.abort not changed")
        await game.press("w")
        assert game.app.screen is first
        await game.press("f3")
        await game.until(lambda: isinstance(game.app.screen, WizardScreen))

    play(ports, story)
