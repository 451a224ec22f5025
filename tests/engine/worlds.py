"""A scripted estate: named values that calls set, with whatever trouble a test wants, and every send counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Stop
from threading import RLock
from typing import Any

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import CredentialsExpired, JournalError, NotSent, OutcomeUnknown, Refused
from gospel_rollback_tui.domain.estate import Cluster, Environment, HttpCheck, StabilityRule, Tier
from gospel_rollback_tui.domain.events import GENESIS, Event, Kind
from gospel_rollback_tui.domain.preview import CheckState, DebtSpec, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun, SignalState
from gospel_rollback_tui.domain.runbook import MANUAL_ACTION, STABILITY_ACTION, ActionSpec, Ask, Library, Matrix, Path, Runbook, Step
from gospel_rollback_tui.engine.ports import Action, ChoiceList, Clock, LockHolder, StabilityWatch, StepRequest, WatchReport, World

BAD, GOOD = "v2.15.0", "v2.14.0"
SYMPTOM = HttpCheck("verses", "https://api.gospelib.test/v1/verses")
ENVIRONMENT = Environment(
    "production", "PRODUCTION", Tier.PRODUCTION, Cluster("ctx", "gospelib"), (), symptoms=(SYMPTOM,), stability=StabilityRule(minutes=15, sample_seconds=5)
)
OWNER = "ada@jump-1"
SERVER, IDENTITY = "https://api.k8s.test", "ada"


class VirtualClock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        """Begins in 2026."""
        self.time = 1_795_000_000.0
        self.on_wait: Callable[[], None] = lambda: None

    def now(self) -> float:
        """Returns the virtual time."""
        return self.time

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Lets the time pass at once, unless `stop` is set."""
        if stop.is_set():
            return True
        self.time += max(seconds, 0.01)
        self.on_wait()
        time.sleep(0)
        return stop.is_set()


class MemoryJournal:
    """Records in memory; `full` makes it fail as a full disk does."""

    def __init__(self, clock: VirtualClock, events: Sequence[Event] = ()) -> None:
        """Begins with the given records."""
        self._clock = clock
        self._events = list(events)
        self.full = False
        self.fail_at: Callable[[Kind], bool] = lambda _kind: False
        self.on_append: Callable[[Event], None] = lambda _event: None

    def append(self, kind: Kind, data: Mapping[str, object]) -> Event:
        """Appends one record."""
        if self.full or self.fail_at(kind):
            raise JournalError("The disk is full.")
        prev = self._events[-1].hash if self._events else GENESIS
        event = Event(len(self._events), self._clock.now(), kind, json.loads(json.dumps(data))).sealed(prev)
        self._events.append(event)
        self.on_append(event)
        return event

    def events(self) -> Sequence[Event]:
        """Returns the records."""
        return tuple(self._events)


@dataclass
class Sent:
    """One request that changed, or tried to change, the estate."""

    call: str
    name: str
    value: str


@dataclass
class Estate:
    """Named values, the trouble that is on, and what was sent."""

    values: dict[str, str] = field(default_factory=lambda: {"gateway": BAD, "auto-sync": "on", "git": BAD, "host": "old"})
    sent: list[Sent] = field(default_factory=list)
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    """Operation → errors that its next uses raise, in order."""
    lose: str = ""
    """`after`: the next change is made and its answer lost; `before`: it is lost on its way."""
    blind: bool = False
    """Whether nobody can tell if a call had its effect."""
    undo_debt: DebtSpec | None = None
    """What putting back leaves behind itself, e.g. because it had to freeze again first."""
    expired: bool = False
    """Whether the login has expired."""
    renewable: bool = False
    """Whether somebody has logged in meanwhile: credentials that are read again are good."""
    identity: tuple[str, str] = (SERVER, IDENTITY)
    rollout: list[tuple[CheckState, ...]] = field(default_factory=list)
    """What the next looks at a step's conditions show; then whether its values are set."""
    symptom_reads: Callable[[dict[str, str]], bool | None] = lambda values: values["gateway"] == GOOD
    reports: list[WatchReport] = field(default_factory=list)
    on_send: Callable[[PlannedCall], None] = lambda _call: None
    awaited: Callable[[PlannedCall], str] = lambda _call: ""
    """What a call has to wait for."""
    missing_login: bool = False
    """Whether the login has expired by which that is read, and no other."""
    lock_owner: tuple[str, str] = ("", "")
    lock_intent: tuple[str, str] = ("", "")
    renew: list[bool | Exception] = field(default_factory=list)
    """What the next renewals bring; then whether the lock is ours."""
    guard: Any = field(default_factory=RLock)

    def meet(self, operation: str) -> None:
        """Raises the trouble that waits for that operation."""
        with self.guard:
            if self.expired and operation not in ("symptom",):
                raise CredentialsExpired("The token has expired.")
            waiting = self.trouble.get(operation)
            if waiting:
                raise waiting.pop(0)

    def renew_login(self) -> None:
        """Reads the credentials again."""
        if self.renewable:
            self.expired = False

    def change(self, call: PlannedCall) -> str:
        """Sets the call's value, as far as its answer and its way are not lost."""
        self.meet("send")
        self.on_send(call)
        with self.guard:
            self.sent.append(Sent(call.id, call.body["name"], call.body["value"]))
            lost, self.lose = self.lose, ""
            if lost != "before":
                self.values[call.body["name"]] = call.body["value"]
        if lost:
            raise OutcomeUnknown("No answer came within 10 s.")
        return "200 OK"


class SetValues:
    """Sets the values of the step's parameter `set`, e.g. `auto-sync=off gateway=v2.14.0`, one call each."""

    def __init__(self, estate: Estate) -> None:
        """Acts on that estate."""
        self._estate = estate

    @property
    def spec(self) -> ActionSpec:
        """What the catalogue says."""
        return ActionSpec("estate.set", "Estate", Danger.REVERSIBLE, undo=True, parameters=("set",))

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Nothing to choose."""
        return ()

    def _wanted(self, request: StepRequest) -> list[tuple[str, str]]:
        parameters = dict(request.step.parameters)
        return [(name, value) for name, _, value in (pair.partition("=") for pair in parameters["set"].split())]

    def plan(self, request: StepRequest) -> Preview:
        """Plans one call a value that differs; a step that sets nothing has only to be looked at."""
        self._estate.meet("plan")
        wanted = self._wanted(request)
        calls = tuple(self._call(name, value) for name, value in wanted if self._estate.values[name] != value)
        return self._preview(request, calls, Danger.REVERSIBLE, "" if calls or not wanted else "it is so already")

    def _call(self, name: str, value: str) -> PlannedCall:
        debt = DebtSpec("auto-sync", "auto-sync off", "it would revert the rollback", 3600) if (name, value) == ("auto-sync", "off") else None
        before = self._estate.values[name]
        return PlannedCall(
            f"set:{name}", f"{name} {value}", f"SET {name}", f"{before} → {value}", {"name": name, "value": value}, {"value": before}, "", debt=debt
        )

    def _preview(self, request: StepRequest, calls: tuple[PlannedCall, ...], danger: Danger, refused: str) -> Preview:
        return Preview(request.step.id, request.step.title, "gateway", "here", danger, calls, self._facts(calls), refused=refused, yes="do it")

    def _facts(self, calls: Sequence[PlannedCall]) -> Fingerprint:
        return Fingerprint(tuple((call.body["name"], self._estate.values[call.body["name"]]) for call in calls))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Reads the values that the calls would set."""
        self._estate.meet("facts")
        return self._facts(preview.calls)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sets one value."""
        return self._estate.change(call)

    def awaited(self, request: StepRequest, call: PlannedCall) -> str:
        """Tells what the call has to wait for."""
        self._estate.meet("awaited")
        if self._estate.missing_login:
            raise CredentialsExpired("AWS does not know who asks.")
        return self._estate.awaited(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Tells whether the value is set."""
        self._estate.meet("happened")
        return None if self._estate.blind else self._estate.values[call.body["name"]] == call.body["value"]

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Tells the scripted conditions, then whether every value is set."""
        self._estate.meet("checks")
        if self._estate.rollout:
            return self._estate.rollout.pop(0)
        wanted = [(call.body["name"], call.body["value"]) for call in preview.calls] or self._wanted(request)
        return tuple(CheckState(name, self._estate.values[name] == value, self._estate.values[name]) for name, value in wanted)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Plans setting back what was captured, newest first."""
        self._estate.meet("undo")
        back = {call.body["name"]: call.undo["value"] for call in reversed(done)}
        calls = tuple(self._call(name, value) for name, value in back.items() if self._estate.values[name] != value)
        return self._preview(request, tuple(replace(call, debt=self._estate.undo_debt) for call in calls), Danger.REVERSIBLE, "")


class Manual:
    """A step done by hand; what it should bring about is the parameter `set`."""

    def __init__(self, estate: Estate) -> None:
        """Looks at that estate."""
        self._estate = estate

    @property
    def spec(self) -> ActionSpec:
        """What the catalogue says."""
        return ActionSpec(MANUAL_ACTION, "Operator", Danger.OBSERVE, undo=False, automated=False)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Nothing to choose."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Shows the commands."""
        self._estate.meet("plan")
        return Preview(request.step.id, request.step.title, "host", "here", request.step.danger, (), Fingerprint(()), by_hand=request.step.commands)

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Rests on nothing."""
        return Fingerprint(())

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Never sends."""
        raise Refused("It is done by hand.")

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Cannot tell."""
        return None

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Tells whether the value is set, if the step says which."""
        self._estate.meet("checks")
        name, _, value = dict(request.step.parameters).get("set", "").partition("=")
        return (CheckState(name, self._estate.values[name] == value),) if name else ()

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Cannot."""
        raise Refused("It is put back by hand.")


class EstateLock:
    """The lock between operators, in the estate."""

    def __init__(self, estate: Estate, clock: Clock) -> None:
        """Is not ours yet."""
        self._estate = estate
        self._clock = clock
        self._mine = ("", "")

    def _holder(self) -> LockHolder:
        owner, run = self._estate.lock_owner
        return LockHolder(owner, run, *self._estate.lock_intent, self._clock.now(), expired=False)

    def acquire(self, owner: str, run: str) -> LockHolder | None:
        """Takes the lock if it is free or ours."""
        self._estate.meet("acquire")
        if self._estate.lock_owner not in (("", ""), (owner, run)):
            return self._holder()
        self._estate.lock_owner = self._mine = (owner, run)
        return None

    def renew(self, step: str, intent: str) -> bool:
        """Renews, or brings what was scripted."""
        self._estate.meet("renew")
        if self._estate.renew:
            scripted = self._estate.renew.pop(0)
            if isinstance(scripted, Exception):
                raise scripted
            return scripted
        if self.ours():
            self._estate.lock_intent = (step, intent)
        return self.ours()

    def ours(self) -> bool:
        """Tells whether it is ours."""
        self._estate.meet("ours")
        return self._estate.lock_owner == self._mine != ("", "")

    def take_over(self, owner: str, run: str, reason: str) -> LockHolder | None:
        """Takes it from whoever holds it."""
        self._estate.meet("take over")
        before = self._holder() if self._estate.lock_owner != ("", "") else None
        self._estate.lock_owner = self._mine = (owner, run)
        return before

    def release(self) -> None:
        """Gives it back if it is ours."""
        if self._estate.lock_owner == self._mine:
            self._estate.lock_owner = ("", "")


class Identity:
    """Who we are."""

    def __init__(self, estate: Estate) -> None:
        """Asks that estate."""
        self._estate = estate

    def current(self) -> tuple[str, str]:
        """Returns server and identity."""
        self._estate.meet("identity")
        return self._estate.identity


class Symptom:
    """Asks the symptom's request."""

    def __init__(self, estate: Estate) -> None:
        """Asks that estate."""
        self._estate = estate

    def passing(self, check: HttpCheck) -> tuple[bool | None, str]:
        """Returns whether the estate answers well."""
        passing = self._estate.symptom_reads(self._estate.values)
        return passing, {True: "answers 200", False: "answers 500", None: "no answer"}[passing]


class ScriptedWatch:
    """Gives the scripted reports, then says stable once the clock is full."""

    def __init__(self, estate: Estate, clock: Clock, minutes: float) -> None:
        """Begins now."""
        self._estate = estate
        self._clock = clock
        self._minutes = minutes
        self._from = clock.now()

    def sample(self) -> WatchReport:
        """Takes one sample."""
        self._estate.meet("sample")
        if self._estate.reports:
            return self._estate.reports.pop(0)
        held = self._clock.now() - self._from
        return WatchReport((SignalState("pods", "good", "all ready", self._from),), self._from, stable=held >= self._minutes * 60)


def world(estate: Estate, clock: Clock, minutes: float = ENVIRONMENT.stability.minutes) -> World:
    """Returns every port of that estate."""

    def watch(_symptom: HttpCheck | None, _recovered: float) -> StabilityWatch:
        return ScriptedWatch(estate, clock, minutes)

    actions: dict[str, Action] = {"estate.set": SetValues(estate), MANUAL_ACTION: Manual(estate)}
    return World(actions, EstateLock(estate, clock), Identity(estate), Symptom(estate), watch, clock, estate.renew_login)


def step(step_id: str, setting: str = "", action: str = "estate.set", danger: Danger = Danger.REVERSIBLE) -> Step:
    """Returns a step that sets values."""
    parameters = (("set", setting),) if setting else ()
    return Step(step_id, step_id.replace("-", " "), "because", action, danger, 60.0, parameters=parameters)


ROLL_BACK = step("roll-back", f"auto-sync=off gateway={GOOD}")
WATCH = step("watch", action=STABILITY_ACTION, danger=Danger.OBSERVE)
GIT = replace(step("git-equal", f"git={GOOD}"), required=False)
AUTO_SYNC = replace(step("auto-sync-on", "auto-sync=on"), pays=("auto-sync",))
ASKED = replace(step("ask", f"git={GOOD}"), required=False, asks=(Ask("ticket", "Which ticket?", r"INC-\d+", "INC-7"),))
FREEZE = replace(step("freeze", "auto-sync=off", MANUAL_ACTION), commands=("kubectl patch application",), leaves=("auto-sync",))
BY_HAND = replace(step("by-hand", "host=new", MANUAL_ACTION), commands=("reboot",))
WIPE = replace(step("wipe", "host=gone", danger=Danger.DESTRUCTIVE), required=False)


def library(*paths: Path) -> Library:
    """Returns a library with one runbook of those paths."""
    return Library(Matrix((), ()), (Runbook("bad-code", "Bad code", "", 120.0, paths, digest="d"),))


PATHS = (
    Path("main", "Main", "", (ROLL_BACK, WATCH, GIT, AUTO_SYNC)),
    Path("short", "Short", "", (step("roll-back", f"gateway={GOOD}"),)),
    Path("hands", "Hands", "", (BY_HAND, step("roll-back", f"gateway={GOOD}"))),
    Path("frozen", "Frozen by hand", "", (FREEZE, step("roll-back", f"gateway={GOOD}"), AUTO_SYNC)),
    Path("danger", "Danger", "", (WIPE, ASKED, step("later", f"gateway={GOOD}"))),
)
LIBRARY = library(*PATHS)
ERRORS: dict[str, Exception] = {"not sent": NotSent("The network is gone."), "refused": Refused("Admission said no.")}
