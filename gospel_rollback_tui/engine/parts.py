"""The engine's parts, put together."""

from gospel_rollback_tui.engine.arming import Arming
from gospel_rollback_tui.engine.by_hand import ByHand
from gospel_rollback_tui.engine.closing import Closer
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.executor import Executor
from gospel_rollback_tui.engine.gate import Gate
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper
from gospel_rollback_tui.engine.looks import Looks
from gospel_rollback_tui.engine.opening import Opening
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.engine.run_desk import RunDesk
from gospel_rollback_tui.engine.sending import Sender
from gospel_rollback_tui.engine.stability import Stability
from gospel_rollback_tui.engine.step_desk import StepDesk
from gospel_rollback_tui.engine.symptom import SymptomWatch
from gospel_rollback_tui.engine.turns import Turns
from gospel_rollback_tui.engine.unknowns import Unknowns
from gospel_rollback_tui.engine.verification import Verification
from gospel_rollback_tui.engine.waiting import Credentials
from gospel_rollback_tui.engine.work import Work


class Parts:
    """Every part of one engine, wired."""

    def __init__(self, incident: Incident, process: Process) -> None:
        """Makes the parts in the order in which they need each other."""
        self.work = Work()
        self.credentials = Credentials(incident)
        self.lock = LockKeeper(incident, self.credentials)
        self.symptom = SymptomWatch(incident)
        self.stability = Stability(incident, self.credentials)
        self.debts = Debts(incident)
        self.opening = Opening(incident, self.lock, self.debts, process)
        self.arming = Arming(incident, self.credentials)
        self.closer = Closer(incident)
        outcomes = Outcomes(incident, self.debts)
        self.unknowns = Unknowns(incident, self.credentials, outcomes)
        self.verification = Verification(incident, self.credentials, outcomes)
        by_hand = ByHand(incident, self.verification, outcomes, self.debts)
        gate = Gate(incident, self.credentials, self.lock, self.symptom)
        sender = Sender(incident, self.credentials, self.lock, self.debts, self.unknowns)
        turns = Turns(incident, self.credentials, self.verification, sender)
        self.executor = Executor(incident, gate, turns, sender, self.arming, outcomes, self.lock)
        looks = Looks(incident, self.verification, self.unknowns, by_hand, outcomes)
        self.step_desk = StepDesk(incident, self.work, gate, self.arming, self.executor, by_hand, looks)
        self.run_desk = RunDesk(incident, self.work, self.credentials, self.lock, self.debts, self.stability, self.closer, self.arming)
