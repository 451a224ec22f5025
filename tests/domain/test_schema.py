"""Files held against tables of keys."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospel_rollback_tui.domain.document import Problem, compose
from gospel_rollback_tui.domain.schema import Key, Kind, Reader, Record, nearest, seconds_of

KEYS = (
    Key("name", Kind.TEXT, "its name", required=True),
    Key("on", Kind.FLAG, "whether it is on"),
    Key("count", Kind.COUNT, "how many"),
    Key("share", Kind.NUMBER, "which part"),
    Key("after", Kind.DURATION, "when"),
    Key("url", Kind.URL, "where"),
    Key("like", Kind.PATTERN, "what it matches"),
    Key("words", Kind.TEXTS, "some words"),
    Key("pairs", Kind.PAIRS, "names and texts"),
    Key("times", Kind.DURATIONS, "names and durations"),
    Key("signs", Kind.FLAGS, "names and truth values"),
    Key("part", Kind.SECTION, "a part", keys=(Key("x", Kind.TEXT, "x"),)),
    Key("parts", Kind.SECTIONS, "parts", keys=(Key("x", Kind.TEXT, "x"),)),
    Key("table", Kind.TABLE, "named parts", keys=(Key("x", Kind.TEXT, "x"),)),
    Key("mixed", Kind.MIXED, "names and parts", keys=(Key("x", Kind.TEXT, "x"),)),
)


def read(content: bytes) -> tuple[Record | None, list[Problem]]:
    """Returns what was read and what was complained about."""
    node = compose(content, "file.yaml")
    if isinstance(node, Problem):
        return None, [node]
    reader = Reader("file.yaml")
    return reader.section(node, KEYS), reader.problems


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45.0), ("15m", 900.0), ("2h", 7200.0), ("0.5s", 0.5), ("1.5h", 5400.0), ("0s", 0.0)])
def test_durations_have_one_unit(text: str, seconds: float) -> None:
    """Seconds, minutes or hours."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("15", "write 15s, 15m or 15h"),
        ("15min", "write 15m"),
        ("15 M", "write 15m"),
        ("2 hours", "write 2h"),
        ("250ms", "write 0.25s"),
        ("", "such as"),
        ("-5m", "such as"),
    ],
)
def test_a_wrong_duration_says_the_right_one(text: str, remedy: str) -> None:
    """What was probably meant, ready to be copied."""
    with pytest.raises(ValueError, match=remedy):
        seconds_of(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(min_value=0, max_value=1e6, allow_nan=False).map(lambda value: round(value, 3)), st.sampled_from("smh"))
def test_every_number_with_a_unit_is_a_duration(value: float, unit: str) -> None:
    """The factor is the unit's and nothing is rounded away."""
    assert seconds_of(f"{value:f}{unit}") == pytest.approx(value * {"s": 1, "m": 60, "h": 3600}[unit])


def test_the_nearest_word_is_offered_or_the_few_there_are() -> None:
    """A typing slip, an abbreviation, or nothing like it."""
    assert nearest("namespce", ("context", "namespace")) == "; write 'namespace'"
    assert nearest("prod", ("production", "staging")) == "; write 'production'"
    assert nearest("zzz", ("context", "namespace")) == "; known: context, namespace"
    assert nearest("zzz", ()) == ""


def test_every_kind_is_read_with_its_lines() -> None:
    """Values, and the line on which each key stands."""
    record, problems = read(
        b"name: n\non: true\ncount: 3\nshare: 0.5\nafter: 2m\nurl: https://a.example/x\nlike: a+\nwords: [a, b]\npairs: {k: v}\n"
        b"times: {k: 1s}\nsigns: {k: false}\npart: {x: 1}\nparts:\n  - {x: y}\ntable: {t: {x: z}}\nmixed: [m, {x: w}]\n"
    )
    assert [str(problem) for problem in problems] == ["file.yaml:12: part.x is the number 1 and must be a text; write it in quotes: '1'"]
    assert record is not None
    assert (record.get("on"), record.get("count"), record.get("share"), record.get("after")) == (True, 3, 0.5, 120.0)
    assert [entry.name for entry in record.get("words")] == ["a", "b"]
    assert record.get("pairs") == (("k", "v"),)
    assert record.get("times") == (("k", 1.0),)
    assert record.get("signs") == (("k", False),)
    assert record.get("parts")[0].get("x") == "y"
    assert record.get("table")[0][1].get("x") == "z"
    assert (record.get("mixed")[0].name, record.get("mixed")[1].get("x")) == ("m", "w")
    assert (record.line_of("after"), record.line_of("nothing")) == (5, 1)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_no_bytes_whatever_end_in_anything_but_complaints(content: bytes) -> None:
    """A file of any content is read or complained about; a complaint names the file and a line that exists or none."""
    record, problems = read(content)
    assert record is not None or problems
    for problem in problems:
        assert problem.file == "file.yaml"
        assert 0 <= problem.line <= content.count(b"\n") + content.count(b"\r") + content.count(b"\xc2\x85") + content.count(b"\xe2\x80") + 2
        assert problem.text.isprintable()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.sampled_from([key.name for key in KEYS]), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([key.name for key in KEYS]) | st.text(max_size=6), VALUES, max_size=6))
def test_values_of_any_shape_behind_any_key_are_complaints_at_most(document: dict[str, object]) -> None:
    """Whatever is behind a key, what was read has the key's kind and everything else was complained about."""
    content = yaml.safe_dump(document, allow_unicode=True).encode()
    record, problems = read(content)
    if record is None:
        assert problems
        return
    kinds = {"on": bool, "count": int, "share": float, "after": float, "name": str, "url": str, "like": str}
    for name, kind in kinds.items():
        assert record.get(name) is None or isinstance(record.get(name), kind)
    for name in document:
        known = name in {key.name for key in KEYS}
        assert name in record.values or not known or problems
