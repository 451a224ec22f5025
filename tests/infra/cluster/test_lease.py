"""The lock between operators, on a real Lease of the simulated API server."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import OutcomeUnknown, ServerDown
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.engine.ports import EnvironmentLock
from gospel_rollback_tui.infra.cluster.lease import LEASE_SECONDS, EnvironmentLease
from tests.infra.cluster.simulated import NAMESPACE, a_cluster, connected, drop

LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubernetesApi]:
    """A simulated API server that ends with the test."""
    with a_cluster(tmp_path / "api") as served:
        yield served


@pytest.fixture
def ana(api: KubernetesApi, tmp_path: Path) -> EnvironmentLease:
    """The first operator's lock."""
    return EnvironmentLease(connected(api, tmp_path))


@pytest.fixture
def ben(api: KubernetesApi, tmp_path: Path) -> EnvironmentLease:
    """The second operator's lock."""
    return EnvironmentLease(connected(api, tmp_path, "ben"))


def _age(api: KubernetesApi, seconds: float) -> None:
    """Makes the lock look as if it had not been renewed for so long."""
    then = time.gmtime(time.time() - seconds)
    api.registry.patch("leases", NAMESPACE, "gospel-rollback", {"spec": {"renewTime": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", then)}})


def test_it_is_the_engines_lock(ana: EnvironmentLease) -> None:
    """The adapter fits the engine's port."""
    lock: EnvironmentLock = ana
    assert lock.acquire("ana@jump", "r1") is None
    assert lock.ours()


def test_the_second_operator_is_told_who_holds_it(ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """Owner, run, step and last intent stand in the lock."""
    assert ana.acquire("ana@jump", "r1") is None
    assert ana.renew("roll-back", "PATCH Deployment web")
    holder = ben.acquire("ben@jump", "r2")
    assert holder is not None
    assert (holder.owner, holder.run, holder.step, holder.intent, holder.expired) == ("ana@jump", "r1", "roll-back", "PATCH Deployment web", False)
    assert not ben.ours()
    assert ben.read() == holder


def test_two_who_come_at_once_cannot_both_have_it(ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """Whoever is first has it; the other is told."""
    results: dict[str, object] = {}
    barrier = threading.Barrier(2)

    def _take(lease: EnvironmentLease, owner: str) -> None:
        barrier.wait(10)
        results[owner] = lease.acquire(owner, owner)

    threads = [threading.Thread(target=_take, args=entry) for entry in ((ana, "ana"), (ben, "ben"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(result is None for result in results.values()) == [False, True]
    assert ana.ours() is not ben.ours()


def test_a_released_lock_is_free(ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """Giving back is at once, and what is not ours is left alone."""
    ana.acquire("ana@jump", "r1")
    ben.release()
    assert ana.ours()
    ana.release()
    assert ana.read() is None
    assert ben.acquire("ben@jump", "r2") is None


def test_a_lock_that_ran_out_without_an_intent_is_free(api: KubernetesApi, ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """Nobody was in the middle of anything."""
    ana.acquire("ana@jump", "r1")
    _age(api, LEASE_SECONDS + 5)
    assert ben.acquire("ben@jump", "r2") is None
    assert not ana.renew("", "")
    assert not ana.ours()


def test_a_lock_that_ran_out_with_an_open_intent_needs_a_decision(api: KubernetesApi, ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """A change may still be under way: it is taken over by name, with a reason, or not at all."""
    ana.acquire("ana@jump", "r1")
    ana.renew("roll-back", "PATCH Deployment web")
    _age(api, LEASE_SECONDS + 5)
    holder = ben.acquire("ben@jump", "r2")
    assert holder is not None
    assert holder.expired
    before = ben.take_over("ben@jump", "r2", "ana does not answer")
    assert before is not None
    assert (before.owner, before.intent) == ("ana@jump", "PATCH Deployment web")
    assert ben.ours()
    lease = api.registry.get("leases", NAMESPACE, "gospel-rollback")
    assert lease["metadata"]["annotations"]["gospel-rollback/reason"] == "ana does not answer"
    assert lease["spec"]["leaseTransitions"] == 2


def test_the_first_runner_wakes_after_a_take_over(ana: EnvironmentLease, ben: EnvironmentLease) -> None:
    """It neither renews nor releases what is no longer its own."""
    ana.acquire("ana@jump", "r1")
    ben.take_over("ben@jump", "r2", "asleep")
    assert not ana.renew("roll-back", "PATCH Deployment web")
    ana.release()
    assert ben.ours()


def test_a_run_that_starts_again_finds_its_own_lock(api: KubernetesApi, tmp_path: Path, ana: EnvironmentLease) -> None:
    """A new process of the same run goes on, and what it last meant to do is still written."""
    ana.acquire("ana@jump", "r1")
    ana.renew("roll-back", "PATCH Deployment web")
    again = EnvironmentLease(connected(api, tmp_path))
    assert again.acquire("ana@jump", "r1") is None
    held = again.read()
    assert held is not None
    assert held.intent == "PATCH Deployment web"


def test_a_stranger_edit_does_not_cost_the_lock(api: KubernetesApi, ana: EnvironmentLease) -> None:
    """A Lease that somebody labelled meanwhile is renewed all the same, and the label stays."""
    ana.acquire("ana@jump", "r1")
    api.registry.patch("leases", NAMESPACE, "gospel-rollback", {"metadata": {"labels": {"seen": "yes"}}})
    assert ana.renew("verify", "")
    assert api.registry.get("leases", NAMESPACE, "gospel-rollback")["metadata"]["labels"] == {"seen": "yes"}


def test_a_renewal_that_fails_raises_and_the_next_reads_first(api: KubernetesApi, ana: EnvironmentLease) -> None:
    """An outage is told as one; a lost answer as unknown; afterwards the lock is read and found to be ours."""
    ana.acquire("ana@jump", "r1")
    api.faults.api_down()
    with pytest.raises((ServerDown, OutcomeUnknown)):
        ana.renew("roll-back", "PATCH")
    with pytest.raises(ServerDown):
        ana.renew("roll-back", "PATCH")
    api.faults.api_up()
    hold = api.faults.hold("PUT", f"{LEASE}/gospel-rollback")
    dropping = threading.Thread(target=drop, args=(hold,))
    dropping.start()
    assert ana.ours()
    with pytest.raises(OutcomeUnknown):
        ana.renew("roll-back", "PATCH")
    dropping.join(20)
    assert ana.ours()
    assert ana.renew("roll-back", "")


def test_the_clocks_of_two_hosts_do_not_matter(api: KubernetesApi, tmp_path: Path, ana: EnvironmentLease) -> None:
    """A jump host whose clock is an hour ahead does not take a fresh lock for one that ran out."""
    ana.acquire("ana@jump", "r1")
    ahead = EnvironmentLease(connected(api, tmp_path, "ben", clock=lambda: time.time() + 3600))
    holder = ahead.acquire("ben@jump", "r2")
    assert holder is not None
    assert not holder.expired
