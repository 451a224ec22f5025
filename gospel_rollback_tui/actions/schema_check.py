"""Holds a change of release against the database before it is confirmed: what the prompt says, what it rests on, what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.preview import Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.release_change import ReleaseChange

SCHEMA = "Schema"
"""Label of the prompt's line, and name of the fact."""
_RELEASES = "releases"


class SchemaGates(Protocol):
    """Judges what changes of release meet in the database."""

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """Returns what stands between the releases; None: none of the services ships migrations; never raises an error of `domain.errors`."""


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """What was found of one change."""

    changes: tuple[ReleaseChange, ...] = ()
    gate: Gate | None = None
    looked: bool = False
    """False: this change meets no database, or nobody can look."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The prompt's lines: the judgement, and what would crash."""
        if not self.looked:
            return ()
        if self.gate is None:
            return (Notice(SCHEMA, f"{', '.join(change.service.name for change in self.changes)}: no migrations found in git"),)
        gate = self.gate
        crashes = [Notice(SCHEMA, gate.refuses, warning=True)] if gate.refuses and gate.refuses not in gate.words else []
        return (Notice(SCHEMA, gate.words, warning=bool(gate.refuses or gate.unknown)), *crashes)

    @property
    def reason(self) -> str:
        """What only a written override can stand for; empty: nothing."""
        if self.gate is None:
            return ""
        if self.gate.refuses:
            return _sentence(self.gate.refuses)
        return _sentence(f"Nobody could prove that the code fits the schema: {self.gate.unknown}") if self.gate.unknown else ""

    def beside(self, facts: Fingerprint) -> Fingerprint:
        """Returns the facts that a prompt rests on, with what the database says."""
        return Fingerprint((*facts.facts, (SCHEMA, self.gate.words))) if self.gate is not None else facts


def check_schema(gates: SchemaGates | None, changes: tuple[ReleaseChange, ...]) -> SchemaCheck:
    """Looks at the database for those changes."""
    return SchemaCheck(changes, gates.between(changes), looked=True) if gates is not None and changes else SchemaCheck()


def with_changes(calls: Sequence[PlannedCall], check: SchemaCheck) -> tuple[PlannedCall, ...]:
    """Returns the calls, the last of which remembers what was looked at, so that it can be looked at again before it is sent."""
    if not calls or not check.looked:
        return tuple(calls)
    told = [[change.service.name, change.running, change.target, change.migrates_at_start] for change in check.changes]
    return (*calls[:-1], replace(calls[-1], body={**calls[-1].body, _RELEASES: told}))


def check_again(gates: SchemaGates | None, environment: Environment, preview: Preview) -> SchemaCheck:
    """Looks at the database again for what a preview's calls remember."""
    told = next((call.body[_RELEASES] for call in preview.calls if _RELEASES in call.body), ())
    return check_schema(gates, tuple(ReleaseChange(environment.service(name), running, target, starts) for name, running, target, starts in told))


def needed(*reasons: str) -> str:
    """Returns everything that a written reason must stand for; empty: nothing."""
    return " ".join(reason for reason in reasons if reason)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
