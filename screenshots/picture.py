"""Turns a terminal's screen into a picture: SVG by Rich, PNG by a headless browser where there is one."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_BACKGROUND, _FOREGROUND = (15, 20, 26), (205, 212, 220)
_ANSI = ((0, 0, 0), (222, 92, 82), (120, 176, 120), (224, 164, 60), (110, 160, 210), (180, 130, 200), (110, 180, 190), (205, 212, 220))
THEME = TerminalTheme(_BACKGROUND, _FOREGROUND, list(_ANSI), list(_ANSI))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def svg(screen: Any, title: str) -> str:  # noqa: ANN401  (pyte ships no types)
    """Returns the picture of a pyte screen."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=screen.columns, file=nowhere, force_terminal=True, color_system="truecolor", legacy_windows=False)
        for row in range(screen.lines):
            console.print(_line(screen, row), no_wrap=True, crop=True, overflow="crop", soft_wrap=False)
    return console.export_svg(title=title, theme=THEME)


def _line(screen: Any, row: int) -> Text:  # noqa: ANN401  (pyte ships no types)
    line = Text()
    for column in range(screen.columns):
        cell = screen.buffer[row][column]
        style = Style(color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold, reverse=cell.reverse, underline=cell.underscore, italic=cell.italics)
        line.append(cell.data or " ", style)
    return line


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if re.fullmatch(r"[0-9a-fA-F]{6}", name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name.replace("bright", "bright_"))


def png(source: Path) -> Path | None:
    """Makes the PNG beside an SVG; None where no browser is at hand."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', source.read_text())
    if browser is None or box is None:
        return None
    target = source.with_suffix(".png")
    size = f"{round(float(box[1]))},{round(float(box[2]))}"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1", f"--window-size={size}"]
    subprocess.run([browser, *options, f"--screenshot={target}", source.resolve().as_uri()], check=True, capture_output=True)
    return target
