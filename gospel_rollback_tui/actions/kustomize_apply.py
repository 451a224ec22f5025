"""Applies known-good images straight to the cluster, proved by a build: for when neither git nor Argo CD can bring them in time.

Only the objects that differ, of them only the images, by server-side apply under our own name; auto-sync off in the same step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.catalogue import APPLY
from gospel_rollback_tui.actions.freezing import CALLS, FreezePlan, Freezing, frozen_by, policy_fact
from gospel_rollback_tui.actions.git_pin import PinnedImages
from gospel_rollback_tui.actions.git_pinning import pinned
from gospel_rollback_tui.actions.git_ports import ServerSideApply
from gospel_rollback_tui.actions.git_prompt import refused_preview
from gospel_rollback_tui.actions.git_words import image_words
from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.actions.ports import Surveyor, Whereabouts
from gospel_rollback_tui.actions.prompt import against, unstopped
from gospel_rollback_tui.actions.schema_check import SchemaGates, check_again, check_schema, needed, with_changes
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.application import Application, application_from
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.errors import FieldConflict, Refused, RollbackError
from gospel_rollback_tui.domain.fighters import Means
from gospel_rollback_tui.domain.image_patch import changed_images, image_patch, images_in
from gospel_rollback_tui.domain.images import image_reference
from gospel_rollback_tui.domain.manifests import key_of, template_of
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Json, Notice, PlannedCall, Preview, digest_of
from gospel_rollback_tui.domain.raw import JsonObject, child, text
from gospel_rollback_tui.domain.release_change import release_changes
from gospel_rollback_tui.domain.release_diff import ObjectChange, object_diff
from gospel_rollback_tui.domain.rendered import Build, differing
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

CONFLICTS = "conflicts"
"""Input: `take` takes fields over that belong to others."""
TAKE = "take"
PUT_BACK = "put it back"


@dataclass(frozen=True, slots=True)
class Applied:
    """One object as it would be."""

    patch: JsonObject
    live: JsonObject
    after: JsonObject
    """What the server's dry run says."""
    conflicts: tuple[tuple[str, str], ...] = ()
    """(manager, field) of what belongs to others."""

    @property
    def change(self) -> ObjectChange:
        """What becomes of it."""
        changes, more = object_diff(self.live, self.after)
        return ObjectChange(key_of(self.patch), changes, more, before=self.live, after=self.after)


@dataclass(frozen=True, slots=True)
class ApplyPinnedImages:
    """The bundle of path C beside git: auto-sync off where it is on, then one apply an object that differs."""

    pins: PinnedImages
    applying: ServerSideApply
    freezing: Freezing
    whereabouts: Whereabouts
    verification: ServiceVerification
    surveyor: Surveyor
    gates: SchemaGates | None = None
    """None: nobody looks at databases."""
    spec: ActionSpec = APPLY

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services and their images, and what to do with fields that belong to others."""
        self.pins.estate.repository.fetch()
        leave = Option("leave", "leave them", "nothing is applied where there are any")
        take = Option(TAKE, "take them over", "by force, the images only; Argo CD takes them back with its next sync", suggested=True)
        return *self.pins.choices(request), ChoiceList(CONFLICTS, "Fields that belong to others?", (leave, take))

    def plan(self, request: StepRequest) -> Preview:
        """Previews the bundle: built, compared with what is live by the server's own dry run, conflicts shown."""
        try:
            self.pins.estate.repository.fetch()
            raw = self.pins.estate.application(request.environment)
            application = application_from(raw) if raw is not None else None
            return self._preview(request, application, *self._worked_out(request))
        except Refused as error:
            return refused_preview(request, self.spec, f"{error.text} {error.next_step}".strip(), request.environment.cluster.context)

    def _worked_out(self, request: StepRequest) -> tuple[tuple[Applied, ...], tuple[Notice, ...], str]:
        """Returns the objects that differ, what is to be said, and the images in words."""
        estate = self.pins.estate
        if not request.inputs.get("services"):
            raise Refused("No service is chosen.", next_step="Choose services and images.")
        images = self.pins.chosen(request, estate.running(request.environment))
        said = self.pins.proved(images)
        found = pinned(estate, images)
        before, after = found.rendering.before, found.rendering.after
        if before is None or after is None:
            raise Refused(
                f"What is applied is built first, and {found.rendering.why_not}.", next_step="Pin the image by the other step, which patches it alone."
            )
        patches = _patches(before, after, request.environment.cluster.namespace)
        objects = together([partial(self._rehearsed, patch) for patch in patches])
        return tuple(one for one in objects if one.change.changes), said, image_words(images)

    def _rehearsed(self, patch: JsonObject) -> Applied:
        """Has the server say what it would become, without force first."""
        live = self.applying.live(patch)
        try:
            return Applied(patch, live, self.applying.apply(patch, dry_run=True))
        except FieldConflict as conflict:
            return Applied(patch, live, self.applying.apply(patch, dry_run=True, force=True), conflict.fields)

    def _preview(self, request: StepRequest, application: Application | None, objects: tuple[Applied, ...], said: tuple[Notice, ...], words: str) -> Preview:
        cluster = request.environment.cluster
        freeze = FreezePlan() if application is None else self.freezing.plan(cluster, application)
        (server, identity), beside = both(self.whereabouts.current, lambda: self.surveyor.beside(request.environment.argocd.application))
        survey = replace(beside, application=application, application_read=application is not None)
        schema = check_schema(self.gates, release_changes(request.environment, ((one.live, one.after) for one in objects)))
        refused = self._refusal(request, objects) or freeze.refused
        calls = () if refused else with_changes((*freeze.calls, *self._calls(request, objects, frozen_by(freeze.calls))), schema)
        return Preview(
            step=request.step.id,
            title=f"Apply {words} to {cluster.namespace}",
            target=cluster.namespace,
            where=f"{cluster.context} · {server} · as {identity}",
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=schema.beside(_fingerprint([one.live for one in objects], application)),
            notices=(*said, *_conflict_notices(objects), *against(survey, Means.LIVE), *schema.notices),
            checks=(f"{', '.join(one.change.key.words for one in objects)} run{'s' if len(objects) == 1 else ''} it", "pods of it ready, none older"),
            undo="the images that ran before" + (", auto-sync as it was" if freeze.calls else ""),
            by_hand=tuple(call.by_hand for call in calls),
            yes="apply",
            refused=refused,
            needs_reason=needed(unstopped(survey, Means.LIVE), schema.reason),
        )

    @staticmethod
    def _refusal(request: StepRequest, objects: tuple[Applied, ...]) -> str:
        if not objects:
            return "Nothing would change: these images run already."
        beside = [change.words for one in objects for change in one.change.changes if not change.subject.endswith(" image")]
        if beside or any(one.change.more for one in objects):
            return f"The server would change more than the images: {'; '.join(beside[:3]) or 'many fields'}."
        if any(one.conflicts for one in objects) and request.inputs.get(CONFLICTS, "") != TAKE:
            return f"{_conflict_words(objects)}: choose to take them over, or go by git."
        return ""

    def _calls(self, request: StepRequest, objects: tuple[Applied, ...], frozen: Json) -> tuple[PlannedCall, ...]:
        calls = [self._call(request, one.patch, one, frozen) for one in objects]
        return replace(calls[0], debt=GIT_DEBT), *calls[1:]

    def _call(self, request: StepRequest, patch: JsonObject, one: Applied, frozen: Json) -> PlannedCall:
        key, wanted = key_of(patch), images_in(patch)
        live = {name: image for name, image in _images(one.live).items() if name in wanted}
        sets = " ".join(f"{name}={image}" for name, image in wanted.items())
        return PlannedCall(
            id=f"apply:{key.words}",
            title=f"{key.name} applied",
            where=f"APPLY {key.words}",
            summary=", ".join(f"{image_reference(live.get(name, '')).label} → {image_reference(image).label}" for name, image in wanted.items()),
            body={"kind": "Apply", "manifest": patch, "force": bool(one.conflicts), "template": template_of(one.after), "frozen": frozen},
            undo={"kind": "Apply", "manifest": image_patch(patch, live, request.environment.cluster.namespace)},
            by_hand=kubectl(request.environment.cluster, f"set image {key.kind.lower()}/{key.name} {sets} -n {key.namespace}"),
            diff=one.change.lines,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads identity and template of each object, and the owner's sync policy."""
        patches = [call.body["manifest"] for call in preview.calls if call.id not in CALLS]
        lives, (raw, schema) = both(
            lambda: together([partial(self.applying.live, patch) for patch in patches]),
            lambda: both(partial(self.pins.estate.application, request.environment), lambda: check_again(self.gates, request.environment, preview)),
        )
        return schema.beside(_fingerprint(lives, application_from(raw) if raw is not None else None))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the one call; before an apply it looks once more whether auto-sync is still off."""
        if call.id in CALLS:
            return self.freezing.send(call)
        if call.body["frozen"]:
            self.freezing.hold(call.body["frozen"])
        after = self.applying.apply(call.body["manifest"], force=call.body["force"])
        return f"{key_of(after).words}: generation {text(child(after, 'metadata').get('generation'))}"

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the object is what the call makes it."""
        if call.id in CALLS:
            return self.freezing.happened(call)
        return self._runs(call.body["manifest"])

    def _runs(self, patch: JsonObject) -> bool:
        now = _images(self.applying.live(patch))
        return all(now.get(name) == image for name, image in images_in(patch).items())

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once at each object, and at the rollout of those that are services."""
        found: list[CheckState] = []
        services = {service.deployment: service for service in request.environment.services}
        for call in preview.calls:
            if call.id in CALLS:
                continue
            key = key_of(call.body["manifest"])
            runs = self._runs(call.body["manifest"])
            found.append(CheckState(f"{key.words} runs it", passed=runs, words="" if runs else "somebody or something changed it back", final=not runs))
            if key.kind == "Deployment" and key.name in services and preview.yes != PUT_BACK:
                found += self.verification.of(services[key.name], call.body["template"], since)
        return tuple(found)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews the images that ran before, newest first, and auto-sync as it was last."""
        raw = self.pins.estate.application(request.environment)
        applied = [call for call in reversed(done) if call.id not in CALLS]
        objects = tuple(self._forced(call.undo["manifest"]) for call in applied)
        calls = [replace(self._call(request, one.patch, one, None), debt=None) for one in objects if one.change.changes]
        calls = [replace(call, body={**call.body, "force": True, "pays": [GIT_DEBT.id]}) for call in calls]
        refused = ""
        try:
            calls += [thaw for call in done if call.id in CALLS for thaw in self.freezing.undo(request.environment.cluster, call)]
        except RollbackError as error:
            refused = error.text
        preview = self._preview(request, None, objects, (), "the images before")
        fingerprint = _fingerprint([one.live for one in objects], application_from(raw) if raw is not None else None)
        title, by_hand = f"Undo: {request.step.title}", tuple(call.by_hand for call in calls)
        return replace(preview, title=title, calls=tuple(calls), fingerprint=fingerprint, by_hand=by_hand, refused=refused, yes=PUT_BACK, needs_reason="")

    def _forced(self, patch: JsonObject) -> Applied:
        return Applied(patch, self.applying.live(patch), self.applying.apply(patch, dry_run=True, force=True))


def _patches(before: Build, after: Build, namespace: str) -> tuple[JsonObject, ...]:
    """Returns the images of each object that differs."""
    old = {key_of(one): one for one in before}
    return tuple(image_patch(one, changed_images(old[key_of(one)], one), namespace) for one in differing(before, after) if key_of(one) in old)


def _images(live: JsonObject) -> dict[str, str]:
    return changed_images({}, live)


def _conflict_words(objects: tuple[Applied, ...]) -> str:
    found = sorted({f"{field} of {one.change.key.words} belongs to {manager}" for one in objects for manager, field in one.conflicts})
    return "; ".join(found[:4])


def _conflict_notices(objects: tuple[Applied, ...]) -> tuple[Notice, ...]:
    return (Notice("Taken over", _conflict_words(objects), warning=True),) if any(one.conflicts for one in objects) else ()


def _fingerprint(lives: Sequence[JsonObject], application: Application | None) -> Fingerprint:
    facts: list[tuple[str, str]] = []
    for live in lives:
        words, uid = key_of(live).words, text(child(live, "metadata").get("uid"))
        facts += [(f"{words} uid", uid), (f"{words} template", digest_of(template_of(live)))]
    return Fingerprint((*facts, *((policy_fact(application),) if application is not None else ())))
