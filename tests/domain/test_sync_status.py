"""How an Application compares with git, and whether letting it sync again would start another release."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.sync_status import sync_status_from


def _application(word: str, *resources: tuple[str, bool]) -> dict[str, Any]:
    listed = [{"kind": kind, "name": "x", "status": "OutOfSync", **({"requiresPruning": True} if left else {})} for kind, left in resources]
    return {"status": {"sync": {"status": word, "revision": "a" * 40}, "resources": listed}}


@pytest.mark.parametrize(
    ("word", "resources", "equal", "workloads_equal"),
    [
        ("Synced", (), True, True),
        ("OutOfSync", (("ConfigMap", True),), True, True),
        ("OutOfSync", (("ConfigMap", False),), False, True),
        ("OutOfSync", (("ConfigMap", False), ("Service", False), ("Job", True)), False, True),
        ("OutOfSync", (("ConfigMap", False), ("Deployment", False)), False, False),
        ("OutOfSync", (("CronJob", False),), False, False),
        ("OutOfSync", (), False, False),
        ("Unknown", (("ConfigMap", False),), False, False),
        ("", (), False, False),
    ],
)
def test_settings_may_differ_before_auto_sync_comes_back_and_workloads_may_not(
    word: str, resources: tuple[tuple[str, bool], ...], equal: bool, workloads_equal: bool
) -> None:
    """A patch of Deployments leaves the bad release's ConfigMap; what is not listed, or not compared, is no yes."""
    status = sync_status_from(_application(word, *resources))
    assert (status.equals_git, status.workloads_equal_git) == (equal, workloads_equal)
