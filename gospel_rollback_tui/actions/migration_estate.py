"""Reads what a migration back rests on: the database, both releases' migrations in git, and what runs of the service."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.migration_standing import Pods, Standing
from gospel_rollback_tui.actions.ports import Workloads
from gospel_rollback_tui.actions.schema_ports import Databases, MigrationSources
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.domain.databases import Count
from gospel_rollback_tui.domain.errors import NotSent, Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.release_change import migrates_at_start
from gospel_rollback_tui.domain.versions import tag_of
from gospel_rollback_tui.domain.workloads import deployment_from
from gospel_rollback_tui.engine.ports import StepRequest

SERVICE, BAD, GOOD = "service", "bad_commit", "good_commit"
"""Inputs: whose schema, the commit whose migrations are applied, and the one that it goes back to."""
COUNT_SECONDS = 5.0
"""How long rows are counted exactly before they are estimated."""


@dataclass(frozen=True, slots=True)
class MigrationEstate:
    """Reads all of it."""

    databases: Databases
    sources: MigrationSources
    workloads: Workloads

    def services(self, environment: Environment) -> tuple[Service, ...]:
        """Returns the services that ship migrations."""
        return tuple(service for service in environment.services if service.migrations)

    def service(self, request: StepRequest) -> Service:
        """Returns the chosen service, otherwise the only one that was stopped, or that there is; raises Refused."""
        known = self.services(request.environment)
        stopped = [service.name for service in known if service.name in request.inputs.get("services", "").split(",")]
        chosen = request.inputs.get(SERVICE, "") or dict(request.step.parameters).get(SERVICE, "") or (stopped[0] if len(stopped) == 1 else "")
        found = next((service for service in known if service.name == chosen), None) or (known[0] if len(known) == 1 and not chosen else None)
        if found is None:
            names = ", ".join(service.name for service in known)
            what = f"{chosen} ships no migrations that are configured." if chosen else "No service is chosen."
            raise Refused(what, next_step=f"Choose one of {names}." if names else "Configure services.NAME.migrations.")
        return found

    def standing(self, request: StepRequest, *, count: bool = True) -> Standing:
        """Returns what the migration back rests on; `count` False: no rows are counted, for a second look."""
        service = self.service(request)
        with suppress(NotSent):  # what was fetched before holds both releases, or they are not found below
            self.sources.fetch()
        bad_commit, good_commit = self.commits(request, service)
        files, good = self.sources.texts(bad_commit, service.migrations), self.sources.texts(good_commit, service.migrations)
        if not files:
            raise Refused(f"{service.migrations} is not in {bad_commit[:7]}.", next_step="Choose the commit of the release that is out, or correct its folder.")
        name, databases = service.name, self.databases
        (identity, head), (columns, (holders, long)) = both(
            partial(both, partial(databases.identity, name), partial(databases.head, name)),
            partial(both, partial(databases.columns, name), partial(both, partial(databases.holders, name), partial(databases.long_transactions, name))),
        )
        found = Standing(
            service,
            identity,
            head,
            read_folder(files),
            read_folder(good),
            bad_commit,
            good_commit,
            files,
            columns,
            holders,
            long,
            databases.cautions(name),
            self.pods(service),
        )
        return _with_counts(found, databases.count) if count else found

    def pods(self, service: Service) -> Pods | None:
        """Returns what runs of the service; None: it cannot be read."""
        try:
            found = deployment_from(self.workloads.deployment(service.deployment))
        except RollbackError:
            return None
        return Pods(found.replicas, migrates_at_start(found.template, service))

    def commits(self, request: StepRequest, service: Service) -> tuple[str, str]:
        """Returns the bad and the good commit: the chosen ones, or those of the images that run now and ran before; raises Refused."""
        chosen = [request.inputs.get(name, "") for name in (BAD, GOOD)]
        told = self.told(request, service) if not all(chosen) else ("", "")
        return self._commit(chosen[0] or told[0], "is out"), self._commit(chosen[1] or told[1], "was well before")

    def bad_commit(self, request: StepRequest, service: Service) -> str:
        """Returns the bad commit alone; raises Refused."""
        return self._commit(request.inputs.get(BAD, "") or self.told(request, service)[0], "is out")

    def _commit(self, name: str, what: str) -> str:
        if not name:
            raise Refused(f"Which commit's release {what} is not told by any image's tag.", next_step="Choose the commit.")
        return self.sources.commit(name).sha

    def told(self, request: StepRequest, service: Service) -> tuple[str, str]:
        """Returns the commits that the tags of the running image, and of the one to go back to, name in git; empty where none does.

        What it goes back to is the revision that the run chose before the service was stopped; pods that are gone tell nothing.
        Once it runs again, what is out is what it was put in the place of.
        """
        try:
            live = LiveEstate(self.workloads).service(request.environment, service.name)
        except RollbackError:
            return "", ""
        suggested = live.revision(request.inputs.get(f"revision:{service.name}", "")) or live.suggested()
        left = live.left_for(suggested)
        running = left.image(service.container) if left is not None else dict(live.deployment.images).get(service.container, "")
        images = running, suggested.image(service.container) if suggested is not None else ""
        tags = self.sources.tags()
        found = [tag_of(tags, image) if image else None for image in images]
        return found[0].sha if found[0] else "", found[1].sha if found[1] else ""


def _with_counts(standing: Standing, count: Callable[..., tuple[Count, ...]]) -> Standing:
    losses = tuple(dict.fromkeys(loss for each in standing.crossing for loss in each.down_losses))
    if not losses:
        return standing
    return replace(standing, counts=count(standing.service.name, losses, COUNT_SECONDS))
