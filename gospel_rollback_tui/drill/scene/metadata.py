"""Metadata of objects that were there before the estate started."""

import uuid
from datetime import datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.defaults import fill_in_defaults
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, digest, timestamp
from gospel_rollback_tui.drill.kubernetes.normal_form import normal_document
from gospel_rollback_tui.drill.kubernetes.preparation import SAFE_ALPHABET


def ago(now: datetime, seconds: float) -> datetime:
    """Return the moment so many seconds earlier."""
    return now - timedelta(seconds=seconds)


def existing(document: Json, created: datetime, writes: tuple[tuple[str, datetime], ...] = ()) -> Json:
    """Return a document as the API stores it, created at a moment and written by some managers later, with defaults."""
    stored = normal_document(copy_json(document))
    fill_in_defaults(stored)
    stored["metadata"]["uid"] = str(uuid.uuid4())
    stored["metadata"]["creationTimestamp"] = timestamp(created)
    if writes:
        stored["metadata"]["managedFields"] = [_write(document["apiVersion"], manager, written) for manager, written in writes]
    return stored


def owned_by(owner: Json) -> list[Json]:
    """Return the owner references of what an object controls."""
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    return [dict(reference, controller=True, blockOwnerDeletion=True)]


def short_hash(value: object, length: int) -> str:
    """Return letters that stand for a value in a generated name, always the same for the same value."""
    number = int(digest(value), 16)
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(SAFE_ALPHABET))
        letters.append(SAFE_ALPHABET[index])
    return "".join(letters)


def _write(api_version: str, manager: str, written: datetime) -> Json:
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": api_version,
        "time": timestamp(written),
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    }
