"""The only place with colours: three palettes of the same roles, chosen by what the terminal can show.

Text is styled by role (`good`, `dim`, `key`, …), never by colour. Where colours are few or none, reverse video and
bold keep the roles apart; signs and words carry the meaning everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.theme import BUILTIN_THEMES, Theme

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Tier

FULL = Theme(
    name="gospel",
    primary="#7fb3d9",
    secondary="#7fb3d9",
    accent="#7fb3d9",
    warning="#d9a43b",
    error="#e06c60",
    success="#85b884",
    foreground="#ccd2d9",
    background="#0f1418",
    surface="#141b22",
    panel="#1c242d",
    dark=True,
    variables={
        "bright": "#e8ecf0",
        "quiet": "#858d96",
        "quieter": "#515962",
        "rail": "#2a343e",
        "here": "#1f2b36",
        "tier-production": "#dfa03f",
        "tier-staging": "#4f93d1",
        "tier-drill": "#9b7fd1",
        "on-tier": "#11161b",
        "scrollbar": "#2a343e",
        "scrollbar-hover": "#3a4650",
        "scrollbar-active": "#7fb3d9",
        "scrollbar-background": "#141b22",
        "scrollbar-background-hover": "#141b22",
        "scrollbar-background-active": "#141b22",
        "scrollbar-corner-color": "#141b22",
    },
)
"""For 256 colours and more."""

FEW = Theme(
    name="gospel-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables=BUILTIN_THEMES["ansi-dark"].variables
    | {
        "bright": "ansi_default",
        "quiet": "ansi_default",
        "quieter": "ansi_bright_black",
        "rail": "ansi_bright_black",
        "here": "ansi_default",
        "tier-production": "ansi_yellow",
        "tier-staging": "ansi_blue",
        "tier-drill": "ansi_magenta",
        "on-tier": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_bright_black",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)
"""For 16 colours: the terminal's own, with its own background."""

_FULL_ROLES = {
    "text": "$foreground",
    "strong": "bold $bright",
    "dim": "$quiet",
    "faint": "$quieter",
    "key": "bold $accent",
    "current": "bold $accent",
    "good": "$success",
    "warn": "$warning",
    "bad": "$error",
    "rail": "$rail",
    "here": "on $here",
    "chosen": "bold on $rail",
    "tier-production": "bold $on-tier on $tier-production",
    "tier-staging": "bold $on-tier on $tier-staging",
    "tier-drill": "bold $on-tier on $tier-drill",
    "tier-read-only": "bold $tier-production",
}
_FEW_ROLES = _FULL_ROLES | {
    "strong": "bold",
    "dim": "dim",
    "faint": "dim",
    "here": "reverse",
    "chosen": "bold reverse",
    "rail": "dim",
}
_NO_ROLES = _FEW_ROLES | {
    "text": "",
    "key": "bold underline",
    "current": "bold",
    "good": "",
    "warn": "bold",
    "bad": "bold",
    "tier-production": "bold reverse",
    "tier-staging": "bold reverse",
    "tier-drill": "bold reverse",
    "tier-read-only": "bold underline",
}


@dataclass(frozen=True, slots=True)
class Palette:
    """A theme and how each role looks in it."""

    theme: Theme
    roles: Mapping[str, str]

    def style(self, words: str) -> str:
        """Returns the style of space-separated roles and attributes, e.g. `bad bold`."""
        return " ".join(part for part in (self.roles.get(word, word) for word in words.split()) if part)


COLOURFUL = Palette(FULL, _FULL_ROLES)
SIXTEEN = Palette(FEW, _FEW_ROLES)
COLOURLESS = Palette(FEW, _NO_ROLES)

DANGER_ROLE = {
    Danger.OBSERVE: "key",
    Danger.REVERSIBLE: "warn",
    Danger.DISRUPTIVE: "warn",
    Danger.DESTRUCTIVE: "bad",
    Danger.IRREVERSIBLE: "bad",
}
"""Role of a danger's words."""
TIER_ROLE = {Tier.PRODUCTION: "tier-production", Tier.STAGING: "tier-staging", Tier.DRILL: "tier-drill"}
"""Role of an environment's block."""

_MANY = frozenset({"truecolor", "24bit"})


def palette_for(environ: Mapping[str, str]) -> Palette:
    """Returns the palette for what the environment says of the terminal.

    NO_COLOR (https://no-color.org): set and not empty. Without `256color` in TERM or COLORTERM, sixteen colours are
    assumed, as Textual does; TEXTUAL_COLOR_SYSTEM overrides both.
    """
    if environ.get("NO_COLOR"):
        return COLOURLESS
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if forced in {"truecolor", "256"} or (forced == "auto" and _many_colours(environ)):
        return COLOURFUL
    return SIXTEEN


def _many_colours(environ: Mapping[str, str]) -> bool:
    return environ.get("COLORTERM", "").strip().lower() in _MANY or "256color" in environ.get("TERM", "")
