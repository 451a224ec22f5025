"""The release rollback on the real Argo CD and the real control plane."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, Forbidden, NotFound, Refused
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.domain.sync_history import history_from
from gospel_rollback_tui.domain.sync_operations import operation_from
from gospel_rollback_tui.domain.sync_status import sync_status_from
from gospel_rollback_tui.drill.bad_code import READY_BUT_FAILING
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG
from gospel_rollback_tui.drill.script_delivery import SyncScene
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from tests.actions.release_estate import ReleaseActions, captured, carried_out
from tests.real.argocd_caller import gateway_tag
from tests.real.conftest import LoadEstate, eventually

Reach = Callable[[RealEstate], ReleaseActions]
SEVERAL_SOURCES = replace(READY_BUT_FAILING, id="several-sources", sync=SyncScene(several_sources=True))
"""The first incident, of an Application that names a second source for values."""


@pytest.fixture
def reach(tmp_path: Path) -> Iterator[Reach]:
    """Reaches an estate over the program's own adapters."""
    with ExitStack() as closing:

        def reached(estate: RealEstate) -> ReleaseActions:
            folder = tmp_path / estate.nonce
            folder.mkdir()
            environment = load_settings(estate.describe(folder).config_file, {}).environments[0]
            connection, argocd = ClusterConnection(environment.cluster), ArgoCdConnection(environment.argocd, nonce=environment.cluster.nonce)
            closing.callback(connection.close)
            closing.callback(argocd.close)
            return ReleaseActions(environment, connection, argocd)

        yield reached


def _policy(actions: ReleaseActions) -> object:
    return application_from(actions.api.application(APPLICATION)).automated


def test_back_git_and_on_again(estate: LoadEstate, reach: Reach) -> None:
    """The whole path: rolled back by history, git made equal, synced, auto-sync exactly as it was; nothing else comes."""
    loaded = estate("self-heal")
    actions = reach(loaded)
    before = _policy(actions)
    listed = actions.rollback.choices(actions.request())[0]
    suggested = next(option for option in listed.options if option.suggested)
    request = actions.request(entry=suggested.value)
    preview, done, checks = carried_out(actions.rollback, request)
    assert [call.id for call in preview.calls] == ["freeze", "rollback"]
    assert "v2.15.0 → v2.14.0" in next(notice.text for notice in preview.notices if notice.label == "Changes")
    assert all(check.passed for check in checks)
    told = actions.request(**captured(done))
    assert "brings the bad release back" in actions.resume.plan(told).refused
    loaded.git.push("gateway", "v2.14.0")
    _, _, synced = carried_out(actions.sync, actions.request())
    assert all(check.passed for check in synced)
    carried_out(actions.resume, told)
    assert _policy(actions) == before
    assert sync_status_from(actions.api.application(APPLICATION, refresh=True)).word == "Synced"


def test_undo_goes_back_to_what_ran(estate: LoadEstate, reach: Reach) -> None:
    """The bad release again, by a new entry of the history, and the policy as captured."""
    actions = reach(estate("self-heal"))
    before = _policy(actions)
    suggested = next(option for option in actions.rollback.choices(actions.request())[0].options if option.suggested)
    _, done, _ = carried_out(actions.rollback, actions.request(entry=suggested.value))
    undo = actions.rollback.undo_plan(actions.request(), done)
    assert [call.id for call in undo.calls] == ["rollback", "thaw"]
    _, _, checks = carried_out(actions.rollback, actions.request(), undo)
    assert all(check.passed for check in checks)
    assert _policy(actions) == before


def test_an_operation_that_hangs_is_stopped(estate: LoadEstate, reach: Reach) -> None:
    """The sync waits for its hook without end: it is asked to stop, the real server stops it, and another operation may begin."""
    loaded = estate("stuck-operation")
    actions = reach(loaded)
    preview, _, checks = carried_out(actions.terminate, actions.request())
    assert [call.id for call in preview.calls] == ["terminate"]
    assert [(record.method, record.status) for record in loaded.argocd.requests.changes()] == [("DELETE", 200)]
    assert all(check.passed for check in checks)
    last = operation_from(actions.api.application(APPLICATION))
    assert last is not None
    assert (last.over, last.phase) == (True, "Failed")
    assert last.message in checks[0].words
    assert actions.terminate.plan(actions.request()).refused == "Nothing is under way: there is nothing to stop."
    suggested = next(option for option in actions.rollback.choices(actions.request())[0].options if option.suggested)
    again, _, checks = carried_out(actions.rollback, actions.request(entry=suggested.value))
    assert [call.id for call in again.calls] == ["rollback"]
    assert all(check.passed for check in checks)
    assert gateway_tag(loaded.plane) == GOOD_TAG


def test_an_application_of_several_sources_goes_back_by_all_its_commits(estate: LoadEstate, reach: Reach) -> None:
    """Read, listed, compared, rolled back, made equal, synced, thawed: an entry is known by every commit, a sync names none of them."""
    loaded = estate(SEVERAL_SOURCES)
    actions = reach(loaded)
    before, api = _policy(actions), actions.api
    raw = api.application(APPLICATION, refresh=True)
    assert sync_status_from(raw).revisions == (loaded.git.head,) * 2
    entries = history_from(raw)
    assert [entry.revisions for entry in entries] == [(sha, sha) for sha, _ in loaded.git.releases]
    assert api.revision(APPLICATION, loaded.git.head, 0, entries[-1].id)["tags"] == [f"release/{BAD_TAG}"]
    request = actions.chosen(entries[-2].id)
    assert f"release/{GOOD_TAG}" in next(option.label for option in actions.rollback.choices(request)[0].options if option.value == request.inputs["entry"])
    preview, done, checks = carried_out(actions.rollback, request)
    assert f"{BAD_TAG} → {GOOD_TAG}" in next(notice.text for notice in preview.notices if notice.label == "Changes")
    assert any(GOOD_TAG in line.text for line in preview.calls[-1].diff)
    assert all(check.passed for check in checks)
    assert gateway_tag(loaded.plane) == GOOD_TAG
    loaded.git.push("gateway", GOOD_TAG)
    synced, _, checks = carried_out(actions.sync, actions.request())
    assert synced.calls[0].body["revision"] == ""
    assert all(check.passed for check in checks)
    carried_out(actions.resume, actions.request(**captured(done)))
    assert _policy(actions) == before
    status = sync_status_from(api.application(APPLICATION, refresh=True))
    assert (status.word, status.revisions) == ("Synced", (loaded.git.head,) * 2)
    assert gateway_tag(loaded.plane) == GOOD_TAG


def test_what_the_server_says_is_understood(estate: LoadEstate, reach: Reach) -> None:
    """Every call that is made, and every refusal that a sentence is written for."""
    actions = reach(estate("self-heal"))
    api = actions.api
    assert api.who()
    assert api.version().startswith("v3.2")
    assert api.may("sync", actions.environment.argocd.project, APPLICATION)
    assert api.sync_windows(APPLICATION) == {"canSync": True}
    with pytest.raises(Refused, match="Auto-sync is on"):
        api.rollback(APPLICATION, 0, prune=False)
    with pytest.raises(Refused, match="only the branch's own commit"):
        api.sync(APPLICATION, "d" * 40, prune=False, run="x")
    with pytest.raises(Refused, match="ended by itself"):
        api.terminate(APPLICATION)
    with pytest.raises(Refused, match=r"no such commit|gone from git"):
        api.manifests(APPLICATION, ("d" * 40,))
    with pytest.raises(FactsMoved, match="moved"):
        api.patch(APPLICATION, [{"op": "test", "path": "/metadata/uid", "value": "another"}, {"op": "remove", "path": "/spec/syncPolicy"}])
    carried_out(actions.freeze, actions.request())
    with pytest.raises(FactsMoved, match="no such entry"):
        api.rollback(APPLICATION, 99, prune=False)
    head = sync_status_from(api.application(APPLICATION)).revisions[0]
    assert api.revision(APPLICATION, head)["author"]
    assert {text["kind"] for text in api.manifests(APPLICATION, (head,))} >= {"Deployment", "ConfigMap"}
    assert api.managed_resources(APPLICATION)
    api.sync(APPLICATION, head, prune=False, run="run/step/1")
    with pytest.raises(Refused, match="Another operation is under way"):
        api.sync(APPLICATION, head, prune=False, run="run/step/2")
    eventually("the sync is over", lambda: (last := operation_from(api.application(APPLICATION))) is not None and last.over)
    last = operation_from(api.application(APPLICATION))
    assert last is not None
    assert (last.phase, last.marker) == ("Succeeded", "run/step/1")


def test_who_may_not_and_what_is_not_there(estate: LoadEstate, reach: Reach, tmp_path: Path) -> None:
    """A wrong Application, no token, and a token that is none."""
    actions = reach(estate("self-heal"))
    argocd, nonce = actions.environment.argocd, actions.environment.cluster.nonce
    with pytest.raises(NotFound, match="no such thing"):
        ArgoCdRest(actions.argocd, ArgoCd("nope", argocd.namespace, argocd.server, argocd.project)).application("nope")
    with pytest.raises(Forbidden, match="not there"):
        ArgoCdRest(actions.argocd, ArgoCd("nope", argocd.namespace, argocd.server)).application("nope")
    wrong = tmp_path / "wrong.token"
    wrong.write_text("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhcmdvY2QiLCJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl")
    stranger = ArgoCdConnection(ArgoCd(APPLICATION, server=argocd.server, project=argocd.project, token_file=str(wrong)), nonce=nonce)
    with pytest.raises(CredentialsExpired, match="not made by this Argo CD"):
        ArgoCdRest(stranger, argocd).application(APPLICATION)
    with pytest.raises(CredentialsExpired, match="nobody is logged in"):
        ArgoCdRest(stranger, argocd).who()
    stranger.close()
