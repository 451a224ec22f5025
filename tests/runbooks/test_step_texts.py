"""A step's texts in one environment."""

import re
from dataclasses import replace

from gospel_rollback_tui.runbooks.fill import names_in
from gospel_rollback_tui.runbooks.step_texts import not_here, shown, unfilled
from tests.runbooks.library import LIBRARY, PRODUCTION, STAGING, answers_of, every_step

RESTORE = LIBRARY.runbook("total-failure").path("restore-postgresql").step("pg-restore-snapshot")
INGEST = LIBRARY.runbook("corrupted-graph").path("re-ingest").step("ingest-job")
MIGRATE = LIBRARY.runbook("bad-code-reversible-migration").path("migrate-down").step("migrate")


def test_what_a_step_still_needs_is_known_before_it_is_filled() -> None:
    """Asks without an answer, and names that the configuration lacks."""
    answers = {"snapshot_id": "s-1", "restored_instance": "r-1"}
    assert set(unfilled(RESTORE, PRODUCTION)) == answers.keys()
    assert unfilled(RESTORE, PRODUCTION, answers) == ()
    assert "rds.identifier" in unfilled(RESTORE, replace(PRODUCTION, names=()), answers)


def test_a_step_that_cannot_be_done_here_says_why() -> None:
    """A missing name says where it is written; what is not allowed says so; everything else can be done."""
    assert not_here(RESTORE, PRODUCTION) == ""
    assert "Write `rds: {identifier: …}`" in not_here(RESTORE, replace(PRODUCTION, names=tuple(n for n in PRODUCTION.names if n[0] != "rds.identifier")))
    assert not_here(INGEST, PRODUCTION).startswith("production does not allow it")
    assert not_here(INGEST, STAGING) == ""


def test_unanswered_commands_and_prose_are_shown_with_variables() -> None:
    """A shell refuses the command; the prose reads as a sentence."""
    seen = shown(MIGRATE, PRODUCTION)
    assert "goto ${GOOD_VERSION:?}" in seen.commands[2]
    assert "The version is GOOD_VERSION and dirty is f" in seen.look_for
    answered = shown(MIGRATE, PRODUCTION, {"service": "auth", "good_version": "41", "bad_version": "42"})
    assert "goto 41" in answered.commands[2]
    assert "The version is 41 and dirty is f" in answered.look_for


def test_no_text_of_any_step_is_shown_with_a_name_in_it() -> None:
    """Answered or not, nothing in braces is left for the operator to wonder at."""
    for _, _, step in every_step():
        for answers in ({}, answers_of(step)):
            seen = shown(step, STAGING, answers)
            for text in (*seen.commands, seen.look_for, seen.undo, *(value for _, value in seen.parameters)):
                assert names_in(text) == (), text
            for text in (seen.title, seen.why, seen.no_undo, seen.differs):
                assert not re.search(r"\{[a-z_.]+\}", text), text
