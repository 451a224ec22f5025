"""Every kind of request that the program sends to Argo CD, sent to the real server, with the estate's door as the witness."""

from dataclasses import asdict
from pathlib import Path

import pytest

from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.application import application_from, restore_auto_sync, suspend_auto_sync
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.drill.fault import find_fault
from gospel_rollback_tui.drill.script import APPLICATION
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from tests.real.argocd_caller import Caller
from tests.real.conformance.argocd_shapes import TAKEN, argocd_shapes_of
from tests.real.conftest import LoadEstate

UNDERSTOOD = (200, 400)
"""Done, or refused for what it asks at this moment; any other answer would mean that there is no such request."""


def test_every_kind_of_request_is_understood_by_the_real_server(estate: LoadEstate, tmp_path: Path) -> None:
    """Reads, the freeze with and without git, a rollback, a sync and the end of an operation: no kind is left that only the simulation has seen."""
    scene = estate("git-down")
    environment = load_settings(scene.describe(tmp_path).config_file, {}).environments[0]
    argocd = environment.argocd
    connection = ArgoCdConnection(argocd, nonce=environment.cluster.nonce)
    before = len(scene.argocd.requests.records())
    try:
        ArgoCdRest(connection, ArgoCd(APPLICATION, argocd.namespace, argocd.server)).application(APPLICATION)
        api = ArgoCdRest(connection, argocd)
        _read(api, argocd.project, scene.git.head)
        policy = application_from(api.application(APPLICATION, refresh=True))
        assert policy.automated is not None
        scene.troubles.switch_on(find_fault("git-down"))
        api.patch(APPLICATION, suspend_auto_sync(policy))
        scene.troubles.switch_off(find_fault("git-down"))
        api.rollback(APPLICATION, 1, prune=False)
        Caller(scene).await_operation(scene.git.releases[1][0])
        api.sync(APPLICATION, scene.git.head, prune=False, run="run/step/1")
        Caller(scene).await_operation(scene.git.head)
        with pytest.raises(Refused, match="ended by itself"):
            api.terminate(APPLICATION)
        api.patch(APPLICATION, restore_auto_sync(application_from(api.application(APPLICATION)), policy.automated))
    finally:
        connection.close()
    records = [asdict(record) for record in scene.argocd.requests.records()[before:]]
    understood = argocd_shapes_of(record for record in records if record["status"] in UNDERSTOOD)
    assert understood >= TAKEN, "not understood, or not sent:\n" + "\n".join(sorted(str(shape) for shape in TAKEN - understood))


def _read(api: ArgoCdRest, project: str, head: str) -> None:
    api.version()
    api.who()
    assert api.may("sync", project, APPLICATION)
    api.sync_windows(APPLICATION)
    api.managed_resources(APPLICATION)
    api.manifests(APPLICATION, (head,))
    api.revision(APPLICATION, head)
