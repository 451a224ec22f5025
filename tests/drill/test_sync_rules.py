"""How the simulated Argo CD judges: drift, health, back-off, and when it acts by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gospel_rollback_tui.drill.managed_objects import Identity
from gospel_rollback_tui.drill.sync_rules import (
    Healing,
    automatic_operation,
    declares,
    deployment_health,
    heals_itself,
    is_automated,
    is_drifted,
    worst_health,
)

GATEWAY = Identity("apps", "Deployment", "gospelib-production", "gw")
NOW = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)


def an_application(automated: dict[str, Any] | None, last: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an Application with a sync policy and the sync that it did last."""
    policy = {} if automated is None else {"automated": automated}
    state = {} if last is None else {"operationState": {"operation": {"sync": last}}}
    return {"spec": {"source": {"path": "k8s"}, "syncPolicy": policy}, "status": state}


@pytest.mark.parametrize(
    ("automated", "syncs", "heals"),
    [
        (None, False, False),
        ({}, True, False),
        ({"selfHeal": True}, True, True),
        ({"selfHeal": True, "enabled": True}, True, True),
        ({"selfHeal": True, "enabled": False}, False, False),
    ],
)
def test_auto_sync_is_read_as_argo_cd_reads_it(automated: dict[str, Any] | None, syncs: bool, heals: bool) -> None:
    """A policy that is there is on unless it says `enabled: false`, and heals only when it says so."""
    application = an_application(automated)
    assert (is_automated(application), heals_itself(application)) == (syncs, heals)


@pytest.mark.parametrize(
    ("declared", "live", "covered"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {}, False),
        ([{"name": "x", "v": 1}], [{"name": "y"}, {"name": "x", "v": 1, "w": 2}], True),
        ([{"name": "x", "v": 1}], [{"name": "y", "v": 1}], False),
        ([{"port": 1}], [{"port": 1, "protocol": "TCP"}], True),
        ([{"port": 1}], [{"port": 1}, {"port": 2}], False),
        ([1, 2], [1, 3], False),
    ],
)
def test_what_git_leaves_open_is_no_drift(declared: object, live: object, covered: bool) -> None:
    """Defaults and other people's additions are covered, another value is not."""
    assert declares(declared, live) is covered


def test_a_missing_deployment_is_drifted() -> None:
    """What git declares and the cluster lacks is out of sync."""
    assert is_drifted({"spec": {}}, None)


def a_deployment(generation: int = 2, observed: int = 2, **status: object) -> dict[str, Any]:
    """Return a Deployment of two replicas with a status."""
    counts: dict[str, object] = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2} | status
    return {"metadata": {"generation": generation}, "spec": {"replicas": 2}, "status": {"observedGeneration": observed, **counts}}


@pytest.mark.parametrize(
    ("live", "word"),
    [
        (None, "Missing"),
        (a_deployment(), "Healthy"),
        (a_deployment(generation=3), "Progressing"),
        (a_deployment(updatedReplicas=1), "Progressing"),
        (a_deployment(replicas=3), "Progressing"),
        (a_deployment(availableReplicas=1), "Progressing"),
        (a_deployment(conditions=[{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]), "Degraded"),
        ({**a_deployment(), "spec": {"replicas": 2, "paused": True}}, "Suspended"),
    ],
)
def test_health_of_a_deployment(live: dict[str, Any] | None, word: str) -> None:
    """Health says how far the rollout is, not whether users are served."""
    assert deployment_health(live) == word


def test_the_worst_health_wins() -> None:
    """Degraded hides Missing, which hides Progressing; nothing at all is Healthy."""
    assert worst_health(["Healthy", "Missing", "Degraded"]) == "Degraded"
    assert worst_health(["Progressing", "Missing"]) == "Missing"
    assert worst_health([]) == "Healthy"


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 6), (3, 18), (4, 54), (9, 300)])
def test_heals_back_off(attempts: int, seconds: int) -> None:
    """Each heal waits three times as long as the one before, at most five minutes."""
    assert Healing(attempts, NOW).ready_at() == NOW + timedelta(seconds=seconds)


def test_the_first_heal_waits_for_nothing_and_old_ones_are_forgotten() -> None:
    """Nothing holds back a first heal, nor one that comes 330 s after the last."""
    assert Healing().ready_at() is None
    assert Healing(3, NOW).forgotten_by(NOW + timedelta(seconds=329)) == Healing(3, NOW)
    assert Healing(3, NOW).forgotten_by(NOW + timedelta(seconds=330)) == Healing()


HEALING = {"selfHeal": True, "prune": True}


def test_a_drift_from_the_synced_commit_is_healed_alone() -> None:
    """The operation names the drifted Deployment and counts the attempt."""
    operation = automatic_operation(an_application(HEALING, {"revision": "head"}), [GATEWAY], ["head"], Healing(1, NOW), NOW + timedelta(seconds=2))
    assert operation is not None
    assert operation["initiatedBy"] == {"automated": True}
    assert operation["sync"] == {
        "revision": "head",
        "prune": True,
        "source": {"path": "k8s"},
        "resources": [{"group": "apps", "kind": "Deployment", "name": "gw"}],
        "autoHealAttemptsCount": 2,
    }


@pytest.mark.parametrize(
    ("automated", "drifted", "healing"),
    [
        (None, [GATEWAY], Healing()),
        (HEALING | {"enabled": False}, [GATEWAY], Healing()),
        ({"prune": True}, [GATEWAY], Healing()),
        (HEALING, [], Healing()),
        (HEALING, [GATEWAY], Healing(1, NOW)),
    ],
    ids=["manual", "disabled", "no self-heal", "no drift", "backing off"],
)
def test_otherwise_nothing_is_done(automated: dict[str, Any] | None, drifted: list[Identity], healing: Healing) -> None:
    """Manual, disabled, without self-heal, in sync or backing off: the drift stays."""
    assert automatic_operation(an_application(automated, {"revision": "head"}), drifted, ["head"], healing, NOW) is None


@pytest.mark.parametrize("last", [{"revision": "older"}, {"revision": "head", "dryRun": True}], ids=["another commit", "dry run"])
def test_a_commit_that_was_not_synced_yet_is_synced_whole(last: dict[str, Any]) -> None:
    """Switching auto-sync on after a rollback brings the newest commit back at once, self-heal or not."""
    operation = automatic_operation(an_application({"prune": True}, last), [GATEWAY], ["head"], Healing(3, NOW), NOW)
    assert operation is not None
    assert operation["sync"] == {"revision": "head", "prune": True, "source": {"path": "k8s"}}
