"""Switching auto-sync on again: exactly as captured, and never before git equals what runs."""

import json

import pytest

from gospel_rollback_tui.actions.resuming import CAPTURED, ResumeAutoSync
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.cluster import MemoryCluster, bad_release
from tests.diagnosis import scenes

ORIGINAL = {"selfHeal": True, "prune": True}


def frozen(sync: str = "Synced") -> MemoryCluster:
    """Returns a cluster whose auto-sync was switched off, git being equal or not."""
    cluster = bad_release()
    application = cluster.apps["gospelib-production"]
    application["spec"]["syncPolicy"]["automated"] = {**ORIGINAL, "enabled": False}
    application["status"]["sync"]["status"] = sync
    return cluster


def request(captured: object = ORIGINAL) -> StepRequest:
    """Returns the step with what the freeze captured."""
    step = Step("auto-sync-on", "Switch auto-sync on again", "", "argocd.resume", Danger.REVERSIBLE, 60.0)
    return StepRequest(
        "0312-k7", scenes.ENVIRONMENT, step, {CAPTURED: json.dumps({"namespace": "argocd", "name": "gospelib-production", "automated": captured})}, "ann", None
    )


def test_the_captured_policy_comes_back_exactly_and_pays_the_debt() -> None:
    """Nothing of the policy is invented: it is what was captured, byte for byte."""
    cluster = frozen()
    doing = ResumeAutoSync(cluster, cluster, cluster)
    preview = doing.plan(request())
    assert (preview.refused, preview.calls[0].body["pays"]) == ("", ["auto-sync"])
    doing.send(request(), preview.calls[0])
    assert cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"] == ORIGINAL
    assert doing.happened(request(), preview.calls[0])
    assert all(check.passed for check in doing.checks(request(), preview, scenes.NOW))


def test_a_policy_that_said_enabled_comes_back_saying_enabled() -> None:
    """`enabled: true` written out is put back written out."""
    cluster = frozen()
    captured = {**ORIGINAL, "enabled": True}
    preview = ResumeAutoSync(cluster, cluster, cluster).plan(request(captured))
    assert preview.calls[0].body["automated"] == captured


@pytest.mark.parametrize("sync", ["OutOfSync", "Unknown", ""])
def test_it_is_refused_unless_git_is_seen_to_equal_what_runs(sync: str) -> None:
    """Auto-sync would bring the bad release back within a second; a repository that cannot be read proves nothing."""
    cluster = frozen(sync)
    assert "brings the bad release back" in ResumeAutoSync(cluster, cluster, cluster).plan(request()).refused


def test_a_policy_that_somebody_changed_meanwhile_is_left_alone() -> None:
    """What is there is no longer what the freeze left: the operator compares it."""
    cluster = frozen()
    cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"]["prune"] = False
    assert "not the one that was left" in ResumeAutoSync(cluster, cluster, cluster).plan(request()).refused


def test_undo_switches_it_off_again() -> None:
    """The undo of the resume is the freeze."""
    cluster = frozen()
    doing = ResumeAutoSync(cluster, cluster, cluster)
    preview = doing.plan(request())
    doing.send(request(), preview.calls[0])
    undo = doing.undo_plan(request(), [CallRun(c.id, c.where, c.body, c.undo, scenes.NOW) for c in preview.calls])
    doing.send(request(), undo.calls[0])
    assert cluster.apps["gospelib-production"]["spec"]["syncPolicy"]["automated"]["enabled"] is False
