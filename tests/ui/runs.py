"""Runs in the states that screens must show."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.preview import CheckState, Outcome, preview_to_json
from gospel_rollback_tui.domain.run import CallRun, Debt, Run, SignalState, StepRun, StepStatus, WatchRun
from gospel_rollback_tui.domain.snapshots import EstateSnapshot
from tests.ui.builders import NOW, ONSET, VERSES, live, pod, preview, rollout, snapshot, varied

RUN = "0312-k7"
CONFIRMED_AT = NOW.wall - 17


def step(name: str, title: str, **changes: object) -> StepRun:
    """A step that waits."""
    return varied(StepRun(name, title, required=True, usual=0.0, danger=Danger.REVERSIBLE), changes)


def steps() -> tuple[StepRun, ...]:
    """The four steps of the quickest path."""
    return (
        step("roll-back", "Freeze and roll back", usual=25.0),
        step("stability", "Hold for fifteen minutes", usual=900.0),
        step("git-equal", "Make git equal"),
        step("auto-sync-on", "Auto-sync on", required=False),
    )


def run(**changes: object) -> Run:
    """A run just opened."""
    made = Run(
        id=RUN,
        environment="production",
        operator="ada",
        host="jump",
        server="https://eks.example",
        identity="oncall@gospelib",
        opened=NOW.wall - 20,
        onset=ONSET,
        first_paint=NOW.wall - 79,
        symptom=VERSES,
        symptom_failing_before=True,
        read_only=False,
        seq=3,
        scenario="bad-code",
        path="patch",
        runbook="Bad code deploy, no database change",
        objective=120.0,
        steps=steps(),
        inputs={"services": "gateway", "revision:gateway": "41"},
        holder="ada@jump",
    )
    return varied(made, changes)


def armed(**changes: object) -> StepRun:
    """The first step, previewed."""
    waiting = steps()[0]
    return varied(replace(waiting, status=StepStatus.ARMED, attempt=1, preview=preview(), before=waiting), changes)


def calls() -> tuple[CallRun, ...]:
    """Both calls of the bundle, done."""
    return (
        CallRun("freeze", "PATCH Application gospelib-production", {}, {}, CONFIRMED_AT, Outcome.DONE, "", CONFIRMED_AT + 0.3),
        CallRun("patch:gospelib-gateway", "PATCH Deployment gospelib-gateway", {}, {}, CONFIRMED_AT + 1, Outcome.DONE, "", CONFIRMED_AT + 3),
    )


def rolling_out(**changes: object) -> Run:
    """The bundle is sent; the rollout is watched; two debts are open."""
    checks = (CheckState("nothing reverted it", passed=True), CheckState("2 pods of 7c9f ready, none older", passed=None, words="1 of 2"))
    acting = replace(armed(), status=StepStatus.VERIFYING, calls=calls(), done_calls=calls(), checks=checks, started=CONFIRMED_AT, attempts=1)
    debts = (
        Debt("auto-sync", "auto-sync off", "git would put it back", NOW.wall + 86_400, "roll-back", CONFIRMED_AT),
        Debt("git", "git says v2.15.0", "the next sync brings it back", NOW.wall + 86_400, "roll-back", CONFIRMED_AT),
    )
    return varied(run(steps=(acting, *steps()[1:]), debts=debts, acted=True), changes)


def rollout_snapshot() -> EstateSnapshot:
    """One of two new pods is ready."""
    base = snapshot()
    others = tuple(row for row in base.pods.rows if row.service != "gateway")
    pods = (
        *others,
        pod("gateway", "m2v8c", "Starting: readiness probe", Verdict.UNKNOWN, ready=False, revision=43, created=NOW.wall - 9),
        pod("gateway", "w5kqd", revision=43, created=NOW.wall - 16),
        pod("gateway", "hvxkt", "Terminating", Verdict.UNKNOWN, ready=False, leaving=True, newest=False),
        pod("gateway", "9d2ls", newest=False),
    )
    rows = tuple(
        rollout("gateway", progress=Verdict.UNKNOWN, words="1 of 2 new pods available") if row.service == "gateway" else row for row in base.rollout.rows
    )
    return replace(base, pods=replace(base.pods, rows=pods, status=live()), rollout=replace(base.rollout, rows=rows))


def watch(**changes: object) -> WatchRun:
    """Four minutes of the watch have held; one flap, one signal unknown."""
    start = NOW.wall - 330
    signals = (
        SignalState("symptom", "good", "200, 12 ms", start),
        SignalState("pods", "good", "12 of 12 ready", start),
        SignalState("restarts", "good", "0 since 03:08:50", start + 80),
        SignalState("/health", "good", "6 of 6", start),
        SignalState("/ready", "good", "6 of 6", start),
        SignalState("error logs", "good", "0.4/min, usual 0.6", start + 20),
        SignalState("nothing reverts", "good", "auto-sync off", start),
    )
    made = WatchRun(15.0, start, start + 80, signals, ((start + 80, "restarts", "gateway-w5kqd restarted (OOMKilled)"),), step="stability", good_seconds=250.0)
    return varied(made, changes)


def stable_run(**changes: object) -> Run:
    """Rolled back and verified; the watch is running."""
    done = replace(
        armed(),
        status=StepStatus.VERIFIED,
        calls=calls(),
        done_calls=calls(),
        started=NOW.wall - 370,
        ended=NOW.wall - 341,
        attempts=1,
        reason="every condition holds",
    )
    base = rolling_out()
    made = replace(base, steps=(done, *steps()[1:]), watch=watch(), recovered_at=base.first_paint + 91, symptom_passing=True)
    return varied(replace(made, first_paint=NOW.wall - 500, recovered_at=NOW.wall - 409, opened=NOW.wall - 440), changes)


def event(seq: int, kind: Kind, data: Mapping[str, Any], at: float = NOW.wall) -> Event:
    """A record."""
    return Event(seq, at, kind, data)


def opened_events() -> tuple[Event, ...]:
    """What the journal holds once the first step is armed."""
    at = NOW.wall - 2
    return (
        event(0, Kind.RUN_OPENED, {"operator": "ada", "host": "jump"}, at),
        event(1, Kind.CHOSEN, {"scenario": "bad-code", "path": "patch"}, at),
        event(2, Kind.LOCKED, {"holder": "ada@jump"}, at),
        event(3, Kind.PREVIEWED, {"step": "roll-back", "attempt": 1, "undo_of": None, "preview": preview_to_json(preview())}, at),
    )


def signal_events() -> tuple[Event, ...]:
    """What the journal holds of the watch's signals."""
    start = NOW.wall - 330
    goods = tuple(
        event(10 + index, Kind.SIGNAL, {"name": signal.name, "state": "good", "words": signal.words}, start) for index, signal in enumerate(watch().signals)
    )
    return (
        *opened_events(),
        *goods,
        event(30, Kind.SIGNAL, {"name": "error logs", "state": "bad", "words": "9/min"}, start),
        event(31, Kind.SIGNAL, {"name": "error logs", "state": "good", "words": "0.4/min"}, start + 20),
    )
