"""A sync policy that nobody may read: whether Argo CD would revert the rollback is not known, and the operator writes why it is right all the same."""

from dataclasses import replace
from pathlib import Path

import yaml

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.bad_code import READY_BUT_FAILING
from gospel_rollback_tui.drill.script import GOOD_TAG
from gospel_rollback_tui.drill.script_delivery import SyncScene
from tests.e2e.delivering import PATCH, asked_of_argocd, take_way
from tests.e2e.drilling import OPERATOR, Drill
from tests.e2e.reasoning import ASKS, give_reason
from tests.e2e.serving import ServedHere, served_here

REASON = "the platform team says auto-sync is off"


def _hide_the_policy(drill: Drill) -> None:
    """Takes away the right to read Applications in the cluster, and gives the operator a token of Argo CD that may read nothing either."""
    assert isinstance(drill.estate, ServedHere)
    drill.estate.simulated._faults.forbid(OPERATOR, resource="applications")
    file = drill.endpoints.config_file
    settings = yaml.safe_load(file.read_text())
    token = Path(settings["environments"]["drill"]["argocd"]["token_file"])
    settings["environments"]["drill"]["argocd"]["token_file"] = str(token.with_name("nobody.token"))
    file.write_text(yaml.safe_dump(settings, sort_keys=False))


def test_an_unreadable_policy_takes_a_written_reason_that_the_journal_keeps(tmp_path: Path) -> None:
    """`y` alone does nothing; the reason confirms, is on record, and nothing that cannot be read is claimed to have been frozen."""
    script = replace(READY_BUT_FAILING, sync=SyncScene(automated=False))
    with served_here(tmp_path, script) as drill:
        _hide_the_policy(drill)
        with drill.app() as terminal:
            terminal.wait_for("Put the good manifests back in git", "roll back now")  # by git nothing depends on what cannot be read
            take_way(terminal, drill, PATCH)
            for question in ("Which services go back?", "Which revision does gateway go back to?", "Argo CD could not be read"):
                terminal.press_until("enter", lambda question=question: question in terminal.text(), question)  # type: ignore[misc] # mypy cannot infer a lambda with a default
            terminal.press_until("enter", lambda: ASKS in terminal.text(), "the prompt that takes a reason")
            terminal.press_until("enter", lambda: "It takes a written reason" in terminal.text(), "that Enter alone is not enough")
            assert not drill.has(Kind.CONFIRMED)
            assert drill.sent() == []
            give_reason(terminal, drill, REASON)
            drill.wait_for(Kind.VERIFIED)
            assert drill.wait_for(Kind.CONFIRMED).data["reason"] == REASON
            assert drill.sent() == ["PATCH gospelib-gateway"]
            assert asked_of_argocd(drill) == []
            assert drill.image("gateway").endswith(GOOD_TAG)
