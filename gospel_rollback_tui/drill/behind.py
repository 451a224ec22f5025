"""What listens in the pods behind the Services of the simulated estate, as the API server's proxy reaches it."""

from gospel_rollback_tui.drill.kubernetes.endpoints.proxy import Backend
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.services import ServiceAnswers


def behind(answers: ServiceAnswers) -> Backend:
    """Return the pods' answers in the terms of the API server."""

    def answer(service: str, path: str) -> Answer | None:
        """Answer as a pod of that Service does."""
        found = answers.within(service, path)
        return None if found is None else Answer(found.status, found.body, found.content_type)

    return answer
