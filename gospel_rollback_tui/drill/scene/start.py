"""The whole scene of a script at the moment the estate starts."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.events import events_of
from gospel_rollback_tui.drill.scene.pods import pods_of
from gospel_rollback_tui.drill.scene.surroundings import surroundings
from gospel_rollback_tui.drill.scene.workloads import workload
from gospel_rollback_tui.drill.script import Script


def opening_scene(script: Script, repository: EstateRepository, now: datetime) -> list[Json]:
    """Return every object of the estate, owners before what they own."""
    workloads = [workload(script, history, now) for history in script.histories]
    objects = surroundings(script, repository, now)
    running: list[Json] = []
    for service in workloads:
        pods = pods_of(script, service, now)
        objects += [service.deployment, *service.replica_sets, *pods]
        running += pods
    return [*objects, *events_of(script, workloads, running, now)]
