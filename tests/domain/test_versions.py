"""Release tags by version: candidates before their release, numbers as numbers."""

from gospel_rollback_tui.domain.commits import Tag
from gospel_rollback_tui.domain.versions import newest_first, version_rank


def test_tags_are_sorted_by_their_versions_newest_first() -> None:
    """Git's own order puts v1.1.0-rc1 above v1.1.0, and text puts v1.9 above v1.10."""
    names = ["v1.0.0", "v1.10.0", "v1.2.0-beta", "v1.9.0", "v1.1.0-rc.2", "v1.1.0", "v1.1.0-rc.10", "v1.1.0-rc1", "latest", "v2"]
    assert [tag.name for tag in newest_first(Tag(name, "") for name in names)] == [
        "v1.10.0",
        "v1.9.0",
        "v1.2.0-beta",
        "v1.1.0",
        "v1.1.0-rc1",
        "v1.1.0-rc.10",
        "v1.1.0-rc.2",
        "v1.0.0",
    ]


def test_a_prefix_keeps_other_tags_out() -> None:
    """Libraries of the same repository are released under tags of their own."""
    tags = [Tag("release/v2.14.0", "a"), Tag("lib/v9.0.0", "b"), Tag("release/v2.15.0", "c")]
    assert [tag.sha for tag in newest_first(tags, "release/")] == ["c", "a"]


def test_build_metadata_and_missing_numbers_rank_alike() -> None:
    """v2.14 is v2.14.0, and what stands behind a plus counts for nothing."""
    assert version_rank("v2.14") == version_rank("release/2.14.0+build.7")
    assert version_rank("nightly") is None
