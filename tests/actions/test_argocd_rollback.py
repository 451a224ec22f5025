"""Rolling a release back through Argo CD's history, against the simulated estate over its real protocols."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, NotSent, Refused
from gospel_rollback_tui.drill.script_delivery import Owner, SyncScene, WindowScene
from tests.actions.release_estate import Release, an_estate, captured, carried_calls, carried_out, script_of
from tests.drill.waiting import wait_for


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    """The default night."""
    with an_estate(tmp_path / "estate") as served:
        yield served


def _entries(release: Release) -> list[tuple[int, str]]:
    return [(entry["id"], entry["revision"]) for entry in release.application()["status"]["history"]]


def test_the_release_goes_back_and_stays_back(release: Release) -> None:
    """Auto-sync goes off first, this very operation succeeds, every service runs the entry's images, and the symptom passes."""
    preview, _, checks = carried_out(release.rollback, release.chosen(1))
    assert [call.where.partition(" (")[0] for call in preview.calls] == [
        "PATCH Application gospelib-production",
        "POST rollback of Application gospelib-production",
    ]
    assert [call.debt.id for call in preview.calls if call.debt] == ["auto-sync", "git"]
    assert all(check.passed for check in checks)
    assert release.image("gateway") == "v2.14.0"
    assert [number for number, _ in _entries(release)] == [0, 1, 2, 3]


def test_the_prompt_says_what_changes_per_service(release: Release) -> None:
    """Image, settings and other objects, who reverts it, what a sync would bring, and to what an undo goes back."""
    preview = release.rollback.plan(release.chosen(1))
    changes = next(notice.text for notice in preview.notices if notice.label == "Changes")
    assert changes == "gateway v2.15.0 → v2.14.0, 1 other setting; ConfigMap gospelib-release"
    against = [notice.text for notice in preview.notices if notice.label == "Against"]
    assert any("self-heal" in text for text in against)
    assert [text.partition(" (")[0] for text in against if text.startswith("git")] == ["git holds 1 commit newer than this release"]
    assert "entry 2" in preview.undo
    assert "as operator · Argo CD http://127.0.0.1" in preview.where


def test_the_list_tells_releases_apart_and_suggests_the_last_good_one(release: Release) -> None:
    """Tags, subjects, images and ages are read live; what runs now cannot be chosen."""
    listed = release.rollback.choices(release.request())[0]
    assert [(option.value[0], option.suggested, bool(option.refused)) for option in listed.options] == [
        ("2", False, True),
        ("1", True, False),
        ("0", False, False),
    ]
    suggested = listed.options[1]
    assert "v2.14.0" in suggested.label
    assert "gospelib-gateway v2.14.0" in suggested.detail
    assert "ran 2 d" in suggested.detail


def test_undo_returns_to_the_entry_that_ran_before_and_puts_the_policy_back(release: Release) -> None:
    """Newest first: the bad release again, then auto-sync exactly as captured; both debts are paid by it."""
    before = release.application()["spec"]["syncPolicy"]
    _, done, _ = carried_out(release.rollback, release.chosen(1))
    undo = release.rollback.undo_plan(release.request(), done)
    assert [(call.id, call.body["pays"]) for call in undo.calls] == [("rollback", ["git"]), ("thaw", ["auto-sync"])]
    _, _, checks = carried_out(release.rollback, release.request(), undo)
    assert all(check.passed for check in checks)
    assert release.image("gateway") == "v2.15.0"
    assert release.application()["spec"]["syncPolicy"] == before


def test_undo_of_a_freeze_alone_only_puts_the_policy_back(release: Release) -> None:
    """Where the rollback was refused after the freeze, nothing else was changed."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    _, done, _ = carried_out(release.freeze, release.request())
    undo = release.rollback.undo_plan(request, done)
    assert [call.id for call in undo.calls] == ["thaw"]
    assert preview.calls[0].id == "freeze"


def test_the_path_ends_with_git_argo_cd_and_the_cluster_telling_the_same(release: Release) -> None:
    """Auto-sync comes back only once git equals what runs, and then it is exactly as it was and brings nothing else."""
    before = release.application()["spec"]["syncPolicy"]
    _, done, _ = carried_out(release.rollback, release.chosen(1))
    told = release.request(**captured(done))
    assert "brings the bad release back" in release.resume.plan(told).refused
    release.estate.delivery.repository.push("gateway", "v2.14.0")
    _, _, synced = carried_out(release.sync, release.request())
    assert all(check.passed for check in synced)
    _, _, resumed = carried_out(release.resume, told)
    assert all(check.passed for check in resumed)
    assert release.application()["spec"]["syncPolicy"] == before
    assert (release.image("gateway"), release.application()["status"]["sync"]["status"]) == ("v2.14.0", "Synced")


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (SyncScene(window=WindowScene(ends_after=1800.0)), "A sync window is closed (deny"),
        (SyncScene(owner=Owner.APPLICATION_SET), "go by git"),
    ],
)
def test_what_forbids_a_rollback_is_said_with_another_way(tmp_path: Path, scene: SyncScene, words: str) -> None:
    """Nothing is sent; each sentence names what stands in the way and what to do instead."""
    with an_estate(tmp_path / "estate", script_of(scene)) as release:
        preview = release.rollback.plan(release.chosen(1))
        assert words in preview.refused
        assert preview.calls == ()
        assert release.image("gateway") == "v2.15.0"


def test_an_operation_that_hangs_is_ended_by_the_same_bundle(tmp_path: Path) -> None:
    """Auto-sync off, the operation stopped, then the rollback; the prompt names whose operation it ends."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(stuck="waiting for completion of hook batch/Job/migrate"))) as release:
        preview, _, checks = carried_out(release.rollback, release.chosen(1))
        assert [call.id for call in preview.calls] == ["freeze", "terminate", "rollback"]
        assert any("waiting for completion" in notice.text for notice in preview.notices)
        assert all(check.passed for check in checks)
        assert release.image("gateway") == "v2.14.0"


def test_without_a_choice_the_suggested_entry_is_taken(release: Release) -> None:
    """The newest that was well and is not what runs; choosing again stays possible."""
    assert release.rollback.plan(release.request()).title.endswith("back to release/v2.14.0")


def test_accounts_that_may_not_are_told_so(release: Release) -> None:
    """Who may only read is told before anything is sent; who may not even read cannot preview."""
    request = release.chosen(1)
    assert "may not sync Application gospelib-production" in release.as_account("readonly").rollback.plan(request).refused
    with pytest.raises(NotSent, match="does not allow"):
        release.as_account("nobody").rollback.plan(request)


def test_tokens_that_do_not_hold_ask_for_a_login(release: Release) -> None:
    """Expired, revoked and missing tokens each say which, and none is ever shown."""
    request = release.chosen(1)
    release.estate.delivery.sessions.expire("operator")
    with pytest.raises(CredentialsExpired, match="has expired") as refusal:
        release.rollback.plan(request)
    assert "through Kubernetes, or in git" in refusal.value.next_step
    assert "eyJ" not in refusal.value.sentences()
    release.estate.delivery.sessions.renew("operator")
    assert release.rollback.plan(request).refused == ""


def test_an_emptied_history_begins_anew_and_no_number_is_believed(release: Release) -> None:
    """The id is there again, with another commit: what was chosen is refused, and so is what was confirmed."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    release.rollback.send(request, preview.calls[0])
    history = release.application()["status"]["history"]
    anew = [{**entry, "id": number} for number, entry in enumerate(history[-2:])]
    release.change_application({"status": {"history": anew}})
    with pytest.raises(Refused, match="another deployment now"):
        release.rollback.plan(request)
    with pytest.raises(FactsMoved, match="another deployment now"):
        release.rollback.send(request, preview.calls[1])
    release.change_application({"status": {"history": None}})
    with pytest.raises(Refused, match="history is empty"):
        release.rollback.plan(request)
    assert release.image("gateway") == "v2.15.0"


def test_auto_sync_that_comes_back_stops_the_bundle(release: Release) -> None:
    """Between freeze and rollback the policy is looked at again: what came back would revert everything."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    release.rollback.send(request, preview.calls[0])
    release.change_application({"spec": {"syncPolicy": {"automated": {"enabled": None}}}})
    with pytest.raises(Refused, match="is on again"):
        release.rollback.send(request, preview.calls[1])
    assert release.rollback.happened(request, preview.calls[1]) is not True


def test_another_operation_in_between_moves_the_facts(release: Release) -> None:
    """A preview rests on the last operation too: somebody's sync shows as old → new."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    assert preview.fingerprint.moved(release.rollback.facts(request, preview)) == ()
    release.api.sync(release.environment.argocd.application, "", prune=False, run="somebody")
    wait_for(lambda: "operation" not in release.application())
    assert [name for name, _, _ in preview.fingerprint.moved(release.rollback.facts(request, preview))] == ["Last operation"]


def test_a_lost_answer_is_told_from_the_world(release: Release) -> None:
    """Before it was sent it has not happened; afterwards it has, however often one looks, and whoever looks."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    for call in preview.calls:
        assert release.rollback.happened(request, call) is False
        release.rollback.send(request, call)
        assert release.rollback.happened(request, call) is True
    wait_for(lambda: "operation" not in release.application())
    assert release.rollback.happened(request, preview.calls[1]) is True
    release.api.sync(release.environment.argocd.application, "", prune=False, run="somebody")
    assert release.rollback.happened(request, preview.calls[1]) is True


def test_a_dry_run_of_the_same_commit_is_not_the_rollback(release: Release) -> None:
    """It leaves `Succeeded` for that very commit behind, and changed nothing."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    release.rollback.send(request, preview.calls[0])
    commit = preview.calls[1].body["wanted"]["revisions"][0]
    operation = {"sync": {"revision": commit, "dryRun": True, "syncStrategy": {"apply": {}}}, "initiatedBy": {"username": "ann"}}
    release.change_application({"operation": operation, "status": {"operationState": None}})
    wait_for(lambda: release.application()["status"].get("operationState", {}).get("phase") == "Succeeded")
    assert release.rollback.happened(request, preview.calls[1]) is not True
    assert release.rollback.checks(request, preview, 0.0)[0].passed is not True


def test_somebody_who_syncs_the_bad_release_again_is_seen(tmp_path: Path) -> None:
    """The step does not count as done: another image came back, and it says so."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(somebody_syncs=0.5))) as release:
        _, _, checks = carried_out(release.rollback, release.chosen(1))
        if all(check.passed for check in checks):
            wait_for(lambda: release.image("gateway") == "v2.15.0")
            return
        assert any(check.final for check in checks)


def test_an_operation_that_a_window_holds_fails_the_step_and_is_stopped_by_its_undo(release: Release) -> None:
    """It would run by itself when the window opens: giving up means stopping it, and auto-sync comes back."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    deny = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"], "manualSync": False}
    release.registry.patch("appprojects", "argocd", "gospelib", {"spec": {"syncWindows": [deny]}})
    for call in preview.calls:
        release.rollback.send(request, call)
    wait_for(lambda: "window" in release.application()["status"].get("operationState", {}).get("message", ""))
    held = release.rollback.checks(request, preview, 0.0)[0]
    assert (held.passed, held.final) == (False, True)
    assert "run by itself" in held.words
    done = carried_calls(preview)
    undo = release.rollback.undo_plan(request, done)
    assert [call.id for call in undo.calls] == ["terminate", "thaw"]
    carried_out(release.rollback, request, undo)
    assert "operation" not in release.application()
    assert release.image("gateway") == "v2.15.0"


def test_an_application_of_several_sources_goes_back_by_all_its_commits(tmp_path: Path) -> None:
    """An entry is known by every commit, and so is the operation; a sync names none of them."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(several_sources=True))) as release:
        request = release.chosen(1)
        assert request.inputs["entry"].count(",") == 1
        preview, done, checks = carried_out(release.rollback, request)
        assert len(preview.calls[-1].body["wanted"]["revisions"]) == 2
        assert all(check.passed for check in checks)
        assert release.image("gateway") == "v2.14.0"
        release.estate.delivery.repository.push("gateway", "v2.14.0")
        synced, _, checks = carried_out(release.sync, release.request())
        assert synced.calls[0].body["revision"] == ""
        assert all(check.passed for check in checks)
        carried_out(release.resume, release.request(**captured(done)))
