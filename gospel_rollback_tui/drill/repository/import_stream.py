"""What `git fast-import` reads: commits and tags with their files, written without a work tree."""

from collections.abc import Mapping
from datetime import datetime


class ImportStream:
    """Collects commits and tags; each gets a mark that later ones name it by."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: list[bytes] = []
        self._marks = 0

    def commit(self, ref: str, author: str, when: datetime, message: str, files: Mapping[str, str], *, parent: str = "", merged: str = "") -> str:
        """Add a commit on a ref and return its mark.

        `parent` and `merged` are marks or revisions of what is there already; the files are those that differ from the parent's.
        """
        self._marks += 1
        mark = f":{self._marks}"
        self._line(f"commit {ref}", f"mark {mark}", f"author {author} {_time(when)}", f"committer {author} {_time(when)}")
        self._text(message)
        if parent:
            self._line(f"from {parent}")
        if merged:
            self._line(f"merge {merged}")
        for path, text in files.items():
            self._line(f"M 100644 inline {path}")
            self._text(text)
        return mark

    def tag(self, name: str, target: str, author: str, when: datetime, message: str) -> None:
        """Add an annotated tag of a mark."""
        self._line(f"tag {name}", f"from {target}", f"tagger {author} {_time(when)}")
        self._text(message)

    def content(self) -> bytes:
        """Return the whole stream; git answers it with the sha of each commit, a line each, in their order."""
        asked = [f"get-mark :{number}\n".encode() for number in range(1, self._marks + 1)]
        return b"".join([*self._parts, *asked, b"done\n"])

    def _line(self, *lines: str) -> None:
        self._parts += [f"{line}\n".encode() for line in lines]

    def _text(self, text: str) -> None:
        encoded = text.encode()
        self._parts += [f"data {len(encoded)}\n".encode(), encoded, b"\n"]


def _time(when: datetime) -> str:
    """Return a moment as git writes it: whole seconds, in UTC."""
    return f"{int(when.timestamp())} +0000"
