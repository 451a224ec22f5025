"""One account a test."""

from collections.abc import Iterator

import pytest

from tests.drill.aws.accounts import Account, an_account


@pytest.fixture
def account() -> Iterator[Account]:
    """The production instance, four hours after its last automated snapshot."""
    with an_account() as served:
        yield served
