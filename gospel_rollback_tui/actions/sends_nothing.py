"""What every step has in common that plans no calls: it only looks, waits, or guides what is done by hand."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from gospel_rollback_tui.domain.preview import Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.engine.ports import StepRequest


class SendsNothing(ABC):
    """An action without calls: nothing to send, to find again or to put back."""

    __slots__ = ()

    @abstractmethod
    def plan(self, request: StepRequest) -> Preview:
        """Previews the step; there are no calls in it."""

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Returns the preview's own: it rests on nothing that moves."""
        return preview.fingerprint

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends nothing: the step plans no calls."""
        return ""

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Cannot tell: the step plans no calls."""
        return None

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews the same again: there is nothing that was sent."""
        return self.plan(request)
