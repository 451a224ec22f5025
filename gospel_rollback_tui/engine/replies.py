"""The two answers to a decision."""

from gospel_rollback_tui.domain.decisions import Reply


def taken(text: str = "") -> Reply:
    """Returns the answer to a decision that was taken."""
    return Reply(taken=True, text=_sentence(text))


def refused(why: str) -> Reply:
    """Returns the answer to a decision that was not taken, as a sentence."""
    return Reply(taken=False, text=_sentence(why))


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
