"""What every test of the screens needs: one time zone, many colours, and a place for pictures that differ."""

import os
import time
from collections.abc import Iterator

import pytest

_PICTURES = "TEXTUAL_SNAPSHOT_TEMPDIR"
"""Where the snapshot plugin keeps what differs; set once a session, and not to be taken away with Textual's other variables."""


@pytest.fixture(scope="session")
def _pictures() -> str:
    return os.environ.get(_PICTURES, "")


@pytest.fixture(autouse=True)
def _one_terminal(_pictures: str) -> Iterator[None]:
    """Writes wall times in UTC and shows many colours, wherever the test runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        patch.setenv("COLORTERM", "truecolor")
        patch.delenv("NO_COLOR", raising=False)
        if _pictures:
            patch.setenv(_PICTURES, _pictures)
        time.tzset()
        yield
    time.tzset()
