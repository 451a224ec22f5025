"""Keys that never change anything: typed ahead, pasted, Enter alone, a No, and everything under --read-only."""

from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import served
from tests.e2e.playing import BUNDLE, confirm, open_prompt


def test_two_keys_lead_from_triage_to_the_change(tmp_path: Path) -> None:
    """`r` opens the prompt, `y` sends the bundle once it has armed; no other key is needed."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        terminal.press("r")
        terminal.wait_for("y  roll back", "go back")
        confirm(terminal, drill)
        drill.wait_for(Kind.VERIFIED)
        assert drill.sent() == BUNDLE


def test_typed_ahead_and_pasted_keys_send_nothing(tmp_path: Path) -> None:
    """`ry` in one burst opens a prompt at most; a pasted sentence with every key in it changes nothing."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        terminal.paste("ry\r")
        terminal.wait_for("go back")
        terminal.paste("yyyy\ryes\r")
        terminal.paste("\r\r\r")
        terminal.press_until("n", lambda: "go back" not in terminal.text(), "the prompt closed")
        terminal.paste("rollback yes please\r")
        terminal.press_until("escape", lambda: "go back" not in terminal.text(), "whatever opened closed again")
        assert drill.sent() == []
        assert not drill.has(Kind.CONFIRMED)


def test_enter_alone_goes_back(tmp_path: Path) -> None:
    """The safe answer has the focus: Enter on an armed prompt is a No."""
    with served(tmp_path) as drill, drill.app() as terminal:
        open_prompt(terminal)
        terminal.press_until("enter", lambda: "go back" not in terminal.text(), "the prompt closed")
        assert drill.sent() == []


def test_read_only_never_reaches_a_confirmation(tmp_path: Path) -> None:
    """Triage shows everything; `r` does not exist, and nothing is sent, not even a lock."""
    with served(tmp_path) as drill, drill.app("--read-only") as terminal:
        terminal.wait_for("back to v2.14.0", "READ")
        terminal.paste("ry")
        terminal.press("r", "y")
        terminal.wait_for("READ")
        terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
        assert drill.sent() == []
        assert not [c for c in drill.control.changes() if not c.get("dry_run")]


def test_a_template_that_changed_under_the_prompt_is_shown_and_not_sent(tmp_path: Path) -> None:
    """Somebody else deploys while the prompt is open: `y` sends nothing, old → new is shown, and it arms again."""
    with served(tmp_path) as drill, drill.app() as terminal:
        open_prompt(terminal)
        label = {"spec": {"template": {"metadata": {"annotations": {"hotfix": "1"}}}}}
        drill.control.edit("deployments", drill.endpoints.namespace, "gospelib-gateway", label)
        terminal.press_until("y", lambda: "→" in terminal.text() and ("moved" in terminal.text().lower()), "what moved")
        assert drill.sent() == []


def test_status_writes_every_200_ms_do_not_hold_the_change_up(tmp_path: Path) -> None:
    """A crash loop's status writes move resourceVersion all the time; the bundle is sent once all the same."""
    with served(tmp_path) as drill, drill.app() as terminal:
        drill.control.churn("gospelib-gateway", every=0.2)
        open_prompt(terminal)
        confirm(terminal, drill)
        drill.wait_for(Kind.VERIFIED)
        assert drill.sent() == BUNDLE
