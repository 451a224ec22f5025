"""What stands around the workloads: who edited a ConfigMap or Secret when."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, moment, text
from gospel_rollback_tui.domain.workloads import edits_from

OWN_MANAGERS = frozenset({"kube-controller-manager", "kubelet", "kube-scheduler"})
"""Field managers whose writes are no edit by anybody."""


@dataclass(frozen=True, slots=True)
class ConfigEdit:
    """The last edit of a ConfigMap or Secret; its content is never read."""

    kind: str
    name: str
    at: float
    """Wall time."""
    manager: str
    created: bool
    """Whether that edit made the object."""


def config_edit_from(kind: str, raw: JsonObject) -> ConfigEdit | None:
    """Reads who edited a ConfigMap or Secret last; None when nothing says so."""
    metadata = child(raw, "metadata")
    created = moment(metadata.get("creationTimestamp"))
    edits = [edit for edit in edits_from(metadata) if edit.manager not in OWN_MANAGERS]
    if edits:
        last = edits[-1]
        return ConfigEdit(kind, text(metadata.get("name")), last.at, last.manager, created is not None and last.at <= created)
    return None if created is None else ConfigEdit(kind, text(metadata.get("name")), created, "", created=True)
