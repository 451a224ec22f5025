"""Argo CD's history as a value, and which entry to go back to."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.sync_history import Candidate, Entry, Images, candidates, find, history_from, sources_digest, suggested, why_gone

NOW = 1_800_000_000.0
MINUTE, DAY = 60.0, 86_400.0
SOURCE = {"repoURL": "https://git.test/x", "path": "k8s", "targetRevision": "main"}


def _images(tag: str) -> Images:
    return frozenset({("Deployment/gw/gw", f"ecr.test/gw:{tag}"), ("Deployment/auth/auth", "ecr.test/auth:v1")})


def _chosen(*deployed: tuple[str, float], live: str, unwell: dict[str, str] | None = None) -> int | None:
    """Returns the id suggested for a history of (tag, seconds ago), the commit being the tag."""
    entries = tuple(Entry(number, (tag,), NOW - ago) for number, (tag, ago) in enumerate(deployed))
    found = candidates(entries, {(tag,): _images(tag) for tag, _ in deployed}, unwell or {}, NOW)
    best = suggested(found, _images(live))
    return best.entry.id if best else None


@pytest.mark.parametrize(
    ("deployed", "live", "chosen"),
    [
        ([("v1", 3 * DAY), ("v2", DAY), ("v3", 9 * MINUTE)], "v3", 1),
        ([("v1", 3 * DAY), ("v2", DAY), ("v3", 9 * MINUTE), ("v2", MINUTE)], "v3", 3),
        ([("v1", 3 * DAY), ("v2", DAY), ("v1", 3 * MINUTE)], "v1", None),
        ([("v1", 3 * DAY), ("v2", DAY), ("v1", 40 * MINUTE), ("v2", MINUTE)], "v2", 2),
        ([("v1", 3 * DAY), ("v2", 12 * MINUTE), ("v3", 5 * MINUTE)], "v3", 0),
        ([("v1", 9 * MINUTE), ("v2", 5 * MINUTE)], "v2", 0),
        ([("v1", 3 * DAY)], "v1", None),
        ([], "v1", None),
    ],
)
def test_the_newest_entry_that_was_well_and_is_not_what_runs(deployed: list[tuple[str, float]], live: str, chosen: int | None) -> None:
    """Neither the one before by position, nor one that somebody has gone back from, nor a fix that lasted minutes before one that lasted days."""
    assert _chosen(*deployed, live=live) == chosen


def test_a_release_whose_pods_were_never_ready_is_passed_over() -> None:
    """What the cluster saw of an image counts against every entry that declares it."""
    deployed = (("v1", 3 * DAY), ("v2", 2 * DAY), ("v3", 9 * MINUTE))
    assert _chosen(*deployed, live="v3") == 1
    assert _chosen(*deployed, live="v3", unwell={"ecr.test/gw:v2": "was never ready"}) == 0


def test_what_was_not_read_is_never_suggested() -> None:
    """Without its images nobody knows whether it would change anything."""
    entries = (Entry(0, ("v1",), NOW - DAY), Entry(1, ("v2",), NOW - MINUTE))
    assert suggested(candidates(entries, {}, {}, NOW), _images("v2")) is None


def test_each_entry_tells_how_long_it_ran_and_what_is_wrong_with_it() -> None:
    """Newest first."""
    entries = (Entry(0, ("v1",), NOW - 3 * DAY), Entry(1, ("v2",), NOW - DAY), Entry(2, ("v1",), NOW - MINUTE))
    newest, bad, good = candidates(entries, {("v2",): _images("v2")}, {"ecr.test/gw:v2": "was never ready"}, NOW)
    assert newest == Candidate(entries[2], None, MINUTE, newest=True)
    assert (bad.gone_back_from, bad.unwell, bad.ran) == (True, "gw:v2 was never ready", DAY - MINUTE)
    assert (good.gone_back_from, good.ran) == (False, 2 * DAY)


def _application(*history: dict[str, Any]) -> dict[str, Any]:
    return {"status": {"history": list(history)}}


def test_entries_are_read_as_argo_cd_writes_them() -> None:
    """One source or several; who did it; and without its commits an entry means nothing."""
    one = {"id": 7, "revision": "4f2a9017c0ffee", "deployedAt": "2026-11-23T06:24:48Z", "initiatedBy": {"automated": True}, "source": SOURCE}
    several = {"id": 8, "revisions": ["aaaaaaaaaa", "bbbbbbbbbb"], "sources": [SOURCE, SOURCE], "source": {"repoURL": ""}, "initiatedBy": {"username": "ada"}}
    first, second = history_from(_application(one, several))
    assert (first.key, first.short, first.by, first.deployed) == ("7@4f2a9017c0ffee", "4f2a901", "Argo CD itself", 1795415088.0)
    assert (second.key, second.short, second.by, second.deployed) == ("8@aaaaaaaaaa,bbbbbbbbbb", "aaaaaaa + bbbbbbb", "ada", None)
    assert history_from(_application({"id": 1}))[0].revisions == ()
    assert history_from({}) == ()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2@v2", "another deployment now"),
        ("0@v0", "was cut from the history, which begins at 1"),
        ("9@v9", "not in the history any more"),
    ],
)
def test_a_number_is_believed_only_with_its_commit(key: str, words: str) -> None:
    """Ids begin anew when the history was emptied."""
    entries = (Entry(1, ("v1",)), Entry(2, ("other",)))
    assert find(key, entries) is None
    assert words in why_gone(key, entries)
    assert "empty" in why_gone(key, ())
    assert find("2@other", entries) == entries[1]


def test_sources_differ_by_how_they_are_rendered_not_by_their_commits() -> None:
    """An entry's source holds the commit asked for where the specification holds the branch."""
    assert sources_digest({"source": SOURCE}) == sources_digest({"source": {**SOURCE, "targetRevision": "4f2a901"}})
    assert sources_digest({"source": SOURCE}) != sources_digest({"source": {**SOURCE, "kustomize": {"images": ["x=y"]}}})
