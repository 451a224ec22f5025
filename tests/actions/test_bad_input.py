"""What is missing, wrong or refused on the way to git and Argo CD: a clear sentence, nothing changed, and another way that holds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_PIN, GIT_RESTORE, GIT_REVERT, ROLLBACK, UNDO
from gospel_rollback_tui.cli.acting import actions
from gospel_rollback_tui.cli.adapters import Adapters
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.drill.argocd.accounts import OPERATOR
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.actions.git_places import Place, request
from tests.actions.release_estate import Release, an_estate
from tests.infra.repository.remotes import MANIFESTS, OVERLAY, run


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    """The default night."""
    with an_estate(tmp_path / "estate") as served:
        yield served


def _no_token(release: Release, argocd: ArgoCd) -> ArgoCd:
    return replace(argocd, token_file=argocd.token_file + ".nowhere")


def _expired(release: Release, argocd: ArgoCd) -> ArgoCd:
    release.estate.delivery.sessions.expire(OPERATOR.name)
    return argocd


def _revoked(release: Release, argocd: ArgoCd) -> ArgoCd:
    release.estate.delivery.sessions.revoke(OPERATOR.name, f"{OPERATOR.name}-drill")
    return argocd


def _another_account(release: Release, argocd: ArgoCd) -> ArgoCd:
    return replace(argocd, token_file=str(Path(argocd.token_file).with_name("nobody.token")))


def _another_application(release: Release, argocd: ArgoCd) -> ArgoCd:
    return replace(argocd, application="gospelib-prodution")


def _another_project(release: Release, argocd: ArgoCd) -> ArgoCd:
    return replace(argocd, project="gospel")


def _no_tls(release: Release, argocd: ArgoCd) -> ArgoCd:
    return replace(argocd, server=argocd.server.removeprefix("http://"))


def _changes(release: Release) -> list[str]:
    """Returns what has changed anything, in Argo CD or in the cluster."""
    argocd = [one for one in release.estate.delivery.server.requests.records() if one.method != "GET"]
    cluster = [one for one in release.estate._api.requests.changes() if one.user == "operator"]
    return [f"{one.method} {one.path}" for one in (*argocd, *cluster)]


@pytest.mark.parametrize(
    ("spoil", "words", "look_at"),
    [
        (_no_token, "No such file", "Put a token there"),
        (_expired, "token has expired", "Log in to Argo CD again"),
        (_revoked, "token was revoked", "Log in to Argo CD again"),
        (_another_account, "does not allow", "the account's rights"),
        (_another_application, "no such thing", "argocd.application"),
        (_another_project, "does not allow", "argocd.project"),
        (_no_tls, "No secure connection", "argocd.ca_file"),
    ],
)
def test_what_keeps_from_argo_cd_is_said_and_the_live_objects_go_back_all_the_same(
    release: Release, tmp_path: Path, spoil: Callable[[Release, ArgoCd], ArgoCd], words: str, look_at: str
) -> None:
    """Token, account, names, TLS: the way by its history says what is wrong and what to do, and auto-sync still goes off on the other way."""
    environment = replace(release.environment, argocd=spoil(release, release.environment.argocd))
    made = Adapters(environment, tmp_path / "clones")
    release.closing.callback(made.close)
    release.closing.callback(made.connection.close)
    asked = replace(release.request(), environment=environment)
    with pytest.raises(RollbackError, match=words) as refusal:
        actions(made)[ROLLBACK.name].plan(asked)
    assert look_at in refusal.value.next_step
    assert "Meanwhile the services can be rolled back through Kubernetes, or in git." in refusal.value.next_step
    beside = actions(made)[UNDO.name].plan(replace(asked, inputs={"services": "gateway", "revision:gateway": "2"}))
    assert (beside.refused, [call.id for call in beside.calls]) == ("", ["freeze", "patch:gateway"])
    assert _changes(release) == []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The estate in memory with the bad release everywhere, and a real remote."""
    return Place.make(tmp_path)


@pytest.mark.parametrize("spec", [GIT_RESTORE, GIT_REVERT, GIT_PIN])
def test_a_shallow_repository_is_refused_by_every_way_of_git(place: Place, tmp_path: Path, spec: ActionSpec) -> None:
    """A revert there could delete the tree: the sentence names the setting to mend, and nothing is pushed."""
    run("git", "clone", "-q", "--bare", "--depth=1", f"file://{place.remote.bare}", str(tmp_path / "shallow.git"))
    place.repository = GitRepository(GitPlace(f"file://{tmp_path}/shallow.git", "main", manifests=MANIFESTS, overlay=OVERLAY), tmp_path / "other")
    refused = place.action(spec).plan(request()).refused
    assert "is a shallow copy" in refused
    assert "git.repository" in refused
    assert len(place.remote.log()) == 3


def test_who_may_not_push_is_told_before_anything_is_confirmed(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forge lets this key read and not write: the preview says so in the forge's words, and names the way on."""
    forge = tmp_path / "forge"
    said = "ERROR: Permission to gospelib/gospelib.git denied to ann."
    forge.write_text(f"#!/bin/sh\nfor last; do :; done\ncase $last in *receive-pack*) echo '{said}' >&2; exit 1;; esac\neval exec $last\n")
    forge.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(forge))
    address = f"ssh://git@forge.test{place.remote.bare}"
    place.cluster.apps["gospelib-production"]["spec"]["source"]["repoURL"] = address
    place.repository = GitRepository(GitPlace(address, "main", manifests=MANIFESTS, overlay=OVERLAY), tmp_path / "other")
    preview = place.action(GIT_RESTORE).plan(request())
    assert preview.calls == ()
    assert "This login may not push to main of " in preview.refused
    assert "denied to ann" in preview.refused
    assert "go back beside git" in preview.refused
    assert len(place.remote.log()) == 3


@pytest.mark.parametrize("spec", [GIT_RESTORE, GIT_REVERT, GIT_PIN])
def test_an_overlay_that_does_not_build_is_refused_with_the_builders_words(place: Place, spec: ActionSpec) -> None:
    """What the step would make is built before it is shown: a broken build is never pushed."""
    broken = place.remote.commit("Break the base", {f"{MANIFESTS}/base/kustomization.yaml": "resources:\n- nowhere.yaml\n"})
    place.remote.commit("Mend it", {f"{MANIFESTS}/base/kustomization.yaml": "resources:\n- gateway.yaml\n- auth.yaml\n"})
    mend = place.remote.head()
    place.repository.fetch()
    inputs = {
        GIT_RESTORE.name: {"commit": broken},
        GIT_REVERT.name: {"commits": mend},
        GIT_PIN.name: {"services": "gateway", "image:gateway": "v2.14.0"},
    }
    if spec is GIT_PIN:
        place.remote.commit("Break it again", {f"{MANIFESTS}/base/kustomization.yaml": "resources:\n- nowhere.yaml\n"})
    refused = place.action(spec).plan(replace(request(), inputs=inputs[spec.name])).refused
    assert "does not build" in refused
    assert "nowhere.yaml" in refused
