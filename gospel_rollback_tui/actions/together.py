"""Asks independent questions at the same time: on a link of 300 ms a preview must not cost a dozen round trips in a row."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from gospel_rollback_tui.domain.errors import RollbackError

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
AT_ONCE = 8
"""Questions under way at the same time; the cluster's connection pool holds more."""


def together(questions: Sequence[Callable[[], T]]) -> tuple[T, ...]:
    """Returns the answers in the order of the questions; the first error among them, in that order, is raised once all have ended."""
    if len(questions) < 2:
        return tuple(question() for question in questions)
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="preview") as pool:
        asked = [pool.submit(question) for question in questions]
    return tuple(future.result() for future in asked)


def both(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """Returns the answers to two questions of different kinds; the first one's error comes first."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="preview") as pool:
        asked = pool.submit(other)
        first = one()
    return first, asked.result()


def as_far_as(questions: Sequence[Callable[[], T]], seconds: float) -> tuple[T | RollbackError | None, ...]:
    """Returns what was answered in time: an answer, the error that a question ended with, or None where nothing came by then.

    A question that is late goes on until its own deadline; nobody waits for it.
    """
    if not questions:
        return ()
    pool = ThreadPoolExecutor(max_workers=min(AT_ONCE, len(questions)), thread_name_prefix="preview")
    try:
        asked = [pool.submit(question) for question in questions]
        done, _ = wait(asked, timeout=seconds)
        return tuple(answer_of(future.result) if future in done else None for future in asked)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def answer_of(result: Callable[[], A]) -> A | RollbackError:
    """Returns what the question brought, or the error instead of it."""
    try:
        return result()
    except RollbackError as error:
        return error
