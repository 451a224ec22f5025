"""What an operator may choose for a migration back: whose schema, and between which two releases."""

from collections.abc import Sequence

from gospel_rollback_tui.actions.migration_estate import BAD, GOOD, SERVICE, MigrationEstate
from gospel_rollback_tui.domain.commits import Tag
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

MOST_RELEASES = 15
"""Releases that are offered."""
_QUESTIONS = {BAD: "Which release is out, whose migrations are applied?", GOOD: "Which release does the schema go back to?"}


def choices_of(estate: MigrationEstate, request: StepRequest, now: float) -> tuple[ChoiceList, ...]:
    """Returns the live lists: services, the release that is out, the release to go back to."""
    return _lists(estate, request, now, (BAD, GOOD))


def service_and_release(estate: MigrationEstate, request: StepRequest, now: float) -> tuple[ChoiceList, ...]:
    """Returns the live lists: services, and the release that is out."""
    return _lists(estate, request, now, (BAD,))


def _lists(estate: MigrationEstate, request: StepRequest, now: float, names: Sequence[str]) -> tuple[ChoiceList, ...]:
    known = estate.services(request.environment)
    services = ChoiceList(SERVICE, "Whose schema goes back?", tuple(Option(one.name, one.name, one.migrations, len(known) == 1) for one in known))
    try:
        service = estate.service(request)
    except Refused:
        return (services,)
    told = dict(zip((BAD, GOOD), estate.told(request, service), strict=True))
    releases = _releases(estate, service, now)
    return (services, *(ChoiceList(name, _QUESTIONS[name], _suggested(releases, told[name])) for name in names))


def _suggested(options: Sequence[Option], commit: str) -> tuple[Option, ...]:
    return tuple(Option(one.value, one.label, one.detail, one.value == commit, one.refused) for one in options)


def _releases(estate: MigrationEstate, service: Service, now: float) -> tuple[Option, ...]:
    """Returns the newest release tags, or, where there are none, the commits that changed the migrations."""
    tags = estate.sources.tags()[:MOST_RELEASES]
    if tags:
        return tuple(_tagged(estate, service, tag) for tag in tags)
    commits = estate.sources.log(service.migrations, MOST_RELEASES)
    return tuple(
        Option(one.sha, f"{one.short}  {one.subject}", f"{_shipped(estate, service, one.sha)}, {span(now - one.at)} ago by {one.author}") for one in commits
    )


def _tagged(estate: MigrationEstate, service: Service, tag: Tag) -> Option:
    return Option(tag.sha, f"{tag.name}  {tag.sha[:7]}", _shipped(estate, service, tag.sha))


def _shipped(estate: MigrationEstate, service: Service, commit: str) -> str:
    highest = read_folder(estate.sources.texts(commit, service.migrations)).highest
    return "no migrations" if highest is None else f"migrations up to {highest}"
