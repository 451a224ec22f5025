"""An operator whom git knows."""

from tests.infra.repository.conftest import operator

__all__ = ["operator"]
