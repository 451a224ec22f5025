"""What earlier runs owe: a debt stands until a later run pays it, or git rules again."""

import pytest

from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.owed import Owed, owed_by, still_owed
from gospel_rollback_tui.domain.run import Debt, Run

AT = 1_795_749_120.0


def _debt(name: str, *, paid: str = "", signed: str = "") -> Debt:
    return Debt(name, f"{name} off", "", AT + 3600, "roll-back", AT, paid, signed)


def _run(name: str, *debts: Debt, closed: str = "debts") -> Run:
    return Run(name, "production", "ada", "jump", "", "", AT, AT, AT, None, False, False, 9, debts=debts, closed=closed)  # noqa: FBT003 - a record's fields in order


def test_what_was_signed_for_is_owed_until_a_later_run_pays_it() -> None:
    """Newest first: the newer run's payment ends the older run's debt, an older payment ends nothing."""
    signed = _run("0101-aa", _debt("auto-sync", signed="ada: asleep"), _debt("git", paid="merged"))
    assert [(one.run, one.debt, one.signed) for one in owed_by([signed])] == [("0101-aa", "auto-sync", "ada: asleep")]
    paid = _run("0202-bb", _debt("auto-sync", paid="resumed"), closed="clean")
    assert owed_by([paid, signed]) == ()
    assert [one.run for one in owed_by([signed, paid])] == ["0101-aa"]


def test_what_an_abort_leaves_is_owed_and_an_open_run_owes_nothing_yet() -> None:
    """An open run shows its debts itself; the same debt of two runs is one."""
    assert [one.run for one in owed_by([_run("b", _debt("git"), closed="aborted"), _run("a", _debt("git"))])] == ["b"]
    assert owed_by([_run("open", _debt("git"), closed="")]) == ()


@pytest.mark.parametrize(("auto_sync", "left"), [(Truth.TRUE, ["image-updater"]), (Truth.FALSE, ["auto-sync", "git", "image-updater"])])
def test_auto_sync_that_is_on_again_ends_what_it_stood_for(auto_sync: Truth, left: list[str]) -> None:
    """Whoever switched it on; what is unknown ends nothing."""
    owed = [Owed("a", name, name, AT) for name in ("auto-sync", "git", "image-updater")]
    assert [one.debt for one in still_owed(owed, auto_sync)] == left
    assert len(still_owed(owed, Truth.UNKNOWN)) == 3
