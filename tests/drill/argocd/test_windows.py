"""Sync windows: when they are open, what they let through, and what happens to an operation behind a closed one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gospel_rollback_tui.drill.argocd.windows import cron_matches, is_open, windows_of
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, PROJECT, image_name
from gospel_rollback_tui.drill.script_delivery import SyncScene, WindowScene
from tests.drill.argocd.bench import APP, Bench, MakeBench
from tests.drill.waiting import wait_for

NOON = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)
"""A Friday."""

ALWAYS = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}


@pytest.mark.parametrize(
    ("schedule", "matches"),
    [
        ("* * * * *", True),
        ("0 12 * * *", True),
        ("1 12 * * *", False),
        ("*/15 12 * * *", True),
        ("*/7 * * * 5", True),
        ("0 8-16 * * 1-5", True),
        ("0 12 * * 0,6", False),
        ("0 12 27 11 *", True),
        ("0 12 26 11 *", False),
        ("0 12 * *", False),
    ],
)
def test_cron_expressions(schedule: str, matches: bool) -> None:
    """Five fields with stars, steps, ranges and lists."""
    assert cron_matches(schedule, NOON) is matches


@pytest.mark.parametrize(("duration", "later", "expected"), [("1h", 0, True), ("1h", 59, True), ("1h", 60, False), ("90m", 60, True), ("30s", 1, False)])
def test_a_window_is_open_from_its_start_for_its_duration(duration: str, later: int, expected: bool) -> None:
    """To the minute."""
    assert is_open({"schedule": "0 12 * * *", "duration": duration}, NOON + timedelta(minutes=later)) is expected


def can_sync(windows: list[dict[str, Any]], *, manual: bool) -> bool:
    """Return whether an Application may be synced at noon with those windows."""
    application = {"metadata": {"name": "app"}, "spec": {"destination": {"namespace": "ns", "server": "https://kubernetes.default.svc"}}}
    return windows_of({"spec": {"syncWindows": windows}}, application, NOON).can_sync(manual=manual)


OPEN_ALLOW = ALWAYS | {"kind": "allow"}
CLOSED_ALLOW = OPEN_ALLOW | {"schedule": "0 3 * * *"}
CLOSED_DENY = ALWAYS | {"schedule": "0 3 * * *"}
FOR_ANOTHER = ALWAYS | {"applications": ["other-*"]}
BY_NAMESPACE = {key: value for key, value in ALWAYS.items() if key != "applications"} | {"namespaces": ["n*"]}


@pytest.mark.parametrize(
    ("windows", "by_hand", "by_itself"),
    [
        ([], True, True),
        ([ALWAYS], False, False),
        ([ALWAYS | {"manualSync": True}], True, False),
        ([ALWAYS, ALWAYS | {"manualSync": True}], False, False),
        ([CLOSED_DENY], True, True),
        ([OPEN_ALLOW], True, True),
        ([CLOSED_ALLOW], False, False),
        ([CLOSED_ALLOW | {"manualSync": True}], True, False),
        ([OPEN_ALLOW, ALWAYS], False, False),
        ([CLOSED_ALLOW, OPEN_ALLOW], True, True),
        ([FOR_ANOTHER], True, True),
        ([BY_NAMESPACE], False, False),
    ],
)
def test_deny_wins_and_allow_closes_the_rest(windows: list[dict[str, Any]], by_hand: bool, by_itself: bool) -> None:
    """A window counts only for the Applications that it means."""
    assert (can_sync(windows, manual=True), can_sync(windows, manual=False)) == (by_hand, by_itself)


def set_windows(bench: Bench, windows: list[dict[str, Any]]) -> None:
    """Give the project those windows."""
    bench.merge({"spec": {"syncWindows": windows}}, "appprojects", PROJECT)


def test_the_api_shows_windows(manual: Bench) -> None:
    """None at all is one word; an open deny window is told twice, and whether it lets people through."""
    assert manual.call("GET", f"{APP}/syncwindows").json == {"canSync": True}
    set_windows(manual, [ALWAYS])
    shown = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "manualSync": False}
    assert manual.call("GET", f"{APP}/syncwindows").json == {"activeWindows": [shown], "assignedWindows": [shown], "canSync": False}
    set_windows(manual, [ALWAYS | {"manualSync": True}])
    assert manual.call("GET", f"{APP}/syncwindows").json["canSync"] is True


def test_a_rollback_behind_a_window_hangs_and_fires_when_it_opens(manual: Bench) -> None:
    """The request is accepted, nothing fails, and much later it runs by itself."""
    set_windows(manual, [ALWAYS])
    assert manual.call("POST", f"{APP}/sync", {"dryRun": True}).refusal == (403, 7, "cannot sync: blocked by sync window")
    assert manual.rollback(1).status == 200
    wait_for(lambda: manual.application()["status"].get("operationState", {}).get("message") == "Sync operation blocked by sync window")
    assert manual.application()["status"]["operationState"]["phase"] == "Running"
    assert manual.refresh()["operation"]
    assert manual.image() == image_name("gateway", BAD_TAG)
    set_windows(manual, [])
    assert manual.ended()["phase"] == "Succeeded"
    assert manual.image() == image_name("gateway", GOOD_TAG)


def test_a_blocked_rollback_that_is_terminated_does_not_fire(manual: Bench) -> None:
    """Giving up means ending it."""
    set_windows(manual, [ALWAYS])
    manual.rollback(1)
    wait_for(lambda: "message" in manual.application()["status"].get("operationState", {}))
    manual.call("DELETE", f"{APP}/operation")
    assert manual.ended()["message"] == "Operation terminated"
    set_windows(manual, [])
    manual.refresh()
    assert manual.image() == image_name("gateway", BAD_TAG)


def test_a_window_holds_auto_sync_too(automated: Bench) -> None:
    """A push is seen and left."""
    set_windows(automated, [ALWAYS | {"manualSync": True}])
    automated.repository.push("gateway", GOOD_TAG)
    assert automated.refresh()["status"]["sync"]["status"] == "OutOfSync"
    assert "operation" not in automated.application()
    set_windows(automated, [])
    wait_for(lambda: automated.image() == image_name("gateway", GOOD_TAG))


def test_a_script_can_begin_inside_a_window(make: MakeBench) -> None:
    """It ends after the time that the script names."""
    bench = make(SyncScene(automated=False, window=WindowScene(ends_after=600)))
    assert bench.call("GET", f"{APP}/syncwindows").json["canSync"] is False
    project = bench.registry.get("appprojects", "argocd", PROJECT)
    assert not is_open(project["spec"]["syncWindows"][0], datetime.now(UTC) + timedelta(seconds=660))
