"""Builds steps from their records and holds them against the rules every step must keep."""

import re
from collections.abc import Iterable, Mapping

from gospel_rollback_tui.domain.danger import Danger, danger_of, raised
from gospel_rollback_tui.domain.debts import DEBTS
from gospel_rollback_tui.domain.names import ESTATE_NAMES
from gospel_rollback_tui.domain.runbook import ActionSpec, Ask, Step
from gospel_rollback_tui.domain.schema import Mention, Reader, Record, nearest
from gospel_rollback_tui.runbooks.fill import SERVICE, is_estate_name, names_in

DEFAULT_TIMEOUT = 600.0
"""Seconds until an observing step that names no timeout is given up."""
_SHELL_SIGNS = (" ", ";", "&", "|", "$(id)", "`id`", "'", '"', ">", "<", "\n", "\\", "*", "(", "{", "#")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class StepBuilder:
    """Builds the steps of one file; complaints go to its reader."""

    def __init__(self, reader: Reader, catalogue: Mapping[str, ActionSpec], asks: Mapping[str, Ask]) -> None:
        """Takes the actions that exist and the asks that the file's texts may use."""
        self._reader = reader
        self._catalogue = catalogue
        self._asks = asks
        self.asked: set[str] = set()
        """Names of the asks that a step used."""

    def build(self, record: Record, where: str) -> Step | None:
        """Returns the step of a record, or None if it lacks what makes it one."""
        place = f"{where}.{record.get('id')}" if record.get("id") else where
        spec = self._spec(record, place)
        if spec is None or not all(record.get(name) for name in ("id", "title", "why")):
            return None
        if not _ID.fullmatch(record.get("id")):
            self._reader.fault(record.line_of("id"), f"{place}: an id is small letters, digits and hyphens")
        danger = self._danger(record, spec, place)
        self._obligations(record, spec, danger, place)
        commands = tuple(entry.name for entry in record.get("commands", ()))
        return Step(
            id=record.get("id"),
            title=record.get("title"),
            why=record.get("why"),
            action=spec.name,
            danger=danger,
            timeout=record.get("timeout", DEFAULT_TIMEOUT),
            required=record.get("required", True),
            parameters=record.get("with", ()),
            commands=commands,
            look_for=record.get("look_for", ""),
            undo=record.get("undo", ""),
            no_undo=record.get("no_undo", ""),
            differs=record.get("differs", ""),
            covers=tuple(entry.name for entry in record.get("covers", ())),
            asks=self._asks_of(record, spec, place),
            usual=record.get("usual", 0.0),
            pays=tuple(entry.name for entry in record.get("pays", ())),
            leaves=self._leaves(record, place),
            line=record.line,
        )

    def _spec(self, record: Record, place: str) -> ActionSpec | None:
        name = record.get("action")
        if name is None:
            return None
        spec = self._catalogue.get(name)
        if spec is None:
            self._reader.fault(
                record.line_of("action"), f"{place}: unknown action {name!r}, so nothing could preview it{nearest(name, sorted(self._catalogue))}"
            )
            return None
        for parameter, _ in record.get("with", ()):
            if parameter not in spec.parameters:
                hint = nearest(parameter, spec.parameters) if spec.parameters else "; it takes none"
                self._reader.fault(record.line_of("with"), f"{place}: {name} has no parameter {parameter!r}{hint}")
        return spec

    def _danger(self, record: Record, spec: ActionSpec, place: str) -> Danger:
        word = record.get("danger")
        if word is None:
            if not spec.automated and "danger" not in record.lines:
                self._reader.fault(record.line, f"{place}: a step done by hand must say its danger; nothing else can")
            return spec.danger
        written = danger_of(word)
        if written < spec.danger:
            self._reader.fault(
                record.line_of("danger"),
                f"{place}: {spec.name} is at least {spec.danger.word} and cannot be lowered to {word}; write {spec.danger.word!r} or leave it out",
            )
        return raised(spec.danger, written)

    def _leaves(self, record: Record, place: str) -> tuple[str, ...]:
        """Returns the debts it leaves behind; one that nobody knows is a complaint, since it has no title and no reason."""
        mentioned: tuple[Mention, ...] = record.get("leaves", ())
        for entry in mentioned:
            if entry.name not in DEBTS:
                self._reader.fault(entry.line, f"{place}: there is no debt {entry.name!r}{nearest(entry.name, sorted(DEBTS))}")
        return tuple(entry.name for entry in mentioned)

    def _obligations(self, record: Record, spec: ActionSpec, danger: Danger, place: str) -> None:
        """Checks what a changing step, and a step done by hand, must say."""
        fault = self._reader.fault
        changing = danger > Danger.OBSERVE
        if changing and "timeout" not in record.lines:
            fault(record.line, f"{place}: a step that changes something needs a `timeout:`")
        if record.get("undo") and record.get("no_undo"):
            fault(record.line_of("no_undo"), f"{place}: has both `undo:` and `no_undo:`; keep the one that is true")
        puts_back = spec.undo and spec.automated
        if changing and not puts_back and not {"undo", "no_undo"} & set(record.lines):
            fault(record.line, f"{place}: a step that changes something needs `undo:`, or `no_undo:` with the reason")
        for key in ("title", "why", "no_undo", "differs"):
            for name in names_in(record.get(key, "")):
                fault(record.line_of(key), f"{place}: `{key}:` is shown as it is written; {{{name}}} is filled in `commands:`, `look_for:` and `undo:` only")
        if record.get("usual", 0.0) > record.get("timeout", DEFAULT_TIMEOUT):
            fault(record.line_of("usual"), f"{place}: usually takes longer than its timeout; raise `timeout:`")
        if spec.automated:
            return
        if "look_for" not in record.lines:
            fault(record.line, f"{place}: a step done by hand needs `look_for:`, or nobody can tell whether it worked")
        if changing and "commands" not in record.lines:
            fault(record.line, f"{place}: a step done by hand that changes something needs its `commands:`")

    def _asks_of(self, record: Record, spec: ActionSpec, place: str) -> tuple[Ask, ...]:
        """Returns the asks that the step's texts use; an automated step's choices answer for it."""
        asks: dict[str, Ask] = {}
        for name, line in _uses(record):
            of_service = name.startswith(f"{SERVICE}.") and is_estate_name(name)
            if is_estate_name(name) and not of_service:
                continue
            ask = self._asks.get(SERVICE if of_service else name)
            if ask is not None:
                asks[ask.name] = ask
            elif name not in spec.parameters:
                hint = nearest(name, (*self._asks, *spec.parameters, *ESTATE_NAMES))
                self._reader.fault(line, f"{place}: nothing gives {{{name}}} a value: it is no name of the estate, no ask and no choice{hint}")
        self.asked.update(asks)
        return tuple(asks.values()) if not spec.automated else ()


def build_asks(records: Iterable[tuple[str, Record]], reader: Reader) -> dict[str, Ask]:
    """Returns the asks of a file by name; a pattern that lets shell signs through is a complaint."""
    asks = {}
    for name, record in records:
        place = f"asks.{name}"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or is_estate_name(name):
            reader.fault(record.line, f"{place}: the name of an ask is small letters and underscores, and none of the estate's own names")
            continue
        pattern, example = record.get("pattern"), record.get("example")
        if pattern is None or example is None or record.get("question") is None:
            continue
        if not re.fullmatch(pattern, example):
            reader.fault(record.line_of("example"), f"{place}: the example {example!r} does not match the pattern {pattern}")
            continue
        through = [sign for sign in _SHELL_SIGNS if re.fullmatch(pattern, example + sign)]
        if through:
            reader.fault(record.line_of("pattern"), f"{place}: the pattern lets {through[0]!r} through, and answers go into shell commands")
            continue
        asks[name] = Ask(name, record.get("question"), pattern, example)
    return asks


def _uses(record: Record) -> Iterable[tuple[str, int]]:
    """Yields each name that a step's texts use, with the line of the text."""
    commands: tuple[Mention, ...] = record.get("commands", ())
    texts = [(entry.name, entry.line) for entry in commands]
    texts += [(record.get(key, ""), record.line_of(key)) for key in ("look_for", "undo")]
    texts += [(value, record.line_of("with")) for _, value in record.get("with", ())]
    for text, line in texts:
        for name in names_in(text):
            yield name, line
