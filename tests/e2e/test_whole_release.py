"""The ways back that reach more than one place at once: the whole release by git, and images beside git; everything tells the same at the end."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, SERVICE_PORTS
from tests.e2e.delivering import APPLY, PIN, RELEASE, WHOLE_RELEASE, closed_without_debt, confirm_step, go_on, head, policy, take_way, told_the_same, verified
from tests.e2e.drilling import served
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.e2e.reasoning import confirm_with_reason
from tests.e2e.serving import served_here


def test_all_six_services_go_back_to_the_release_before(tmp_path: Path) -> None:
    """The prompt names each service with both images; one push, one sync, and every Deployment runs the release that the tag before names."""
    with served_here(tmp_path, WHOLE_RELEASE) as drill, drill.app(rows=60) as terminal:
        before, was = policy(drill), head(drill)
        assert {drill.image(service).rpartition(":")[2] for service in SERVICE_PORTS} == {BAD_TAG}
        take_way(terminal, drill, RELEASE)
        terminal.press_until("d", lambda: f"auth image {BAD_TAG} → {GOOD_TAG}" in terminal.text(), "the list of what changes")
        screen = terminal.text()
        for service in SERVICE_PORTS:
            assert f"{service} image {BAD_TAG} → {GOOD_TAG}" in screen
        terminal.press_until("escape", lambda: f"auth image {BAD_TAG}" not in terminal.text(), "the step again")
        confirm_with_reason(terminal, drill, "PUSH main", "no migration came with it")
        verified(drill, "restore-release")
        assert head(drill) != was
        go_on(terminal, drill, "sync", "verify")
        closed_without_debt(terminal, drill)
        assert drill.count(Kind.DEBT_OPENED) == 0
        assert drill.sent() == []
        told_the_same(drill, before, *SERVICE_PORTS)


@pytest.mark.parametrize(("title", "step", "shows"), [(PIN, "pin-image", "PATCH"), (APPLY, "apply-image", "APPLY")], ids=["pin", "apply"])
def test_a_known_good_image_goes_in_beside_git(tmp_path: Path, title: str, step: str, shows: str) -> None:
    """Auto-sync off and the image in one confirmed bundle, each sent once; git made equal, auto-sync as it was, nothing owed."""
    with served(tmp_path) as drill, drill.app() as terminal:
        before = policy(drill)
        take_way(terminal, drill, title)
        confirm_step(terminal, drill, shows)
        verified(drill, step)
        assert drill.sent() == ["PATCH gospelib-production", "PATCH gospelib-gateway"]
        terminal.wait_for("recovered")
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        closed_without_debt(terminal, drill)
        told_the_same(drill, before)
