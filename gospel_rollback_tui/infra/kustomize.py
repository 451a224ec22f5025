"""Builds manifests with kustomize, or with the one inside kubectl: into a file, its exit code and its emptiness looked at, never through a pipe."""

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.domain.errors import NotFound, Refused
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.processes.command import Command, Ended, Ending, run
from gospel_rollback_tui.infra.processes.environment import child_environment, found_in

BUILD_SECONDS = 60.0
_WIDTH = 300
_KLOG = re.compile(r"""^[EWIF]\d{4} [\d:.]+ +\d+ \S+\] "command failed" err=(?:"(?P<one>.*)"|<(?P<several>.*)>)$""")
"""How some kubectls wrap what they complain of, in one line or in several."""
_NO_BUILDER = "neither kustomize nor kubectl is here"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is there only where PyYAML was built with it
    """Reads a time as the text it is, as Kubernetes does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Kustomize:
    """Finds a builder and builds with it."""

    environment: dict[str, str] = field(default_factory=lambda: child_environment(frozenset({"SSH_AUTH_SOCK"}), GIT_TERMINAL_PROMPT="0"), repr=False)

    def builder(self) -> tuple[str, ...]:
        """Returns the command that builds, without the folder; raises NotFound where there is none."""
        if found := found_in(self.environment, "kustomize"):
            return (found, "build")
        if found := found_in(self.environment, "kubectl"):
            return (found, "kustomize")
        raise NotFound(_NO_BUILDER, next_step="Install kustomize to see what a change makes of the manifests.")

    def build(self, top: Path, overlay: str) -> tuple[JsonObject, ...]:
        """Returns every object that a kustomization makes, in its order.

        Args:
            top: The folder of all files.
            overlay: The kustomization's folder in it.

        Raises:
            NotFound: No builder is here.
            Refused: It does not build, or builds nothing.
        """
        command = self.builder()
        with tempfile.TemporaryDirectory() as place:
            output = Path(place) / "build.yaml"
            ended = run(Command((*command, str(top / overlay)), self.environment, BUILD_SECONDS, output=output))
            if ended.how is not Ending.BY_ITSELF or ended.code != 0:
                raise Refused(f"The overlay does not build: {_complaint(ended, top)}", next_step="Choose another commit.")
            return _objects(output.read_bytes())


def _complaint(ended: Ended, top: Path) -> str:
    """Returns the builder's innermost complaint: it wraps one level around another for each base, and names our own folder in each."""
    if ended.how is not Ending.BY_ITSELF:
        return str(ended.how.value)
    lines = (line.strip() for line in ended.complaint.decode(errors="replace").splitlines())
    said = " ".join(line for line in lines if line and not line.startswith("# Warning"))
    if wrapped := _KLOG.match(said):
        said = (wrapped["one"] or wrapped["several"]).strip().replace('\\"', '"')
    said = said.replace(f"{top.resolve()}/", "").replace(f"{top}/", "")
    inner = said.rpartition("accumulating resources from ")[2]
    return clean(redact(inner), _WIDTH) or f"exit code {ended.code}"


def _objects(content: bytes) -> tuple[JsonObject, ...]:
    try:
        documents: list[Any] = list(yaml.load_all(content.decode(errors="replace"), Loader=_Loader))
    except yaml.YAMLError as error:
        raise Refused(f"What the overlay builds is no YAML: {clean(str(error), 200)}") from error
    found = tuple(document for document in documents if isinstance(document, dict) and document.get("kind"))
    if not found:
        raise Refused("The overlay builds to nothing.", next_step="Choose another commit.")
    return found
