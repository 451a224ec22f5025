"""The house as DESIGN draws it: who imports whom at run time, how large a room may be, and that every door has a sign."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gospel_rollback_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("kubernetes", "boto3", "botocore", "httpx", "pydantic", "urllib3", "cryptography", "moto", "pgparse", "psycopg")


def loaded_by(statement: str) -> set[str]:
    """Returns the top-level modules that a statement loads in an interpreter of its own."""
    program = f"{statement}\nimport sys; print('\\n'.join(sorted(name.partition('.')[0] for name in sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


@pytest.mark.parametrize(
    "module",
    ["ui.app", "ui.flow", "cli.app", "cli.views", "cli.runs", "engine.engine", "runner.client", "live.estate", "diagnosis.triage", "actions.deployment"],
)
def test_nothing_that_runs_before_the_first_paint_loads_a_heavy_client(module: str) -> None:
    """Deferred imports count too: an interpreter of its own tells what is really loaded."""
    assert not loaded_by(f"import gospel_rollback_tui.{module}") & set(HEAVY)


@pytest.mark.parametrize("module", ["cli.runner", "runner.host", "engine.engine", "cli.world", "drill.scripts", "drill.catalogue"])
def test_only_the_app_loads_textual(module: str) -> None:
    """The runner and the drill's estate never see the screens."""
    assert "textual" not in loaded_by(f"import gospel_rollback_tui.{module}")


def test_help_loads_nothing_but_the_parser() -> None:
    """`--help` answers before anything else is imported, and of our own code nothing but the grammar is."""
    program = """
import atexit, runpy, sys
atexit.register(lambda: print(*(name for name in sys.modules if name.startswith("gospel")), *{name.partition(".")[0] for name in sys.modules}, sep="\\n"))
sys.argv = ["gospel-rollback", "--help"]
runpy.run_module("gospel_rollback_tui", run_name="__main__")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "usage: gospel-rollback" in ended.stdout
    loaded = set(ended.stdout.split("\n"))
    assert not loaded & {*HEAVY, "textual", "rich", "yaml", "asyncio", "platformdirs", "dataclasses", "typing"}
    own = {"gospel_rollback_tui", "gospel_rollback_tui.cli", "gospel_rollback_tui.cli.grammar"}
    assert {name for name in loaded if name.startswith("gospel_rollback_tui")} == own


def definitions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yields every function and class of a module."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_room_keeps_its_budget(module: Path) -> None:
    """A module has at most 300 lines, a class 200, a function 40, and app.py 200."""
    lines = module.read_text().count("\n")
    assert lines <= (200 if module == PACKAGE / "ui" / "app.py" else 300)
    large = [
        f"{node.name} has {size} lines"
        for node in definitions(module)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > (200 if isinstance(node, ast.ClassDef) else 40)
    ]
    assert not large


def test_every_package_states_its_rule() -> None:
    """The first thing read in a package says what may not happen there."""
    packages = [path for path in PACKAGE.rglob("__init__.py") if path.parent.parent in (PACKAGE, PACKAGE.parent)]
    silent = [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not silent


def test_whatever_is_caught_whole_says_why() -> None:
    """Where everything is caught, the reason stands on the same line, behind the code of the linter if there is one."""
    lines = [(file.name, line.strip()) for file in MODULES for line in file.read_text().splitlines()]
    whole = [(name, line) for name, line in lines if re.match(r"except(?: Exception| BaseException)?(?: as \w+)?:", line)]
    assert len(whole) > 5
    assert [(name, line) for name, line in whole if not re.search(r"#.*\b\w+ \w+ \w+", re.sub(r"noqa: \w+", "", line))] == []


def test_no_markup_is_made_of_formatted_text() -> None:
    """Text from outside reaches a widget as Content or Text only: no f-string goes into a constructor that parses markup."""
    parsing = {"Static", "Label", "Button", "Option", "Tab", "Collapsible", "notify"}
    found = []
    for module in (PACKAGE / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                safe = any(k.arg == "markup" for k in node.keywords)
                if name in parsing and not safe and any(isinstance(argument, ast.JoinedStr) for argument in node.args):
                    found.append(f"{module.name}:{node.lineno}")
    assert not found
