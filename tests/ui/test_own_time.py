"""What delays a paint is the terminal's doing or the process's own: told apart where it is written."""

import os
import pty
import select
import threading
from contextlib import suppress

from gospel_rollback_tui.ui.outflow import Counted, Outflow
from tests.ui.test_outflow import Hands


def test_what_the_process_took_itself_is_told_from_what_the_terminal_took() -> None:
    """A write's queue and its turns are the process's own; so is what it computed since the last look."""
    clock, worked = Hands(), Hands()
    outflow = Outflow(clock, worked)
    outflow.handed(100)
    clock.now, worked.now = 0.5, 0.25
    outflow.left(60, whole=False, waited=0.25)
    clock.now = 1.0
    outflow.left(40, whole=True, waited=0.5)
    flow = outflow.look()
    assert (flow.took, flow.own, flow.share) == (1.0, 0.25, 0.25)
    outflow.handed(10, asks=True)
    clock.now, worked.now = 1.25, 0.5
    outflow.left(10, whole=True)
    outflow.answered()
    flow = outflow.look()
    assert (flow.took, flow.own, flow.share) == (0.25, 0.25, 1.0)
    outflow.handed(10, asks=True)
    outflow.left(10, whole=True)
    clock.now = 2.25
    outflow.answered()
    flow = outflow.look()
    assert (flow.took, flow.own, flow.share) == (0.75, 0.0, 0.0)


def test_a_write_is_waited_for_where_the_terminal_has_no_room_and_only_there() -> None:
    """On a pseudo-terminal that is full until somebody reads it."""
    ours, theirs = pty.openpty()
    full = threading.Event()

    class Full(Counted):
        def _has_room(self) -> bool:
            room = super()._has_room()
            if not room:
                full.set()
            return room

    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        outflow = Outflow()
        counted = Full(file, outflow)
        outflow.handed(5)
        counted.write("first")
        flow = outflow.look()
        assert (flow.own, full.is_set()) == (flow.took, False)
        os.set_blocking(theirs, False)
        while select.select([], [theirs], [], 0.2)[1]:  # the kernel moves what was written on, and has room once more
            with suppress(BlockingIOError):
                os.write(theirs, b"x" * 4096)
        os.set_blocking(theirs, True)
        outflow.handed(4)
        writer = threading.Thread(target=counted.write, args=("last",))
        writer.start()
        assert full.wait(60)
        while writer.is_alive():
            if select.select([ours], [], [], 0.05)[0]:  # what it wrote may have been read before it ends
                os.read(ours, 65536)
        writer.join()
        flow = outflow.look()
        assert flow.own < flow.took
    os.close(ours)
