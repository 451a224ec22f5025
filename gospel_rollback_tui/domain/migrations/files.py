"""The migrations of one release: which files there are, by golang-migrate's own rule for names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"([0-9]+)_(.*)\.(down|up)\.(.*)")
"""A migration's file name as golang-migrate reads it; every other file of the folder is ignored by it."""
_LARGEST = 2**64 - 1
"""golang-migrate reads versions as unsigned 64-bit numbers and ignores what does not fit."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One version: the texts that lead to it and back."""

    version: int
    name: str
    """Its words, e.g. `add_invoices`."""
    up: str | None = None
    """The SQL that leads to it; None: the file is missing."""
    down: str | None = None
    """The SQL that leads back; None: the file is missing, and golang-migrate then steps back without doing anything."""
    up_file: str = ""
    """The file's name as it is in the folder; empty: as `Migration.file` makes it."""
    down_file: str = ""

    def file(self, direction: str) -> str:
        """Returns the name of the file of a direction, `up` or `down`, even if it is missing."""
        known = self.up_file if direction == "up" else self.down_file
        return known or f"{self.version:06}_{self.name}.{direction}.sql"


@dataclass(frozen=True, slots=True)
class MigrationFolder:
    """The migrations that one revision of the code ships."""

    migrations: tuple[Migration, ...] = ()
    """Ascending by version."""
    ignored: tuple[str, ...] = ()
    """Files whose names golang-migrate does not read."""
    duplicates: tuple[int, ...] = ()
    """Versions with two files of the same direction: golang-migrate refuses the whole folder."""

    @property
    def highest(self) -> int | None:
        """The highest version; None: there is no migration."""
        return self.migrations[-1].version if self.migrations else None

    @property
    def versions(self) -> frozenset[int]:
        """Every version of the folder."""
        return frozenset(each.version for each in self.migrations)

    def between(self, low: int, high: int) -> tuple[Migration, ...]:
        """Returns the migrations above `low` and not above `high`, ascending."""
        return tuple(each for each in self.migrations if low < each.version <= high)

    def migration(self, version: int) -> Migration | None:
        """Returns the migration of a version, or None."""
        return next((each for each in self.migrations if each.version == version), None)


def read_folder(files: Mapping[str, str]) -> MigrationFolder:
    """Returns the migrations among a folder's files, given as texts by their names inside the folder.

    Of two files for the same version and direction the first in the order of names counts, and the version is told as a duplicate.
    Names with a slash belong to other folders and are ignored, as golang-migrate does not look below its own.
    """
    texts: dict[tuple[int, str], tuple[str, str, str]] = {}
    ignored: list[str] = []
    duplicates: set[int] = set()
    for name in sorted(files):
        match = _NAME.fullmatch(name)
        if match is None or "/" in name or not _fits(match[1]):
            ignored.append(name)
        elif (int(match[1]), match[3]) in texts:
            duplicates.add(int(match[1]))
        else:
            texts[int(match[1]), match[3]] = (name, match[2], files[name])
    versions = sorted({version for version, _ in texts})
    return MigrationFolder(tuple(_migration(version, texts) for version in versions), tuple(ignored), tuple(sorted(duplicates)))


def _fits(digits: str) -> bool:
    """Tells whether the digits are a version; a text of thousands of digits is never made a number."""
    significant = digits.lstrip("0")
    return len(significant) <= 20 and int(significant or "0") <= _LARGEST


def _migration(version: int, texts: Mapping[tuple[int, str], tuple[str, str, str]]) -> Migration:
    up_file, up_name, up = texts.get((version, "up"), ("", "", None))
    down_file, down_name, down = texts.get((version, "down"), ("", "", None))
    return Migration(version, up_name or down_name, up, down, up_file, down_file)
