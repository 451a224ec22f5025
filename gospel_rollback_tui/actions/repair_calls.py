"""The calls of a repair: what is sent, and how it is found again by the record that the transaction itself wrote."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.actions.repair_ports import Repairs
from gospel_rollback_tui.actions.repair_standing import Standing
from gospel_rollback_tui.domain.debts import STAGING_DEBT
from gospel_rollback_tui.domain.preview import DiffLine, Json, PlannedCall, Tone
from gospel_rollback_tui.domain.repair import Beside, Staging, TableRepair
from gospel_rollback_tui.domain.repair_script import Numbers, apply_statements, claim, drop, lock_number, undo_statements
from gospel_rollback_tui.domain.repair_sql import (
    APPLIED,
    STAGED,
    CopyText,
    begin,
    copies,
    counted_back,
    lost,
    record,
    stage_statements,
    table_of,
    written_since,
)
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.engine.ports import StepRequest

STAGE, APPLY, TAKE_OUT, DROP = "stage", "apply", "take-out", "drop"
KIND = "kind"
"""Of a call's body: which of them it is."""
LEFT_SECONDS = 60.0
"""What of a step's time is kept for the look afterwards."""
LEAST_SECONDS = 60.0
LOCKED_SECONDS = 300.0
"""How long a statement may hold a table that users read or write, in seconds: longer than this is for a quiet hour, by hand."""
_MARKS = {STAGE: STAGED, APPLY: APPLIED}


@dataclass(frozen=True, slots=True)
class RepairCalls:
    """Plans, sends and finds again."""

    repairs: Repairs

    def stage(self, standing: Standing, seconds: float) -> PlannedCall:
        """Returns the call that copies into the staging schema, which nothing reads."""
        service, staging, beside = standing.lost.service.name, standing.staging, standing.beside
        texts = list(zip(copies(staging), staging.plan.repairs, strict=True))
        first, last = (*begin(seconds), claim(staging.schema)), (record(staging, STAGED), "COMMIT")
        body = {
            KIND: STAGE,
            "service": service,
            "schema": staging.schema,
            "beside": [beside.identifier, beside.host, beside.port],
            "begin": list(first),
            "statements": list(stage_statements(staging)),
            "copies": [_copy(staging, text, repair) for text, repair in texts],
            "end": list(last),
            "seconds": seconds,
        }
        live, side = self.repairs.target(service, None), self.repairs.target(service, beside)
        pipes = [f"psql {shlex.quote(side)} -c {shlex.quote(text.read)} | psql {shlex.quote(live)} -c {shlex.quote(text.write)}" for text, _ in texts]
        return PlannedCall(
            STAGE,
            f"copy into {staging.schema}",
            f"COPY into the schema {staging.schema} of {standing.live.words}",
            ", ".join(f"{repair.side.words} from {beside.identifier}" for _, repair in texts),
            body,
            {"captured": {"service": service, "schema": staging.schema}},
            " && ".join((_psql(live, stage_statements(staging)), *pipes, _psql(live, [record(staging, STAGED)]))),
            diff=tuple(DiffLine(Tone.NEW, clean(line)) for text in stage_statements(staging) for line in text.splitlines()),
            debt=replace(STAGING_DEBT, id=_debt(staging.schema), title=f"{staging.schema} to drop"),
        )

    def apply(self, standing: Standing, numbers: Sequence[Numbers], seconds: float) -> PlannedCall:
        """Returns the call that carries out the one transaction."""
        service, staging = standing.lost.service.name, standing.staging
        locked = min(seconds, LOCKED_SECONDS)
        statements = apply_statements(staging, numbers, locked)
        reports = [[words, query] for repair in staging.plan.repairs for words, query in counted_back(staging, repair)]
        since = [[words, query] for repair in staging.plan.repairs for words, query in written_since(staging, repair)]
        tables = ", ".join(repair.side.words for repair in staging.plan.repairs)
        return self._transaction(
            PlannedCall(
                APPLY,
                f"copy back into {tables}",
                f"one transaction on {standing.live.words}",
                ", ".join(map(_back, staging.plan.repairs, numbers)),
                {KIND: APPLY, "service": service, "schema": staging.schema, "statements": list(statements), "reports": reports},
                {"service": service, "schema": staging.schema, "statements": list(undo_statements(staging, locked)), "since": since},
                "",
            )
        )

    def take_out(self, undo: Json, where: str) -> PlannedCall:
        """Returns the call that takes out what was copied back, and drops the copy with it."""
        schema = undo["schema"]
        body = {KIND: TAKE_OUT, "service": undo["service"], "schema": schema, "statements": undo["statements"], "reports": [], "pays": [_debt(schema)]}
        return self._transaction(PlannedCall(TAKE_OUT, "take out what was copied back", f"one transaction on {where}", "as before the repair", body, {}, ""))

    def drop(self, captured: Json, where: str, seconds: float) -> PlannedCall:
        """Returns the call that drops a staging schema; with it goes the way back from the repair."""
        schema = captured["schema"]
        statements = [*begin(seconds), claim(schema), drop(schema), "COMMIT"]
        body = {KIND: DROP, "service": captured["service"], "schema": schema, "statements": statements, "reports": [], "pays": [_debt(schema)]}
        return self._transaction(PlannedCall(f"{DROP}:{schema}", f"drop {schema}", f"DROP SCHEMA {schema} on {where}", "the copy goes", body, {}, ""))

    def _transaction(self, call: PlannedCall) -> PlannedCall:
        """Returns the call with its whole SQL to read, and as a command."""
        texts = call.body["statements"]
        lines = tuple(DiffLine(Tone.CHANGED, clean(line)) for text in texts for line in f"{text};".splitlines())
        return replace(call, diff=lines, by_hand=_psql(self.repairs.target(call.body["service"], None), texts))

    def send(self, call: PlannedCall) -> str:
        """Carries the call out, once."""
        body = call.body
        if body[KIND] == STAGE:
            return self.repairs.stage(body["service"], Beside(*body["beside"]), body)
        return self.repairs.carry_out(body["service"], body["statements"])

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns what the record in the staging schema says; None: a session is still at it, or the record is gone with its schema."""
        body, kind = call.body, call.body[KIND]
        marks = self.repairs.marks(body["service"], body["schema"])
        if marks is None and kind == APPLY:
            return None
        seen = marks is None if kind in (TAKE_OUT, DROP) else _MARKS[kind] in (marks or ())
        return None if not seen and self.repairs.busy(body["service"], lock_number(body["schema"])) else seen


def _copy(staging: Staging, text: CopyText, repair: TableRepair) -> Json:
    return {
        "table": repair.side.words,
        "into": lost(staging, repair),
        "read": text.read,
        "write": text.write,
        "read_count": text.read_count,
        "write_count": text.write_count,
    }


def _debt(schema: str) -> str:
    return f"{STAGING_DEBT.id}:{schema}"


def _psql(target: str, statements: Sequence[str]) -> str:
    text = "\n".join(f"{statement};" for statement in statements)
    return f"psql {shlex.quote(target)} --set ON_ERROR_STOP=1 --command {shlex.quote(text)}"


def _back(repair: TableRepair, numbers: Numbers) -> str:
    """Returns what comes back, with the numbers that the transaction must find again."""
    if repair.live is None:
        return f"{table_of(repair.side)} with its rows"
    fills, gone = numbers
    names = ", ".join(column.name for column in repair.columns)
    columns = f"{names} of {f'{fills:,}' if fills is not None else 'an unknown number of'} row{'' if fills == 1 else 's'}" if names else ""
    rows = f"{f'{gone:,} ' if gone is not None else ''}missing row{'' if gone == 1 else 's'}" if repair.rows else ""
    return f"{repair.side.words}: {' and '.join(part for part in (columns, rows) if part)}"


def statement_seconds(request: StepRequest) -> float:
    """Returns when a single statement is given up: before the step itself is."""
    return max(LEAST_SECONDS, request.step.timeout - LEFT_SECONDS)
