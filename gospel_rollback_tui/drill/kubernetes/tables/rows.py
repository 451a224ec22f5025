"""Tables: column definitions and one row an object."""

from collections.abc import Sequence
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.tables.kinds import COLUMNS, PLAIN_COLUMNS


def table(resource: ResourceType, documents: Sequence[Json], metadata: Json, now: datetime) -> Json:
    """Return objects of a resource as a `meta.k8s.io/v1` Table."""
    columns = COLUMNS.get(resource.stored_as, PLAIN_COLUMNS)
    rows = [
        {
            "cells": [column.read(document, now) for column in columns],
            "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": document["metadata"]},
        }
        for document in documents
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [column.definition() for column in columns],
        "rows": rows,
    }
