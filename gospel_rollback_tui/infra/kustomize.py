"""Builds manifests with kustomize, or with the one inside kubectl: into a file, its exit code and its emptiness looked at, never through a pipe."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.domain.errors import NotFound, Refused
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.processes.command import Command, Ending, run
from gospel_rollback_tui.infra.processes.environment import child_environment, found_in

BUILD_SECONDS = 60.0
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

    def build(self, folder: Path) -> tuple[JsonObject, ...]:
        """Returns every object that the folder's kustomization makes, in its order.

        Raises:
            NotFound: No builder is here.
            Refused: It does not build, or builds nothing.
        """
        command = self.builder()
        with tempfile.TemporaryDirectory() as place:
            output = Path(place) / "build.yaml"
            ended = run(Command((*command, str(folder)), self.environment, BUILD_SECONDS, output=output))
            if ended.how is not Ending.BY_ITSELF or ended.code != 0:
                raise Refused(f"The overlay does not build: {ended.words().replace(str(folder), 'the overlay')}", next_step="Choose another commit.")
            return _objects(output.read_bytes())


def _objects(content: bytes) -> tuple[JsonObject, ...]:
    try:
        documents: list[Any] = list(yaml.load_all(content.decode(errors="replace"), Loader=_Loader))
    except yaml.YAMLError as error:
        raise Refused(f"What the overlay builds is no YAML: {clean(str(error), 200)}") from error
    found = tuple(document for document in documents if isinstance(document, dict) and document.get("kind"))
    if not found:
        raise Refused("The overlay builds to nothing.", next_step="Choose another commit.")
    return found
