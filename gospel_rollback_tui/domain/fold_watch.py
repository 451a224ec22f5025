"""Debts, the symptom and the stability watch, one record at a time."""

from collections.abc import Callable
from dataclasses import replace

from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import Debt, Run, SignalState, StepStatus, WatchRun
from gospel_rollback_tui.domain.transitions import require, step_of, with_step


def _debt_opened(run: Run, event: Event) -> Run:
    data = event.data
    known = next((debt for debt in run.debts if debt.id == data["id"]), None)
    require(known is None or not known.open, event, f"debt {data['id']!r} is open already")
    debt = Debt(data["id"], data["title"], data["reason"], float(data["due"]), data["step"], event.at, owner=data["owner"], call=data["call"])
    return replace(run, debts=(*(other for other in run.debts if other.id != debt.id), debt))


def _open_debt(run: Run, event: Event) -> Debt:
    found = next((debt for debt in run.debts if debt.id == event.data["id"]), None)
    require(found is not None, event, f"there is no debt {event.data['id']!r}")
    assert found is not None
    require(not found.paid, event, f"debt {found.id!r} is paid")
    return found


def _with_debt(run: Run, changed: Debt) -> Run:
    return replace(run, debts=tuple(changed if debt.id == changed.id else debt for debt in run.debts))


def _debt_paid(run: Run, event: Event) -> Run:
    return _with_debt(run, replace(_open_debt(run, event), paid=event.data["how"] or "paid"))


def _debt_signed(run: Run, event: Event) -> Run:
    return _with_debt(run, replace(_open_debt(run, event), signed=f"{event.data['who']}: {event.data['reason']}"))


def _symptom(run: Run, event: Event) -> Run:
    passing = event.data["passing"]
    failing_before = run.symptom_failing_before or (passing is False and not run.acted)
    recovered = run.recovered_at
    if passing is False:
        recovered = 0.0
    elif passing is True and failing_before and run.acted and not recovered:
        recovered = event.at
    return replace(run, symptom_passing=passing, symptom_words=event.data["words"], symptom_failing_before=failing_before, recovered_at=recovered)


def _watch_started(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require(not step.status.over, event, f"step {step.id} is {step.status.value}")
    watch = WatchRun(float(event.data["minutes"]), event.at, event.at, step=step.id)
    return replace(with_step(run, replace(step, status=StepStatus.VERIFYING, started=event.at)), watch=watch)


def _watch(run: Run, event: Event) -> WatchRun:
    require(run.watch is not None, event, "no stability watch has begun")
    assert run.watch is not None
    return run.watch


def _signal(run: Run, event: Event) -> Run:
    watch = _watch(run, event)
    data = event.data
    before = next((signal for signal in watch.signals if signal.name == data["name"]), None)
    since = before.since if before and before.state == data["state"] else event.at
    signal = SignalState(data["name"], data["state"], data["words"], since)
    signals = tuple(signal if other.name == signal.name else other for other in watch.signals)
    held = float(data["held"])
    changed = replace(watch, signals=signals if before else (*watch.signals, signal), good_seconds=held, clock_from=event.at - held)
    return replace(run, watch=changed)


def _clock_reset(run: Run, event: Event) -> Run:
    watch = _watch(run, event)
    reset = (event.at, str(event.data["signal"]), str(event.data["words"]))
    return replace(run, watch=replace(watch, resets=(*watch.resets, reset), clock_from=event.at, good_seconds=0.0))


def _watched(run: Run, watch: WatchRun, event: Event, status: StepStatus, words: str) -> Run:
    """Returns the run with its watch over, and the step that watched."""
    changed = replace(run, watch=watch)
    step = next((step for step in run.steps if step.id == watch.step), None)
    if step is None or step.status.over:
        return changed
    return with_step(changed, replace(step, status=status, ended=event.at, reason=words))


def _stable(run: Run, event: Event) -> Run:
    watch = _watch(run, event)
    require(not watch.over, event, "the stability watch is over")
    words = f"{event.data['minutes']:g} min without a flap"
    return _watched(run, replace(watch, stable_at=event.at), event, StepStatus.VERIFIED, words)


def _ended_early(run: Run, event: Event) -> Run:
    watch = _watch(run, event)
    require(not watch.over, event, "the stability watch is over")
    words = f"ended early by {event.data['who']}: {event.data['reason']}"
    return _watched(run, replace(watch, ended_early=words), event, StepStatus.ASSERTED, words)


TRANSITIONS: dict[Kind, Callable[[Run, Event], Run]] = {
    Kind.DEBT_OPENED: _debt_opened,
    Kind.DEBT_PAID: _debt_paid,
    Kind.DEBT_SIGNED: _debt_signed,
    Kind.SYMPTOM: _symptom,
    Kind.WATCH_STARTED: _watch_started,
    Kind.SIGNAL: _signal,
    Kind.CLOCK_RESET: _clock_reset,
    Kind.STABLE: _stable,
    Kind.ENDED_EARLY: _ended_early,
}
"""The transition of each kind that is about the run as a whole and its being well."""
