"""The packaged library and the example's estate, loaded once for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.config.settings import choose_environment, load_settings
from gospel_rollback_tui.domain.runbook import Path as WayBack
from gospel_rollback_tui.domain.runbook import Runbook, Step
from gospel_rollback_tui.runbooks.loader import load_library

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
SETTINGS = load_settings(EXAMPLE, {})
PRODUCTION = choose_environment(SETTINGS, "production")
STAGING = choose_environment(SETTINGS, "staging")
LIBRARY = load_library(CATALOGUE)


def every_step() -> Iterator[tuple[Runbook, WayBack, Step]]:
    """Yields each step of each packaged runbook with where it stands."""
    for runbook in LIBRARY.runbooks:
        for path in runbook.paths:
            for step in path.steps:
                yield runbook, path, step


def answers_of(step: Step) -> dict[str, str]:
    """Returns the example's answer to everything that a step asks; an automated one has its choices made."""
    answers = {ask.name: ask.example for ask in step.asks}
    if not step.asks and step.action != "manual":
        digest = "0" * 64
        versions = {"good_version": "41", "bad_version": "42"}
        commits = {"good_commit": "4f1c2ab", "bad_commit": "9d03e7c", "history_id": "12", "images_followed": "auth=registry.test/gospelib-auth"}
        restored = {"restored_instance": "gospelib-production-restored-20261122-031500", "snapshot_id": "rds:x", "restore_time": "2026-11-22T03:05:00Z"}
        return {
            **commits,
            **versions,
            **restored,
            "service": "auth",
            "revision": "41",
            "table": "plans",
            "replicas": "2",
            "image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/gospelib-auth@sha256:{digest}",
        }
    return answers
