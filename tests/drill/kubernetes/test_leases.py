"""Leases: the lock between operators, with the versions and times that the real server insists on."""

from threading import Thread
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.drill.kubernetes.builders import LEASES
from tests.drill.kubernetes.client import Client
from tests.drill.kubernetes.conftest import Cluster

LOCK = f"{LEASES}/rollback-lock"


def a_lease(**spec: JsonValue) -> dict[str, Any]:
    """Return a Lease."""
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "rollback-lock"},
        "spec": {"holderIdentity": "me", "leaseDurationSeconds": 30, "renewTime": "2026-11-23T06:00:00.000000Z", **spec},
    }


def test_only_one_can_create_it(client: Client) -> None:
    """The second creation is a conflict that names the lease."""
    assert client.post(LEASES, a_lease()).status == 201
    again = client.post(LEASES, a_lease())
    assert (again.status, again.json["reason"], again.message) == (409, "AlreadyExists", 'leases.coordination.k8s.io "rollback-lock" already exists')


def test_a_renewal_rests_on_the_version_it_was_read_at(client: Client) -> None:
    """A renewal from an old reading is refused, one without a version is no renewal, and a good one is stored."""
    created = client.post(LEASES, a_lease()).json
    taken = client.send("PUT", LOCK, {**created, "spec": {**created["spec"], "holderIdentity": "you"}})
    assert taken.json["spec"]["holderIdentity"] == "you"
    late = client.send("PUT", LOCK, created)
    assert (late.status, late.json["reason"]) == (409, "Conflict")
    unversioned = client.send("PUT", LOCK, a_lease())
    assert (unversioned.status, unversioned.message) == (
        422,
        'leases.coordination.k8s.io "rollback-lock" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
    assert client.get(LOCK).json["spec"]["holderIdentity"] == "you"


def test_times_need_microseconds_and_durations_are_positive(client: Client) -> None:
    """A time in whole seconds cannot be read, and a duration of nothing is invalid."""
    refused = client.post(LEASES, a_lease(renewTime="2026-11-23T06:00:00Z"))
    assert (refused.status, refused.message) == (
        400,
        (
            'Lease in version "v1" cannot be handled as a Lease: parsing time "2026-11-23T06:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": '
            'cannot parse "Z" as ".000000"'
        ),
    )
    assert client.post(LEASES, a_lease(leaseDurationSeconds=0)).message.endswith("spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")


def test_it_is_released_by_deletion(client: Client) -> None:
    """Deleting answers with a Success and leaves nothing."""
    client.post(LEASES, a_lease())
    assert client.send("DELETE", LOCK).json["status"] == "Success"
    assert client.get(LOCK).status == 404


def test_of_many_who_race_for_a_version_one_wins(cluster: Cluster) -> None:
    """Every accepted renewal rests on the one before: no update is lost, whoever sends it."""
    cluster.client().post(LEASES, a_lease(leaseTransitions=0))
    accepted: list[int] = []

    def renew() -> None:
        client = cluster.client()
        for _ in range(10):
            lease = client.get(LOCK).json
            lease["spec"]["leaseTransitions"] = lease["spec"].get("leaseTransitions", 0) + 1
            accepted.append(client.send("PUT", LOCK, lease).status)

    racers = [Thread(target=renew) for _ in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert set(accepted) <= {200, 409}
    assert cluster.client().get(LOCK).json["spec"]["leaseTransitions"] == accepted.count(200)
