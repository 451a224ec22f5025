"""Builds the decision matrix from its file and holds it against its rules."""

from collections.abc import Iterable, Mapping

from gospel_rollback_tui.domain.runbook import Answer, Matrix, Question, Row, Rule, Weight
from gospel_rollback_tui.domain.schema import Reader, Record, nearest


def build_matrix(record: Record, reader: Reader) -> Matrix:
    """Returns the matrix of a record; complaints go to the reader."""
    facts = record.get("facts", ())
    known = dict(facts)
    rows = tuple(row for entry in record.get("rows", ()) if (row := _row(entry, known, reader)) is not None)
    questions = tuple(question for entry in record.get("questions", ()) if (question := _question(entry, known, reader)) is not None)
    if not record.get("rows", True):
        reader.fault(record.line_of("rows"), "rows: names none; write the six of the matrix")
    _once([(row.id, row.id) for row in rows], "rows", record, reader)
    _once([(str(row.number), row.id) for row in rows], "numbers of rows", record, reader)
    _once([(question.id, question.id) for question in questions], "questions", record, reader)
    return Matrix(rows, questions, facts)


def check_fact(fact: str, known: Mapping[str, str], line: int, place: str, reader: Reader) -> None:
    """Complains about a fact that the matrix does not declare."""
    if fact not in known:
        reader.fault(line, f"{place}: the fact {fact!r} is not declared under `facts:` of matrix.yaml{nearest(fact, sorted(known))}")


def _once(names: list[tuple[str, str]], what: str, record: Record, reader: Reader) -> None:
    seen: set[str] = set()
    for name, owner in names:
        if name in seen:
            reader.fault(record.line, f"two {what} are called {name!r} (the second: {owner})")
        seen.add(name)


def _row(record: Record, known: Mapping[str, str], reader: Reader) -> Row | None:
    if not all(record.get(name) for name in ("id", "number", "title", "objective")):
        return None
    place = f"rows.{record.get('id')}"
    rules = tuple(rule for entry in record.get("rules", ()) if (rule := _rule(entry, known, place, reader)) is not None)
    spoken: set[tuple[str, bool]] = set()
    for rule, entry in zip(rules, record.get("rules", ()), strict=False):
        if (rule.fact, rule.value) in spoken:
            reader.fault(entry.line, f"{place}: {rule.fact} is {str(rule.value).lower()} speaks twice; keep one rule")
        spoken.add((rule.fact, rule.value))
    return Row(record.get("number"), record.get("id"), record.get("title"), record.get("objective"), rules)


def _rule(record: Record, known: Mapping[str, str], place: str, reader: Reader) -> Rule | None:
    fact = record.get("fact")
    if fact:
        check_fact(fact, known, record.line_of("fact"), place, reader)
    if fact is None or record.get("is") is None or record.get("weight") is None or record.get("words") is None:
        return None
    weight = Weight[record.get("weight").upper().replace("-", "_")]
    return Rule(fact, record.get("is"), weight, record.get("words"))


def _question(record: Record, known: Mapping[str, str], reader: Reader) -> Question | None:
    if not all(record.get(name) for name in ("id", "text", "why", "answers")):
        return None
    place = f"questions.{record.get('id')}"
    facts = tuple(entry.name for entry in record.get("facts", ()))
    for entry in record.get("facts", ()):
        check_fact(entry.name, known, entry.line, place, reader)
    answers = tuple(_answers(record.get("answers"), known, place, reader))
    if len(answers) > 9:
        reader.fault(record.line, f"{place}: has more answers than there are digits to press")
    return Question(record.get("id"), record.get("text"), record.get("why"), answers, facts)


def _answers(records: Iterable[Record], known: Mapping[str, str], place: str, reader: Reader) -> Iterable[Answer]:
    for number, record in enumerate(records, 1):
        fact = record.get("fact", "")
        if fact:
            check_fact(fact, known, record.line_of("fact"), place, reader)
        if fact and record.get("is") is None:
            reader.fault(record.line, f"{place}: an answer that asserts {fact} must say `is: true` or `is: false`")
        if record.get("words"):
            yield Answer(str(number), record.get("words"), fact, record.get("is", True))
