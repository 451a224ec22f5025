"""What must be settled before Textual is imported: its environment variables, and whether this terminal will do.

Nothing here imports Textual.
"""

import os
import re
import sys
from collections.abc import MutableMapping

_OPERATORS_OWN = frozenset({"TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY"})
"""The only Textual variables an operator may set: others type keys, import code or write files."""
_OURS = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0", "TEXTUAL_FPS": "30", "ESCDELAY": "250"}
"""No animation over a slow link, and patience with escape sequences that arrive in pieces (milliseconds)."""
_UNABLE = frozenset({"", "dumb", "unknown"})
_COLOURLESS = re.compile(r"vt\d.*|.*-m(ono)?")
"""Names of terminals without colours, after terminfo: DEC's, and others' monochrome kinds."""


def scrub(environ: MutableMapping[str, str]) -> None:
    """Takes every Textual variable but the operator's own out of the environment and sets ours; a terminal without colours gets none."""
    for name in [name for name in environ if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        if name not in _OPERATORS_OWN:
            del environ[name]
    for name, value in _OURS.items():
        environ.setdefault(name, value)
    if _COLOURLESS.fullmatch(environ.get("TERM", "")):
        environ.setdefault("NO_COLOR", "1")


def objection(term: str, *, input_is_terminal: bool, screen_is_terminal: bool) -> str:
    """Returns why the screens cannot be shown here, as a sentence with what to do; empty: they can."""
    if not input_is_terminal:
        return "Standard input is not a terminal. Start gospel-rollback from a terminal; `gospel-rollback runbook` and `runs` work without one."
    if not screen_is_terminal:
        return "Standard error is not a terminal, and the screens are drawn there. Start gospel-rollback without redirecting it."
    if term in _UNABLE:
        return f"TERM={term or '(empty)'} cannot show the screens. Set TERM to your terminal's name, e.g. TERM=xterm-256color, and start again."
    return ""


def prepare(environ: MutableMapping[str, str] = os.environ) -> str:
    """Scrubs the environment, makes the terminal's stream speak UTF-8, and returns the objection there is, if any."""
    scrub(environ)
    problem = objection(environ.get("TERM", ""), input_is_terminal=_is_terminal(0), screen_is_terminal=_is_terminal(2))
    stream = sys.__stderr__
    if not problem and stream is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    return problem


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
