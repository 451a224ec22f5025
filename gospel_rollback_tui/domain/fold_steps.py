"""The life of a step, one record at a time (DESIGN §4)."""

from collections.abc import Callable
from dataclasses import replace

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.preview import CheckState, Outcome, preview_from_json
from gospel_rollback_tui.domain.run import CallRun, Run, StepRun, StepStatus
from gospel_rollback_tui.domain.transitions import require, require_attempt, require_status, step_of, with_step

ARMABLE = (StepStatus.WAITING, StepStatus.FAILED, StepStatus.UNDONE, StepStatus.SKIPPED, StepStatus.VERIFIED, StepStatus.ASSERTED)
"""Where a step may be previewed to go forward; again after it was verified, since the world may have been put back by others."""
UNDOABLE = (StepStatus.WAITING, StepStatus.VERIFYING, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.VERIFIED, StepStatus.ASSERTED)
"""Where what it did may be previewed to be put back, if anything of it took effect: a bundle that stopped half-way waits again."""
BY_HAND = (StepStatus.WAITING, StepStatus.ARMED, StepStatus.VERIFYING, StepStatus.UNKNOWN, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.UNDONE)
"""Where an operator may say that it was done by hand."""
SKIPPABLE = (StepStatus.WAITING, StepStatus.ARMED, StepStatus.FAILED, StepStatus.UNDONE)
"""Where a step that is not required may be left out."""
VERIFIABLE = (StepStatus.VERIFYING, StepStatus.FAILED, StepStatus.ASSERTED)
"""Where what the world shows may verify it."""
PUTTING_BACK = (StepStatus.ARMED, StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN, StepStatus.FAILED)
"""Where an attempt that puts back is not over: what is done by hand then is the putting back."""
LOOKED_AT = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN, StepStatus.FAILED, StepStatus.ASSERTED, StepStatus.WAITING, StepStatus.ARMED)
"""Where its conditions may be looked at."""


def _previewed(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    undo_of = event.data["undo_of"]
    resting = step.at_rest
    require_status(resting, event, *(ARMABLE if undo_of is None else UNDOABLE))
    require(undo_of is None or bool(step.done_calls), event, f"step {step.id} has done nothing that could be put back")
    require(event.data["attempt"] == step.next_attempt, event, f"the next attempt of step {step.id} is {step.next_attempt}")
    armed = replace(
        step,
        status=StepStatus.ARMED,
        attempt=event.data["attempt"],
        undo_of=undo_of,
        preview=preview_from_json(event.data["preview"]),
        calls=(),
        checks=(),
        started=0.0,
        ended=0.0,
        reason="",
        before=replace(resting, moved=()),
    )
    return with_step(run, armed)


def _confirmed(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ARMED)
    require_attempt(step, event)
    armed = step.preview.fingerprint.digest if step.preview else ""
    require(event.data["fingerprint"] == armed, event, "it confirms another preview than the armed one")
    status = StepStatus.ACTING if step.preview and step.preview.calls else StepStatus.VERIFYING
    anew = tuple(cut for cut in run.cut_short if cut != (step.id, step.attempt))
    return replace(with_step(run, replace(step, status=status, started=event.at, moved=(), reason="")), cut_short=anew)


def _put_down(step: StepRun) -> StepRun:
    """Returns the step as it was before it was armed, with what calls did meanwhile."""
    before = step.before or replace(step, status=StepStatus.WAITING, preview=None, calls=())
    return replace(before, attempts=step.attempts, done_calls=step.done_calls)


def _moved(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING)
    require_attempt(step, event)
    require(not step.calls, event, "something was sent already")
    moved = tuple((str(name), str(old), str(new)) for name, old, new in event.data["moved"])
    return with_step(run, replace(_put_down(step), moved=moved, reason="what the preview rested on has moved"))


def _refused(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_attempt(step, event)
    require(not step.unresolved, event, "a call is on its way")
    if step.status in (StepStatus.ARMED, StepStatus.ACTING):
        return with_step(run, replace(_put_down(step), reason=event.data["reason"]))
    require_status(step, event, *ARMABLE, *UNDOABLE)
    return with_step(run, replace(step, reason=event.data["reason"]))


def _intent(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING)
    require_attempt(step, event)
    require(not step.unresolved, event, "the call before it has no result")
    data = event.data
    planned = [call.id for call in step.preview.calls] if step.preview else []
    require(data["call"] in planned, event, f"call {data['call']!r} was not previewed")
    require(all(call.id != data["call"] for call in step.calls), event, f"call {data['call']!r} was sent in this attempt already")
    call = CallRun(data["call"], data["where"], data["body"], data["undo"], event.at)
    changed = replace(step, calls=(*step.calls, call), attempts=step.attempt)
    return replace(with_step(run, changed), acted=True)


def _call(step: StepRun, event: Event) -> CallRun:
    found = next((call for call in step.calls if call.id == event.data["call"]), None)
    require(found is not None, event, f"call {event.data['call']!r} was not sent in this attempt")
    assert found is not None
    return found


def _with_call(step: StepRun, changed: CallRun) -> StepRun:
    """Returns the step with the call as it stands now, counted as done if it took effect."""
    calls = tuple(changed if call.id == changed.id else call for call in step.calls)
    took_effect = changed.outcome is Outcome.DONE
    known = any(done.id == changed.id and done.intent_at == changed.intent_at for done in step.done_calls)
    if step.undo_of is not None or not took_effect:
        done_calls = step.done_calls
    elif known:
        done_calls = tuple(changed if done.intent_at == changed.intent_at and done.id == changed.id else done for done in step.done_calls)
    else:
        done_calls = (*step.done_calls, changed)
    return replace(step, calls=calls, done_calls=done_calls)


def _all_done(step: StepRun) -> bool:
    planned = len(step.preview.calls) if step.preview else 0
    return len(step.calls) == planned and all(call.outcome is Outcome.DONE for call in step.calls)


def _result(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING)
    require_attempt(step, event)
    call = _call(step, event)
    require(call.outcome is None, event, f"call {call.id!r} has a result already")
    outcome = Outcome(event.data["outcome"])
    step = _with_call(step, replace(call, outcome=outcome, detail=event.data["detail"], result_at=event.at))
    if outcome is Outcome.UNKNOWN:
        step = replace(step, status=StepStatus.UNKNOWN)
    elif _all_done(step):
        step = replace(step, status=StepStatus.VERIFYING)
    return with_step(run, step)


def _call_verified(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)
    require_attempt(step, event)
    call = _call(step, event)
    passed = event.data["passed"]
    require(passed in (True, False), event, "what was seen is either true or false")
    resolved = call in step.unresolved
    call = replace(call, verified=passed, detail=event.data["detail"] or call.detail)
    if resolved:
        call = replace(call, outcome=Outcome.DONE if passed else Outcome.NOT_SENT, result_at=call.result_at or event.at)
    step = _with_call(step, call)
    if step.status is StepStatus.UNKNOWN and resolved and passed:
        step = replace(step, status=StepStatus.VERIFYING if _all_done(step) else StepStatus.ACTING)
    return with_step(run, step)


def _observed(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, *LOOKED_AT)
    seen = CheckState(event.data["check"], event.data["passed"], event.data["words"])
    if any(check.name == seen.name for check in step.checks):
        checks = tuple(seen if check.name == seen.name else check for check in step.checks)
    else:
        checks = (*step.checks, seen)
    return with_step(run, replace(step, checks=checks))


def _verified(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, *VERIFIABLE)
    require(not step.unresolved, event, "a call has no known result")
    require(step.undo_of is None, event, "putting back ends with `undone`")
    status = StepStatus.ASSERTED if event.data["asserted"] else StepStatus.VERIFIED
    return with_step(run, replace(step, status=status, ended=event.at, reason=event.data["detail"], before=None))


def _failed(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)
    require_attempt(step, event)
    require(not step.unresolved, event, "a call has no known result")
    return with_step(run, replace(step, status=StepStatus.FAILED, ended=event.at, reason=event.data["reason"], before=None))


def _asserted(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, *BY_HAND, StepStatus.ACTING)
    require(step.status is StepStatus.UNKNOWN or not step.unresolved, event, "a call is on its way")
    words = f"by hand, asserted by {event.data['who']}" + (f": {event.data['note']}" if event.data["note"] else "")
    if step.undo_of is not None and step.status in PUTTING_BACK:
        done = replace(step, status=StepStatus.UNDONE, ended=event.at, reason=f"put back {words}", before=None, done_calls=())
    else:
        preview = step.preview if step.undo_of is None else None
        done = replace(step, status=StepStatus.ASSERTED, ended=event.at, reason=words, before=None, undo_of=None, preview=preview)
    return replace(with_step(run, done), acted=run.acted or step.danger is not Danger.OBSERVE)


def _skipped(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, *SKIPPABLE)
    require(not step.required, event, f"step {step.id} is required")
    return with_step(run, replace(step, status=StepStatus.SKIPPED, ended=event.at, reason=event.data["reason"], before=None))


def _undone(run: Run, event: Event) -> Run:
    step = step_of(run, event)
    require_status(step, event, StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.FAILED)
    require_attempt(step, event)
    require(step.undo_of is not None, event, "nothing was being put back")
    require(not step.unresolved, event, "a call has no known result")
    return with_step(run, replace(step, status=StepStatus.UNDONE, ended=event.at, done_calls=(), before=None, reason="put back"))


TRANSITIONS: dict[Kind, Callable[[Run, Event], Run]] = {
    Kind.PREVIEWED: _previewed,
    Kind.MOVED: _moved,
    Kind.CONFIRMED: _confirmed,
    Kind.REFUSED: _refused,
    Kind.INTENT: _intent,
    Kind.RESULT: _result,
    Kind.CALL_VERIFIED: _call_verified,
    Kind.OBSERVED: _observed,
    Kind.VERIFIED: _verified,
    Kind.FAILED: _failed,
    Kind.ASSERTED: _asserted,
    Kind.SKIPPED: _skipped,
    Kind.UNDONE: _undone,
}
"""The transition of each kind that is about one step."""
