"""The object store: versions, history, and the past it can still tell."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore

CONFIG_MAPS = by_name("configmaps")
PODS = by_name("pods")

steps = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "remove"])), max_size=30)


def a_document(name: str, number: int) -> dict[str, Any]:
    """Return a document that tells its writes apart."""
    return {"metadata": {"name": name, "namespace": "kx", "uid": name}, "data": {"number": str(number)}}


def play(store: ObjectStore, script: list[tuple[str, str]]) -> dict[int, dict[str, str]]:
    """Play writes and return what the store held at each version."""
    held: dict[str, str] = {}
    seen = {store.version: dict(held)}
    for number, (name, step) in enumerate(script):
        if step == "put":
            store.put(CONFIG_MAPS, a_document(name, number))
            held[name] = str(number)
        else:
            store.remove(CONFIG_MAPS, "kx", name)
            held.pop(name, None)
        seen[store.version] = dict(held)
    return seen


@given(script=steps)
def test_every_version_within_history_can_be_rebuilt(script: list[tuple[str, str]]) -> None:
    """The past is exactly what was stored then."""
    store = ObjectStore()
    for version, held in play(store, script).items():
        documents = store.items_at(CONFIG_MAPS, version)
        assert documents is not None
        assert {document["metadata"]["name"]: document["data"]["number"] for document in documents} == held


@given(script=steps, start=st.integers(0, 30))
def test_changes_since_a_version_lead_from_it_to_the_present(script: list[tuple[str, str]], start: int) -> None:
    """Whoever applies the changes since a version to what it saw then has what there is now."""
    store = ObjectStore()
    seen = play(store, script)
    version = list(seen)[min(start, len(seen) - 1)]
    newer = store.changes_since(version, CONFIG_MAPS)
    assert newer is not None
    held = dict(seen[version])
    for change in newer[0]:
        name = change.last["metadata"]["name"]
        if change.new is None:
            del held[name]
        else:
            held[name] = change.new["data"]["number"]
    assert held == seen[store.version]
    assert newer[1] == store.version


def test_history_is_bounded_and_can_be_forgotten() -> None:
    """A version older than the history is told as such, not answered with holes."""
    store = ObjectStore(history_length=3)
    first = store.version
    for number in range(5):
        store.put(CONFIG_MAPS, a_document("a", number))
    assert store.changes_since(first, CONFIG_MAPS) is None
    assert store.items_at(CONFIG_MAPS, first) is None
    assert store.changes_since(store.version - 3, CONFIG_MAPS) is not None
    store.compact()
    assert store.changes_since(store.version - 1, CONFIG_MAPS) is None
    assert store.changes_since(store.version, CONFIG_MAPS) == ([], store.version)


def test_changes_of_other_resources_are_left_out() -> None:
    """One counter, but each resource has its own changes."""
    store = ObjectStore()
    start = store.version
    store.put(PODS, a_document("a", 0))
    assert store.changes_since(start, CONFIG_MAPS) == ([], store.version)


def test_owned_documents_are_found_by_their_owners_uid() -> None:
    """The index of owners follows writes and deletions."""
    store = ObjectStore()
    owned = a_document("a", 0)
    owned["metadata"]["ownerReferences"] = [{"uid": "owner"}]
    store.put(PODS, owned)
    assert [document["metadata"]["name"] for _, document in store.owned_by("owner")] == ["a"]
    store.put(PODS, a_document("a", 1))
    assert store.owned_by("owner") == []
