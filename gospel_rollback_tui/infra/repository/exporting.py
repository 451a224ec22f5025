"""Files of a commit or tree, written out for a builder into a folder that is gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.domain.errors import NotFound
from gospel_rollback_tui.infra.repository.clone import Clone
from gospel_rollback_tui.infra.repository.proposals import CHECKOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Exports:
    """Writes files of the clone out."""

    clone: Clone

    @contextmanager
    def of(self, revision: str, folder: str) -> Iterator[Path]:
        """Gives the top folder of the revision's files; only `folder` is written, everything where that is empty. Raises NotFound."""
        source = f"{revision}:{folder}" if folder else f"{revision}^{{tree}}"
        if self.clone.git.run("cat-file", "-t", source).text.strip() != "tree":
            raise NotFound(f"{folder or 'The commit'} is not in {revision[:7]}.")
        with self.clone.scratch() as scratch:
            index, tree = scratch / "index", scratch / "tree"
            tree.mkdir()
            prefix = (f"--prefix={folder}/",) if folder else ()
            self.clone.git.need("read-tree", *prefix, source, index=index, tree=tree)
            self.clone.git.need("checkout-index", "--all", "--force", "--quiet", index=index, tree=tree, deadline=CHECKOUT_SECONDS)
            yield tree
