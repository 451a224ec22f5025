"""A password planted in the database's address is found nowhere: in no argument of any process at any time, no record, no output, no traceback."""

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import pytest

from gospel_rollback_tui.domain.preview import preview_to_json
from gospel_rollback_tui.drill.real.peers import Peers
from tests.postgres_server import Database
from tests.real.migration_nights import TAX, carried_out, night


def forms(secret: str) -> tuple[str, ...]:
    """Returns the secret as it is, as an address holds it, and its first words, whatever escaped the rest."""
    return (secret, quote(secret, safe=""), secret.split(":")[0])


class Watch(Thread):
    """Reads the arguments of every process, again and again."""

    def __init__(self) -> None:
        """Has seen nothing yet."""
        super().__init__(daemon=True)
        self.over = Event()
        self.seen: set[bytes] = set()

    def run(self) -> None:
        """Reads until it is told to stop."""
        while not self.over.is_set():
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(place.read_bytes())
                except OSError:
                    continue


@contextmanager
def watched() -> Iterator[Watch]:
    """Watches every process's arguments while the block runs."""
    watch = Watch()
    watch.start()
    try:
        yield watch
    finally:
        watch.over.set()
        watch.join()


def wrapper(folder: Path, peers: Peers) -> Path:
    """Returns a `migrate` that writes its own arguments down before it becomes the real one, so that no look can miss them."""
    program = folder / "path" / "migrate"
    program.parent.mkdir()
    noted = f'printf "%s\\n" "$@" >>{folder}/arguments; env >>{folder}/environment'
    program.write_text(f'#!/bin/sh\n{noted}\nexec {peers.program("migrate")} "$@"\n')
    program.chmod(0o755)
    return program


def test_the_password_is_nowhere(tmp_path: Path, database: Database, peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    """One migration that goes well, one that fails, and their undoing, with everything that they leave behind."""
    monkeypatch.setenv("PATH", f"{wrapper(tmp_path, peers).parent}:/usr/bin:/bin")
    failing = {"000008_bad.up.sql": "ALTER TABLE plans ADD COLUMN cents int;", "000008_bad.down.sql": "ALTER TABLE plans DROP COLUMN cents; SELECT 1 / 0;"}
    found = night(tmp_path, database, {**TAX, **failing})
    left: list[str] = []
    with watched() as watch:
        preview, done, states = carried_out(found, found.request())
        undone = carried_out(found, found.request(2), found.down().undo_plan(found.request(2), done))
    for planned, calls, seen in ((preview, done, states), undone):
        left += [json.dumps(preview_to_json(planned)), repr(calls), repr(seen)]
    left += [repr(found.migrating), repr(found.schema.address_of("gateway"))]
    left += [argv.replace(b"\0", b" ").decode(errors="replace") for argv in watch.seen]
    left += [place.read_text(errors="replace") for place in found.run_folder.rglob("*") if place.is_file()]
    written = (tmp_path / "arguments").read_text()
    assert "goto" in written
    assert "force" in written
    left += [written, (tmp_path / "environment").read_text()]
    assert any(f"postgres://{database.user}@127.0.0.1" in one for one in left)
    for one in left:
        assert not any(form in one for form in forms(database.password))


def test_no_traceback_repeats_it(tmp_path: Path, database: Database, peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with the address, and wherever it is noticed."""
    monkeypatch.setenv("PATH", f"{peers.folder}:/usr/bin:/bin")
    found = night(tmp_path, database, TAX)
    preview = found.down().plan(found.request())
    right = found.url
    for wrong in (
        right.replace("planted-", "planted-x"),
        right.replace(f":{database.server.port}/", ":1/"),
        right.replace("postgres://", "mysql://"),
        right + "][",
    ):
        found.url = wrong
        with pytest.raises(Exception) as raised:  # noqa: PT011  whatever it is: what matters is what it says
            found.down().facts(found.request(), preview)
        printed = "".join(traceback.format_exception(raised.value))
        assert not any(form in printed for form in forms(database.password))
