"""Reaches an Argo CD Application by the object in the cluster or by Argo CD's API, whichever this login may use.

The way is decided when a step is planned and kept until it was sent: the two write a policy differently (the API leaves
out what is false), so a patch that tests what was read holds only on the way by which it was read.
"""

from dataclasses import dataclass
from enum import StrEnum

from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Operations, Whereabouts, Workloads
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.domain.application import Application, application_from, knows_enabled, suspend_auto_sync
from gospel_rollback_tui.domain.errors import Forbidden, NotFound, RollbackError
from gospel_rollback_tui.domain.raw import JsonObject, child, text

OTHER_WAY = "Ask for the right to update it, or go by git."


class Through(StrEnum):
    """The way to an Application."""

    OBJECT = "object"
    API = "api"


@dataclass(frozen=True, slots=True)
class Applications:
    """Reads and patches Applications."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    api: ArgoCdApi | None = None
    """None: Argo CD's API is not configured."""

    def read(self, namespace: str, name: str) -> Application:
        """Returns the Application, by the object where that answers; raises NotFound when neither way knows it."""
        return application_from(self.raw(namespace, name))

    def raw(self, namespace: str, name: str) -> JsonObject:
        """Returns the Application as read; Argo CD may keep it in another cluster, so an object that is not there is asked of the API."""
        try:
            return self.workloads.application(namespace, name)
        except RollbackError as by_object:
            if self.api is None:
                raise
            try:
                return self.api.application(name)
            except RollbackError as by_api:
                # The API says `not allowed` of what is not there; the object's answer is then the truer one.
                raise (by_object if isinstance(by_object, NotFound) and isinstance(by_api, Forbidden) else by_api) from by_object

    def to_change(self, namespace: str, name: str) -> tuple[Application, Through]:
        """Returns the Application as read on the way by which this login may change it.

        Raises:
            NotFound: Neither way knows it.
            Forbidden: It may be changed on neither.
        """
        unreadable: RollbackError | None = None
        try:
            found, allowed = both(
                lambda: self.workloads.application(namespace, name),
                lambda: self.whereabouts.may_patch("argoproj.io", "applications", name, namespace),
            )
            if allowed:
                return application_from(found), Through.OBJECT
        except RollbackError as error:
            unreadable = error
        if self.api is not None:
            found = self.api.application(name)
            if self.api.may("update", text(child(found, "spec").get("project")), name):
                return application_from(found), Through.API
        elif unreadable is not None:
            raise unreadable
        raise Forbidden(f"This login may not change Application {name}, neither in the cluster nor through Argo CD.", next_step=OTHER_WAY)

    def by(self, through: str, namespace: str, name: str) -> Application:
        """Returns the Application as that way shows it."""
        if through == Through.API:
            return application_from(self._api().application(name))
        return application_from(self.workloads.application(namespace, name))

    def patch(self, through: str, namespace: str, name: str, operations: Operations) -> Application:
        """Patches the Application on that way, once; raises as `Changes.patch_application`."""
        if through == Through.API:
            return application_from(self._api().patch(name, operations))
        return application_from(self.changes.patch_application(namespace, name, operations))

    def rehearse(self, through: str, namespace: str, name: str, operations: Operations) -> None:
        """Has the server check the patch without storing it; Argo CD's API cannot, and there nothing is asked."""
        if through == Through.OBJECT:
            self.changes.patch_application(namespace, name, operations, dry_run=True)

    def heeds_enabled(self, application: Application, through: Through) -> bool:
        """Returns whether this Argo CD knows `enabled: false`: by its version, or by whether the object's schema keeps it."""
        if through is Through.API:
            return knows_enabled(self._api().version())
        after = self.changes.patch_application(application.namespace, application.name, suspend_auto_sync(application), dry_run=True)
        return not application_from(after).auto_sync

    def _api(self) -> ArgoCdApi:
        if self.api is None:
            raise Forbidden("Argo CD's API is not configured any more.", next_step="Set `argocd.server`.")
        return self.api
