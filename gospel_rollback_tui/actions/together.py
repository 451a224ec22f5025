"""Asks independent questions at the same time: on a link of 300 ms a preview must not cost a dozen round trips in a row."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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
