"""Benches that end with their test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.script_delivery import GitScene, SyncScene
from tests.drill.argocd.bench import MANUAL, Bench, MakeBench, scripted


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeBench]:
    """Yield what makes a started bench of a delivery."""
    benches: list[Bench] = []

    def made(sync: SyncScene | None = None, git: GitScene | None = None, speed: float = 1.0) -> Bench:
        bench = Bench(tmp_path / str(len(benches)), scripted(sync, git), speed)
        benches.append(bench)
        bench.start()
        return bench

    yield made
    for bench in benches:
        bench.close()


@pytest.fixture
def automated(make: MakeBench) -> Bench:
    """Return a bench whose Application is synced by itself and heals itself."""
    return make()


@pytest.fixture
def manual(make: MakeBench) -> Bench:
    """Return a bench whose Application is synced by hand."""
    return make(MANUAL)
