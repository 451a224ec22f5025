"""A simulated account."""

from tests.drill.aws.conftest import account

__all__ = ["account"]
