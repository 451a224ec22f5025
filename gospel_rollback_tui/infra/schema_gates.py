"""Holds the migrations of two releases against the database: what git ships at both revisions, and where the schema stands."""

import re
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from gospel_rollback_tui.domain.commits import Tag
from gospel_rollback_tui.domain.databases import Column
from gospel_rollback_tui.domain.errors import NotFound, RollbackError
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.migrations.files import MigrationFolder, read_folder
from gospel_rollback_tui.domain.migrations.gate import Gate, SchemaFacts, combine, judge
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.versions import tag_of, written_tag
from gospel_rollback_tui.infra.repository.repository import GitRepository
from gospel_rollback_tui.infra.schema_heads import SchemaHeads

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_USUAL_FOLDER = "services/{}/migrations"
"""Where a service's migrations are looked for that the configuration says nothing of."""
_AT_ONCE = 6
FETCH_AGAIN_SECONDS = 60.0
"""How long a release that a fetch did not bring is taken to be absent: a look before something is sent waits for no remote."""
_NO_TABLE = "git"
"""Stands for the table of migrations where two releases ship the same ones."""


@dataclass(slots=True)
class SchemaGates:
    """Judges changes of release; what git says of a commit is kept, what the database says is read each time."""

    repository: GitRepository | None
    """None: no repository is configured."""
    head: Callable[[Service], SchemaHead]
    """Reads where a service's schema stands; raises errors of `domain.errors`."""
    columns: Callable[[Service], Collection[Column]] = lambda _service: ()
    """Reads a service's columns, where a migration dropped some that may be there again; raises errors of `domain.errors`."""
    clock: Callable[[], float] = time.monotonic
    _heads: SchemaHeads = field(init=False)
    _absent: dict[str, tuple[float, RollbackError]] = field(default_factory=dict)
    """Release → when it was last fetched for in vain, and how that ended."""
    _folders: dict[tuple[str, str], MigrationFolder | None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Asks nothing yet."""
        self._heads = SchemaHeads(self.head, self.clock)

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """Returns what stands between the releases, of several services the worst; None: none of them ships migrations.

        Never raises an error of `domain.errors`: what cannot be read is unknown, with its reason.
        """
        if not changes:
            return None
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="schema") as pool:
            gates = tuple(pool.map(partial(self._gate, tags=self._tags()), changes))
        return combine(tuple(gate for gate in gates if gate is not None))

    def _tags(self) -> tuple[Tag, ...]:
        """Returns the clone's release tags, read once for all services; none where it cannot be read, and then each release says why."""
        try:
            return self.repository.tags() if self.repository is not None else ()
        except RollbackError:
            return ()

    def _gate(self, change: ReleaseChange, tags: tuple[Tag, ...]) -> Gate | None:
        service = change.service
        try:
            bad, good = self._shipped(service, change.running, tags), self._shipped(service, change.target, tags)
        except RollbackError as error:
            return judge(self._facts(change, None, None, None, error.text)) if _has_schema(service) else None
        if bad is None and good is None:
            if not service.migrations:
                return None
            return judge(self._facts(change, None, None, None, f"{service.migrations} is in neither release"))
        same = bad is not None and bad == good
        head, problem = self._head(service, self._heads.at_once if same else self._heads.of)
        if head is None and bad is not None and same:
            return _by_git_alone(judge(self._facts(change, SchemaHead(bad.highest, table=_NO_TABLE), bad, good, "")), problem)
        return self._judged(self._facts(change, head, bad or MigrationFolder(), good or MigrationFolder(), problem), service)

    def _judged(self, facts: SchemaFacts, service: Service) -> Gate:
        """Judges by the version; only where that refuses and something was destroyed are the columns read, which may be there again."""
        gate = judge(facts)
        if not gate.refuses or not any(each.up_losses for each in gate.crossing):
            return gate
        try:
            return judge(replace(facts, columns=self.columns(service)))
        except RollbackError:
            return gate

    def _facts(self, change: ReleaseChange, head: SchemaHead | None, bad: MigrationFolder | None, good: MigrationFolder | None, problem: str) -> SchemaFacts:
        service = change.service
        return SchemaFacts(
            service=service.name, database=service.database, head=head, bad=bad, good=good, migrates_at_start=change.migrates_at_start, problem=problem
        )

    def _head(self, service: Service, read: Callable[[Service], SchemaHead]) -> tuple[SchemaHead | None, str]:
        """Returns where the schema stands, or why nobody knows."""
        if not service.database:
            return None, f"no database of {service.name} is configured"
        try:
            return read(service), ""
        except RollbackError as error:
            return None, error.text

    def _shipped(self, service: Service, release: str, tags: tuple[Tag, ...]) -> MigrationFolder | None:
        """Returns the migrations that a release ships; None: it has no such folder. Raises NotFound for a release that git does not know."""
        if self.repository is None:
            raise NotFound("no repository is configured")
        commit = self._commit(self.repository, release, tags)
        folder = service.migrations or _USUAL_FOLDER.format(service.name)
        with self._lock:
            if (commit, folder) in self._folders:
                return self._folders[commit, folder]
        texts = self.repository.texts(commit, folder)
        found = read_folder(texts) if texts else None
        with self._lock:
            self._folders[commit, folder] = found
        return found

    def _commit(self, repository: GitRepository, release: str, tags: tuple[Tag, ...]) -> str:
        if _COMMIT.fullmatch(release):
            return repository.commit(release).sha
        if not written_tag(release):
            raise NotFound(f"the image {_named(release)} has no tag that would name its release")
        return (tag_of(tags, release) or self._fetched(repository, release)).sha

    def _fetched(self, repository: GitRepository, release: str) -> Tag:
        """Returns the tag of a release that the clone may only lack because it is old; not fetched for again at once."""
        with self._lock:
            since, failure = self._absent.get(release, (0.0, None))
        if failure is not None and self.clock() - since < FETCH_AGAIN_SECONDS:
            raise failure.with_traceback(None)
        try:
            repository.fetch()
            tag = tag_of(repository.tags(), release)
            if tag is None:
                raise NotFound(f"git has no release tag, or more than one, for the image {_named(release)}")
        except RollbackError as error:
            with self._lock:
                self._absent[release] = self.clock(), error
            raise
        return tag


def _named(image: str) -> str:
    return image.rpartition("/")[2]


def _by_git_alone(gate: Gate, problem: str) -> Gate:
    """Returns the gate of two releases that ship the same migrations, where the database was not read: it says so, and that is all it needs."""
    return replace(gate, head=None, words=f"{gate.service}: both releases ship the same migrations; the database was not read ({problem.rstrip('.')})")


def _has_schema(service: Service) -> bool:
    return bool(service.migrations or service.database)
