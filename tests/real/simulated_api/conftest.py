"""The clusters that the simulated API server's own tests use, for a kubectl that `make peers` built."""

from tests.drill.kubernetes.conftest import cluster, make_cluster

__all__ = ["cluster", "make_cluster"]
