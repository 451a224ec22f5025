"""What the judgement of a schema costs before code goes back."""

import time
from itertools import count

from benchmarks.report import Row
from benchmarks.stopwatch import repeated
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.migrations.gate import SchemaFacts, judge
from gospel_rollback_tui.domain.migrations.heads import SchemaHead

MIGRATIONS = 200
TIMES = 5
_UP = """CREATE TABLE invoices_{n} (id bigserial PRIMARY KEY, account_id bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX CONCURRENTLY invoices_{n}_account ON invoices_{n} (account_id);
ALTER TABLE accounts ADD COLUMN invoiced_{n} boolean NOT NULL DEFAULT false;
UPDATE accounts SET invoiced_{n} = true WHERE id IN (SELECT account_id FROM invoices_{n});
"""
_DOWN = "ALTER TABLE accounts DROP COLUMN invoiced_{n};\nDROP TABLE invoices_{n};\n"


def gate_row() -> Row:
    """The gate's first answer where two hundred migrations lie between the releases, their texts and the schema's version at hand."""
    turns = count()

    def _once() -> float:
        facts = _facts(next(turns))
        began = time.perf_counter()
        gate = judge(facts)
        assert len(gate.crossing) == MIGRATIONS
        return time.perf_counter() - began

    size = sum(map(len, _files(0).values())) / 1000
    return f"the gate's first answer for {MIGRATIONS} migrations", f"{repeated(_once, TIMES) * 1000:.0f} ms", f"goal 1 s; {size:.0f} kB of SQL"


def _facts(turn: int) -> SchemaFacts:
    head = SchemaHead(MIGRATIONS, table="public.schema_migrations")
    return SchemaFacts("billing", "billing", head, read_folder(_files(turn)), read_folder({}), migrates_at_start=False)


def _files(turn: int) -> dict[str, str]:
    """Returns migrations that no turn before had: what was judged once is remembered by its text."""
    named = {n: f"{turn}_{n}" for n in range(1, MIGRATIONS + 1)}
    return {f"{n:06}_invoices.{way}.sql": text.format(n=name) for n, name in named.items() for way, text in (("up", _UP), ("down", _DOWN))}
