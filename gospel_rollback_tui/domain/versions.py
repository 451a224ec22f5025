"""Release tags in the order of their versions (semver.org 2.0.0, §11): git's own order puts release candidates behind or before at will."""

import re
from collections.abc import Iterable

from gospel_rollback_tui.domain.commits import Tag

_VERSION = re.compile(
    r"(?:.*[/-])?[vV]?(?P<numbers>\d+(?:\.\d+){1,3})"
    r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z.-]+)?"
)
"""With a prefix such as `release/` or `v`; two to four numbers, since not every team writes three."""

Rank = tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]


def version_rank(name: str) -> Rank | None:
    """Returns what a tag's name is sorted by; None: it holds no version."""
    match = _VERSION.fullmatch(name)
    if match is None:
        return None
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    padded = (*numbers, *(0,) * (4 - len(numbers)))
    if not match["pre"]:
        return padded, 1, ()
    return padded, 0, tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in match["pre"].split("."))


def newest_first(tags: Iterable[Tag], prefix: str = "") -> tuple[Tag, ...]:
    """Returns the tags that begin with the prefix and hold a version, newest version first."""
    ranked = [(rank, tag) for tag in tags if tag.name.startswith(prefix) and (rank := version_rank(tag.name)) is not None]
    return tuple(tag for _, tag in sorted(ranked, key=lambda pair: (pair[0], pair[1].name), reverse=True))


def written_tag(image: str) -> str:
    """Returns the tag in an image reference, also beside a digest; empty: there is none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def tag_of(tags: Iterable[Tag], image: str) -> Tag | None:
    """Returns the release tag of an image reference: the one that ends with the image's tag, otherwise the one of the same version; None: none, or several."""
    wanted = written_tag(image)
    if not wanted:
        return None
    listed = tuple(tags)
    same = [tag for tag in listed if tag.name == wanted or tag.name.endswith((f"/{wanted}", f"-{wanted}"))]
    rank = version_rank(wanted)
    found = same or [tag for tag in listed if rank is not None and version_rank(tag.name) == rank]
    return found[0] if len({tag.sha for tag in found}) == 1 else None
