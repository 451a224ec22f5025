"""One-off reads of an environment, against the simulated API server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.errors import Forbidden, NoRoute
from gospel_rollback_tui.domain.estate import ArgoCd, Environment, Service, Tier
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.workloads import TRACKING_ID
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.infra.estate_reads import ClusterReads
from gospel_rollback_tui.infra.survey import EstateSurvey
from tests.infra.cluster.simulated import a_cluster, a_deployment, an_application, connected


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubernetesApi]:
    """A simulated API server that ends with the test."""
    with a_cluster(tmp_path / "api") as served:
        yield served


@pytest.fixture
def reads(api: KubernetesApi, tmp_path: Path) -> Iterator[ClusterReads]:
    """Reads of an environment of two services whose configured Application is `shop`."""
    connection = connected(api, tmp_path)
    services = tuple(Service(name, name, "web", f"app={name}") for name in ("web", "api"))
    environment = Environment("shop", "SHOP", Tier.STAGING, connection.cluster, services, argocd=ArgoCd("shop"))
    yield ClusterReads(connection, environment)
    connection.close()


def _tracked(name: str, application: str) -> dict[str, object]:
    deployment = a_deployment(name)
    deployment["metadata"]["annotations"] = {TRACKING_ID: f"{application}:apps/Deployment:shop/{name}"} if application else {}
    return deployment


def test_the_application_that_tracks_the_deployments_is_read_and_not_the_configured_one(api: KubernetesApi, reads: ClusterReads) -> None:
    """Every Application that tracks one of the services, each once; what tracks a stranger's Deployment is left out."""
    for name in ("shop", "platform", "elsewhere"):
        api.registry.create({**an_application(), "metadata": {"name": name, "namespace": "argocd"}})
    for name, application in (("web", "platform"), ("api", "platform"), ("other", "elsewhere")):
        api.registry.create(_tracked(name, application))
    assert [application.name for application in reads.applications()] == ["platform"]


def test_the_configured_application_stands_in_where_no_deployment_says_who_tracks_it(api: KubernetesApi, reads: ClusterReads) -> None:
    """One that is not there is nobody."""
    api.registry.create(_tracked("web", ""))
    assert reads.applications() == ()
    api.registry.create(an_application())
    assert [application.name for application in reads.applications()] == ["shop"]


def test_an_autoscaler_of_one_of_the_services_is_surveyed(api: KubernetesApi, reads: ClusterReads) -> None:
    """That of a stranger is not; Argo CD's windows and CI are unknown where nobody is configured to tell."""
    for name in ("web", "other"):
        api.registry.create(
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": name, "namespace": "shop"},
                "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}},
            }
        )
    assert reads.beside() == Survey(autoscaled=("web",))


@pytest.mark.parametrize(
    ("windows", "can_sync", "words"),
    [
        ({"canSync": True}, True, ""),
        ({"canSync": False, "activeWindows": [{"kind": "deny", "schedule": "* * * * *", "duration": "1h"}]}, False, "deny * * * * * for 1h"),
        ({"canSync": False}, False, "(no allow window is open)"),
        (Forbidden("oncall may not read windows."), None, ""),
    ],
)
def test_sync_windows_and_deployments_under_way_are_surveyed_where_configured(
    api: KubernetesApi, tmp_path: Path, windows: dict[str, object] | Forbidden, can_sync: bool | None, words: str
) -> None:
    """What does not answer is unknown, never a yes."""

    def _read(name: str) -> dict[str, object]:
        assert name == "shop"
        if isinstance(windows, Forbidden):
            raise windows
        return windows

    connection = connected(api, tmp_path)
    environment = Environment("shop", "SHOP", Tier.STAGING, connection.cluster, (), argocd=ArgoCd("shop"))
    branch = (Commit("d4", (), "ada", 400.0, "bump ai"),)
    survey = EstateSurvey(connection, environment, sync_windows=_read, ci_runs=lambda: ("run 7",), commits=lambda: branch)
    assert survey.beside("shop") == Survey(can_sync=can_sync, window=words, ci_runs=("run 7",), branch=branch)
    connection.close()


def test_an_argo_cd_that_does_not_answer_is_named_with_why(api: KubernetesApi, tmp_path: Path) -> None:
    """Whether its windows let anybody sync is unknown then."""

    def _refused(_application: str) -> JsonObject:
        raise NoRoute("Nothing listens at argocd.test.")

    connection = connected(api, tmp_path)
    environment = Environment("shop", "SHOP", Tier.STAGING, connection.cluster, ())
    assert EstateSurvey(connection, environment, sync_windows=_refused).beside("shop") == Survey(argocd_unread="Nothing listens at argocd.test.")
    connection.close()


def test_a_branch_that_cannot_be_read_is_surveyed_as_unknown(api: KubernetesApi, tmp_path: Path) -> None:
    """Why stands beside it, and nothing else is held up."""

    def _unread() -> tuple[Commit, ...]:
        raise NoRoute("git.test did not answer.")

    connection = connected(api, tmp_path)
    environment = Environment("shop", "SHOP", Tier.STAGING, connection.cluster, ())
    assert EstateSurvey(connection, environment, commits=_unread).beside("") == Survey(branch_unread="git.test did not answer.")
    connection.close()
