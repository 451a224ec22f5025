"""The run's state machine under arbitrary decisions, failures and restarts."""

from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gospel_rollback_tui.domain.chain import verify_chain
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NoRoute, NotSent, Refused, ServerDown
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.fold import fold
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall
from gospel_rollback_tui.domain.run import Run, StepStatus
from tests.engine.bench import Bench
from tests.engine.worlds import BAD, GOOD, OWNER, Estate

STEPS = st.sampled_from(["roll-back", "watch", "git-equal", "auto-sync-on"])
READS = st.sampled_from(["plan", "facts", "happened", "checks", "identity", "renew", "ours", "undo", "sample"])


class Killed(BaseException):
    """The process is gone."""


class RunMachine(RuleBasedStateMachine):
    """An operator, an estate and a host that all do what they like."""

    def __init__(self) -> None:
        """Opens nothing yet."""
        super().__init__()
        self.bench = Bench()
        self.folded: Run | None = None
        self.seen = 0
        self.unasked: list[str] = []
        self.quiet = False

    @initialize(way=st.sampled_from(["free"] * 8 + ["read-only", "held"]))
    def open(self, way: str) -> None:
        """Opens the run, perhaps read-only, perhaps with somebody else in the way."""
        read_only, held = way == "read-only", way == "held"
        estate = Estate(lock_owner=("bob@jump-2", "0305-x2")) if held else Estate()
        self.bench = Bench(estate, read_only=read_only)
        estate.on_send = self._witness
        self.bench.clock.on_wait = self._make_room
        assert self.bench.open().taken

    def _witness(self, call: PlannedCall) -> None:
        """Checks at the moment of each send that it was meant, confirmed, and allowed."""
        run = self.bench.run
        acting = [step for step in run.steps if step.status is StepStatus.ACTING]
        assert len(acting) == 1
        step = acting[0]
        assert step.unresolved
        assert step.unresolved[-1].id == call.id
        confirmed = [event.data for event in self.bench.records(Kind.CONFIRMED) if event.data["step"] == step.id]
        assert step.preview is not None
        assert (confirmed[-1]["attempt"], confirmed[-1]["fingerprint"]) == (step.attempt, step.preview.fingerprint.digest)
        assert not run.read_only
        assert not run.aborted
        assert not run.lock_lost
        assert self.bench.estate.lock_owner == (OWNER, "0312-k7")

    def _make_room(self) -> None:
        """While the engine waits for the disk with a result to write, somebody makes room."""
        self.bench.journal.full = False

    @property
    def open_run(self) -> bool:
        """Whether decisions still count."""
        return not self.bench.run.closed

    @rule(step=STEPS)
    def arm(self, step: str) -> None:
        """Asks for a preview."""
        self.bench.decide(Verb.ARM, step=step)

    @rule(step=STEPS)
    def undo(self, step: str) -> None:
        """Asks for the way back."""
        self.bench.decide(Verb.UNDO, step=step)

    def _armed(self) -> str:
        """The step with an open prompt; empty: there is none."""
        return next((step.id for step in self.bench.run.steps if step.status is StepStatus.ARMED), "")

    @rule(rounds=st.integers(0, 3))
    def confirm(self, rounds: int) -> None:
        """Presses `y` on the prompt that is open."""
        step = self._armed()
        if step:
            self.bench.decide(Verb.CONFIRM, **self.bench.confirmation(step))
            self.work(rounds)

    @rule(step=STEPS, rounds=st.integers(1, 3))
    def go_forward(self, step: str, rounds: int) -> None:
        """Goes on as an operator does who sees no trouble."""
        if not self._armed() and self.bench.decide(Verb.ARM, step=step).taken:
            self.work(1)
        self.confirm(rounds)

    @rule(rounds=st.integers(1, 3))
    def go_back(self, rounds: int) -> None:
        """Puts back whatever was done."""
        done = next((step.id for step in self.bench.run.steps if step.done_calls), "")
        if done and self.bench.decide(Verb.UNDO, step=done).taken:
            self.work(1)
            self.confirm(rounds)

    @rule(twice=st.booleans())
    def confirm_wrongly(self, *, twice: bool) -> None:
        """Presses `y` on an old prompt, or twice."""
        step = self._armed()
        if not step:
            return
        fields = self.bench.confirmation(step)
        if twice:
            self.bench.decide(Verb.CONFIRM, **fields)
            if self.bench.step(step).status is StepStatus.ACTING:
                assert not self.bench.decide(Verb.CONFIRM, **fields).taken
        else:
            fields["fingerprint"] = "0" * 16
            assert not self.bench.decide(Verb.CONFIRM, **fields).taken

    @rule(step=STEPS)
    def decline(self, step: str) -> None:
        """Presses `n`: whatever was confirmed and not yet sent is not sent."""
        armed = self.bench.step(step)
        reply = self.bench.decide(Verb.DECLINE, step=step, attempt=armed.attempt)
        if self.open_run and reply.taken and armed.status in (StepStatus.ARMED, StepStatus.ACTING):
            assert self.bench.step(step).status not in (StepStatus.ARMED, StepStatus.ACTING)

    @rule(step=STEPS)
    def by_hand(self, step: str) -> None:
        """Says it was done."""
        self.bench.decide(Verb.BY_HAND, step=step, note="by hand")

    @rule(step=STEPS)
    def skip(self, step: str) -> None:
        """Leaves it out."""
        self.bench.decide(Verb.SKIP, step=step, reason="no")

    @rule(step=STEPS)
    def look_again(self, step: str) -> None:
        """Asks for another look."""
        self.bench.decide(Verb.VERIFY, step=step)

    @rule(verb=st.sampled_from([Verb.TAKE_OVER, Verb.CREDENTIALS, Verb.END_EARLY, Verb.NOTE]))
    def decide(self, verb: Verb) -> None:
        """Decides about the run."""
        self.bench.decide(verb, reason="because", text="a note")

    @rule(verb=st.sampled_from([Verb.SIGN_DEBT, Verb.PAY_DEBT]))
    def settle_debt(self, verb: Verb) -> None:
        """Signs for or pays the debt."""
        self.bench.decide(verb, debt="auto-sync", reason="later", how="elsewhere")

    @precondition(lambda self: len(self.bench.journal.events()) > 40)
    @rule(verb=st.sampled_from([Verb.ABORT, Verb.CLOSE]))
    def end(self, verb: Verb) -> None:
        """Ends the run."""
        self.bench.decide(verb, reason="enough")

    @rule(operation=READS, error=st.sampled_from([NoRoute("no route"), ServerDown("down"), Refused("no")]), times=st.integers(1, 4))
    def read_trouble(self, operation: str, error: Exception, times: int) -> None:
        """Some reads fail."""
        if isinstance(error, Refused) and operation in ("renew", "ours"):
            return
        self.bench.estate.trouble.setdefault(operation, []).extend([error] * times)

    @rule(error=st.sampled_from([NotSent("gone"), Refused("no")]))
    def send_trouble(self, error: Exception) -> None:
        """The next change fails."""
        self.bench.estate.trouble["send"] = [error]

    @rule(how=st.sampled_from(["after", "before"]), blind=st.booleans())
    def lose(self, how: str, *, blind: bool) -> None:
        """The next answer is lost, and perhaps nobody can tell."""
        self.bench.estate.lose = how
        self.bench.estate.blind = blind

    @rule()
    def see_again(self) -> None:
        """Everybody can tell again."""
        self.bench.estate.blind = False

    @rule(value=st.sampled_from([BAD, GOOD, "v2.16.0"]))
    def meddle(self, value: str) -> None:
        """Somebody else changes the estate."""
        self.bench.estate.values["gateway"] = value

    @rule(expired=st.booleans())
    def login(self, *, expired: bool) -> None:
        """The login expires, or is good again."""
        self.bench.estate.expired = expired

    @rule()
    def steal_lock(self) -> None:
        """Somebody takes over."""
        self.bench.estate.lock_owner = ("bob@jump-2", "0320-zz")

    @rule(passed=st.sampled_from([None, False]), final=st.booleans())
    def rollout(self, passed: bool | None, *, final: bool) -> None:
        """The next look shows a condition that does not hold."""
        self.bench.estate.rollout = [(CheckState("pods", passed, "not yet", final=final),)]

    @rule(full=st.booleans())
    def disk(self, *, full: bool) -> None:
        """The disk fills up, or has room again."""
        self.bench.journal.full = full

    @rule(seconds=st.sampled_from([1.0, 11.0, 45.0, 1000.0]))
    def time_passes(self, seconds: float) -> None:
        """Time passes while the machine sleeps."""
        self.bench.clock.time += seconds

    @rule(rounds=st.integers(1, 4))
    def work(self, rounds: int) -> None:
        """The engine works; a full disk never stops it for good."""
        if self.open_run:
            self.bench.settle_guarded(rounds)

    @precondition(lambda self: not self.bench.journal.full and self.open_run)
    @rule(at=st.integers(0, 6), written=st.booleans())
    def kill(self, at: int, *, written: bool) -> None:
        """The runner is killed around one of its next records, and another one takes the journal up: it sends nothing unasked."""
        stop_at = len(self.bench.journal.events()) + at

        def before(_kind: Kind) -> bool:
            if not written and len(self.bench.journal.events()) == stop_at:
                raise Killed
            return False

        def after(event: Event) -> None:
            if written and event.seq == stop_at:
                raise Killed

        self.bench.journal.fail_at, self.bench.journal.on_append = before, after
        with suppress(Killed):
            self.bench.settle_guarded(2)
        if self.bench.run.closed:
            return
        sent = len(self.bench.sent())
        self.bench.restart()
        self.bench.settle_guarded(2)
        assert len(self.bench.sent()) == sent

    @invariant()
    def chained_and_foldable(self) -> None:
        """The chain verifies, every prefix folds, and the engine's run is the fold."""
        events = self.bench.journal.events()
        for event in events[self.seen :]:
            self.folded = fold(self.folded, event)
        self.seen = len(events)
        assert self.folded == self.bench.engine.state

    @invariant()
    def no_call_sent_twice_in_an_attempt(self) -> None:
        """Every intent is of another step, attempt or call."""
        intents = [(event.data["step"], event.data["attempt"], event.data["call"]) for event in self.bench.records(Kind.INTENT)]
        assert len(intents) == len(set(intents))
        assert len(self.bench.sent()) <= len(intents)

    @invariant()
    def unknown_is_never_acted_upon(self) -> None:
        """After an unknown result, the same step means nothing new before it is known what became of it."""
        open_unknown: set[str] = set()
        for event in self.bench.journal.events():
            step = str(event.data.get("step"))
            if event.kind is Kind.RESULT and event.data["outcome"] == "unknown":
                open_unknown.add(step)
            elif event.kind in (Kind.CALL_VERIFIED, Kind.ASSERTED):
                open_unknown.discard(step)
            elif event.kind is Kind.INTENT:
                assert not open_unknown

    @invariant()
    def clean_means_clean(self) -> None:
        """A run that closed clean has no open debt, and its symptom failed before and passed after."""
        run = self.bench.engine.state
        if run is not None and run.closed == "clean":
            assert not run.open_debts
            assert run.symptom_failing_before
            assert run.symptom_passing

    def teardown(self) -> None:
        """The whole chain verifies."""
        assert verify_chain([event.line() for event in self.bench.journal.events()]) == ()


TestRunMachine = RunMachine.TestCase
TestRunMachine.settings = settings(
    max_examples=120, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
