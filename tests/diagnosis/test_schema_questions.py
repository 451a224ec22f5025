"""What triage asks of databases: about which change, how often, and what it shows while nobody has answered."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.diagnosis.picture import paint
from gospel_rollback_tui.diagnosis.scene import Scene, SchemaSeen
from gospel_rollback_tui.diagnosis.schema_questions import SchemaQuestions, changes_in_question
from gospel_rollback_tui.domain.errors import ProgramFault
from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.migrations.gate import IRREVERSIBLE, REVERSIBLE, Gate, Order
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.runbooks.loader import load_library
from tests.diagnosis import scenes

LIBRARY = load_library(CATALOGUE, None)
GREEN = HttpAnswer(200, "", 0.01)
DOWN = Gate("gateway", "gateway", REVERSIBLE, Order.SCHEMA_FIRST, words="gateway: migration 42 of gateway, reversible without loss", head=SchemaHead(42))
DROPPED = Gate(
    "gateway", "gateway", IRREVERSIBLE, Order.FORWARD, words="gateway: migration 42 of gateway, 42 irreversible: dropped a column", head=SchemaHead(42)
)


class Gates:
    """Answers with one gate, once it may."""

    def __init__(self, answer: Callable[[], Gate | None]) -> None:
        """Keeps what it was asked."""
        self.answer = answer
        self.asked: list[tuple[ReleaseChange, ...]] = []

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """Returns the answer."""
        self.asked.append(tuple(changes))
        return self.answer()


def questions(gates: Gates, late: Callable[[], None] = lambda: None, seconds: float = 60.0) -> SchemaQuestions:
    """Returns the questions of one triage."""
    return SchemaQuestions(gates, late, seconds)


def quiet(**changes: object) -> Scene:
    """Everything is green: nobody fails, and the gateway was rolled out a few minutes ago."""
    return replace(scenes.bad_release(answer=GREEN, logs=scenes.logs(), early=()), **changes)  # type: ignore[arg-type]  # fields of Scene, checked by its constructor


def test_it_is_asked_about_the_service_that_fails_and_its_target() -> None:
    """From the image that runs to the one that is suggested."""
    assert changes_in_question(scenes.bad_release()) == (scenes.RELEASE,)


def test_while_nobody_fails_it_is_asked_about_what_was_rolled_out() -> None:
    """Data may be missing where everything is green."""
    assert changes_in_question(quiet()) == (scenes.RELEASE,)


def test_before_the_cluster_was_read_nothing_is_in_question() -> None:
    """That is not the same as no change."""
    assert changes_in_question(scenes.bad_release(deployments=None)) is None


def test_data_that_is_missing_while_everything_is_green_leads_to_row_three() -> None:
    """The operator's word and the migration together; no service has to fail for it."""
    lost = Reading("data.lost", Truth.TRUE, "Yes", "operator", scenes.NOW)
    seen = paint(quiet(schema=SchemaSeen((scenes.RELEASE,), DROPPED)), LIBRARY, {lost.fact: lost}, complete=True)
    assert seen.weighing is not None
    assert seen.weighing.suggested == IRREVERSIBLE
    assert seen.ways


def test_an_answer_that_comes_late_is_taken_by_the_next_round() -> None:
    """The round goes on without it, and is called back; the database is asked once."""
    may, called = threading.Event(), threading.Event()

    def slow() -> Gate:
        may.wait(60.0)
        return DOWN

    gates = Gates(slow)
    asking = questions(gates, called.set, seconds=0.05)
    assert asking.asked_of(scenes.bad_release(schema=None)).schema is None
    may.set()
    assert called.wait(60.0)
    seen = asking.asked_of(scenes.bad_release(schema=None)).schema
    assert seen is not None
    assert seen.gate is DOWN
    assert len(gates.asked) == 1


def test_what_was_seen_of_another_change_is_not_shown() -> None:
    """Another target is another question."""
    asking = questions(Gates(lambda: DOWN))
    assert asking.asked_of(scenes.bad_release(schema=None)).schema is not None
    assert asking.asked_of(scenes.bad_release(schema=None, deployments=None)).schema is None


def test_a_fault_of_the_program_is_named_and_is_no_answer() -> None:
    """It must not look like a database that does not answer."""

    def broken() -> Gate:
        raise IndexError("list index out of range")

    seen = questions(Gates(broken)).asked_of(scenes.bad_release(schema=None)).schema
    assert seen is not None
    assert isinstance(seen.failure, ProgramFault)


def test_a_dirty_schema_is_a_reading_of_its_own() -> None:
    """With the version that it stands at."""
    dirty = replace(DOWN, head=SchemaHead(41, dirty=True))
    seen = paint(scenes.bad_release(schema=SchemaSeen((scenes.RELEASE,), dirty)), LIBRARY, {}, complete=True)
    reading = seen.readings["migration.dirty"]
    assert (reading.truth, reading.words) == (Truth.TRUE, "gateway: version 41, dirty")
