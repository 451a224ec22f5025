"""What evidence for the choice of a way costs on a GitOps estate."""

import json
import time

from benchmarks.report import Row
from benchmarks.stopwatch import Watched, repeated
from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.release_diff import managed_from, release_diff
from gospel_rollback_tui.domain.sync_history import history_from
from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection

DIFFS = 9


def ways_row(app: Watched) -> Row:
    """First live pods to the way back that the evidence suggests; `app` has only just been started."""
    try:
        pods = app.until(b"2 of 2")
        ways = app.until(b"roll back now", ever=True)  # it may have come in one piece with the pods
    finally:
        app.close()
    return "first live pods → the suggested way, its preview read", f"{max(0.0, ways - pods) * 1000:.0f} ms", "goal 2 s; every probe beside the others"


def diff_row(endpoints: EstateEndpoints) -> Row:
    """The difference between the release before and what is live, six services, once the manifests have come."""
    environment = load_settings(endpoints.config_file, {}).environments[0]
    connection = ArgoCdConnection(environment.argocd, nonce=environment.cluster.nonce)
    api, name = ArgoCdRest(connection, environment.argocd), environment.argocd.application
    before = history_from(api.application(name))[-2]
    manifests, live = api.manifests(name, before.revisions), api.managed_resources(name)
    connection.close()

    def _once() -> float:
        began = time.perf_counter()
        release_diff(manifests, managed_from(live), environment.cluster.namespace)
        return time.perf_counter() - began

    size = len(json.dumps([*manifests, *live])) / 1000
    return "difference of a release of six services, manifests at hand", f"{repeated(_once, DIFFS) * 1000:.1f} ms", f"goal 1 s; {size:.0f} kB of manifests"
