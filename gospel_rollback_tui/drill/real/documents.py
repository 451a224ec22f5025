"""The package's own YAML files as objects."""

from importlib import resources

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json


def read_text(name: str) -> str:
    """Returns the text of a file in the package's `manifests` folder."""
    return resources.files("gospel_rollback_tui.drill.real").joinpath("manifests", name).read_text(encoding="utf-8")


def read_documents(name: str) -> list[Json]:
    """Returns the objects of a YAML file in the package's `manifests` folder, in its order."""
    return list(yaml.safe_load_all(read_text(name)))
