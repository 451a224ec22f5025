"""Says before the screen that the kubeconfig lacks the environment's context; the cluster's client would only find out behind it.

Reads the files alone: no client library is imported before the first paint.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.domain.text import clean

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one where it was built: a kubeconfig of many clusters is long."""


def check_context(cluster: Cluster, environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError if there is no kubeconfig, or none by kubectl's conventions has the context."""
    names = cluster.kubeconfig or environ.get("KUBECONFIG", "") or "~/.kube/config"
    files = [file for file in (Path(os.path.expanduser(name)) for name in names.split(os.pathsep) if name) if os.path.exists(file)]  # noqa: PTH110, PTH111  neither ever raises
    if not files:
        raise ConfigurationError(
            "no kubeconfig is there", file=clean(names, 300), next_step="Log in to the cluster once, or set `kubeconfig` of the environment, or KUBECONFIG."
        )
    contents = [_content(file) for file in files]
    wanted = cluster.context or next((str(content["current-context"]) for content in contents if content.get("current-context")), "")
    known = {str(entry.get("name")) for content in contents for entry in content.get("contexts") or () if isinstance(entry, dict)}
    if wanted not in known:
        raise ConfigurationError(
            f"there is no context {wanted!r}; known: {clean(', '.join(sorted(known))) or 'none'}",
            file=clean(names, 300),
            next_step="Name one of them as `context` of the environment, or point KUBECONFIG at the file that has it.",
        )


def _content(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as text:
            found = yaml.load(text, _LOADER)  # noqa: S506  either loader is a safe one
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read: {error.strerror}", file=str(file), next_step="Make it readable for you, or point KUBECONFIG elsewhere."
        ) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigurationError("is not YAML: " + clean(str(error), 200), file=str(file)) from None
    return found if isinstance(found, dict) else {}
