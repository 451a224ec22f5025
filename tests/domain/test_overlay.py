"""One entry of a kustomization's images changes; every other character of the file stays."""

import pytest

from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.images import ImageReference, image_reference
from gospel_rollback_tui.domain.overlay import image_entries, kustomization_of, with_image

FILE = "kustomization.yaml"
DIGEST = "sha256:" + "a" * 64
TEXT = """# production, edited by hand
resources: [../../base]   # flow style stays
images:
  # the edge
  - name: gospelib-gateway
    newName: ecr.test/gospelib-gateway
    newTag: v2.15.0   # set by the release
  - {name: gospelib-auth, newTag: 'v2.14.0'}
  - digest: sha256:bbbb
    name: gospelib-ai
    newTag: v2.14.0
"""


def pinned(name: str, tag: str = "", digest: str = "") -> list[tuple[str, str]]:
    """Returns the (old, new) lines of an edit; a line that went or came has an empty partner."""
    before, after = TEXT.splitlines(), with_image(TEXT, FILE, name, ImageReference("", tag, digest)).splitlines()
    gone, come = [line for line in before if line not in after], [line for line in after if line not in before]
    width = max(len(gone), len(come))
    return list(zip([*gone, *[""] * (width - len(gone))], [*come, *[""] * (width - len(come))], strict=True))


def test_the_entries_are_read_with_what_the_build_will_name() -> None:
    """Names of the base, and the repository, tag and digest they become."""
    gateway, auth, ai = image_entries(TEXT, FILE)
    assert (gateway.repository, gateway.new_tag, gateway.line) == ("ecr.test/gospelib-gateway", "v2.15.0", 5)
    assert str(auth.image) == "gospelib-auth:v2.14.0"
    assert ai.digest == "sha256:bbbb"


@pytest.mark.parametrize(
    ("name", "tag", "digest", "lines"),
    [
        ("gospelib-gateway", "v2.14.0", "", [("    newTag: v2.15.0   # set by the release", "    newTag: v2.14.0   # set by the release")]),
        ("gospelib-gateway", "1.10", "", [("    newTag: v2.15.0   # set by the release", '    newTag: "1.10"   # set by the release')]),
        ("gospelib-gateway", "", DIGEST, [("    newTag: v2.15.0   # set by the release", f"    digest: {DIGEST}   # set by the release")]),
        (
            "gospelib-gateway",
            "v2.14.0",
            DIGEST,
            [("    newTag: v2.15.0   # set by the release", "    newTag: v2.14.0   # set by the release"), ("", f"    digest: {DIGEST}")],
        ),
        ("gospelib-auth", "v2.13.0", "", [("  - {name: gospelib-auth, newTag: 'v2.14.0'}", "  - {name: gospelib-auth, newTag: 'v2.13.0'}")]),
        ("gospelib-auth", "", DIGEST, [("  - {name: gospelib-auth, newTag: 'v2.14.0'}", f"  - {{name: gospelib-auth, digest: '{DIGEST}'}}")]),
        (
            "gospelib-ai",
            "v2.13.0",
            "",
            [("  - digest: sha256:bbbb", "  - name: gospelib-ai"), ("    name: gospelib-ai", "    newTag: v2.13.0"), ("    newTag: v2.14.0", "")],
        ),
        ("gospelib-ai", "", DIGEST, [("  - digest: sha256:bbbb", f"  - digest: {DIGEST}"), ("    newTag: v2.14.0", "")]),
    ],
)
def test_only_the_entrys_own_lines_change(name: str, tag: str, digest: str, lines: list[tuple[str, str]]) -> None:
    """Comments at the end of the line, quotes and flow style stay; a digest goes when a tag is wanted, since it would win."""
    if name == "gospelib-ai" and tag:
        changed = with_image(TEXT, FILE, name, ImageReference("", tag, digest))
        assert changed == TEXT.replace("digest: sha256:bbbb\n    name", "name").replace(
            "name: gospelib-ai\n    newTag: v2.14.0", f"name: gospelib-ai\n    newTag: {tag}"
        )
        return
    assert pinned(name, tag, digest) == lines


def test_a_name_that_is_not_there_is_refused_rather_than_added() -> None:
    """Kustomize would add it, and the build would be the same as before."""
    with pytest.raises(Refused, match="has no image gospelib-gatway: it has gospelib-gateway, gospelib-auth, gospelib-ai") as caught:
        pinned("gospelib-gatway", "v2.14.0")
    assert "changes nothing" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("images:\n- name: app\n  newTag: &tag v1\n- name: other\n  newTag: *tag\n", "not written out"),
        ("images:\n- name: other\n  newTag: &tag v1\n- name: app\n  newTag: *tag\n", "cannot be edited|not written out"),
        ("images:\n- {name: app, newTag: v1}\n- {name: app, newTag: v2}\n", "names app 2 times"),
        ("images: {name: app}\n", "not one list"),
        ("images: [\n", "not YAML"),
        ("- a\n", "no mapping"),
        ("a: 1\n---\nimages: []\n", "not YAML"),
        ("resources: []\n", "has no image app: it has none"),
    ],
)
def test_what_cannot_be_edited_as_text_is_refused(text: str, words: str) -> None:
    """Anchors, doubles and broken files are left to the operator."""
    with pytest.raises(Refused, match=words):
        with_image(text, FILE, "app", ImageReference("", "v3"))


def test_text_outside_ascii_and_windows_line_ends_move_nothing() -> None:
    """Positions count characters, not bytes, and a carriage return belongs to its line."""
    text = "# Grüße 🚀\r\nimages:\r\n- name: app\r\n  newTag: v1 # ü\r\n"
    assert with_image(text, FILE, "app", ImageReference("", "v2")) == text.replace("v1", "v2")
    assert with_image("images:\n- name: app", FILE, "app", ImageReference("", "v2")) == "images:\n- name: app\n  newTag: v2"


def test_two_kustomization_files_do_not_build() -> None:
    """Kustomize refuses such a folder; so do we, before anything is edited."""
    assert kustomization_of(("kustomization.yaml", "a.yaml"), "o") == "o/kustomization.yaml"
    for names in ((), ("kustomization.yaml", "kustomization.yml")):
        with pytest.raises(Refused, match="cannot be built"):
            kustomization_of(names, "o")


@pytest.mark.parametrize(
    ("image", "parts", "complaint"),
    [
        ("host:5000/a/b:v1", ("host:5000/a/b", "v1", ""), ""),
        (f"a:v1@{DIGEST}", ("a", "v1", DIGEST), ""),
        (f"a@{DIGEST}", ("a", "", DIGEST), ""),
        ("/gospelib-gateway:abc", ("/gospelib-gateway", "abc", ""), "no image repository"),
        ("a:bad tag", ("a", "bad tag", ""), "no tag"),
        ("a@sha256:12", ("a", "", "sha256:12"), "no digest"),
        ("a", ("a", "", ""), "neither tag nor digest"),
        ("", ("", "", ""), "an empty name"),
    ],
)
def test_image_references_are_taken_apart(image: str, parts: tuple[str, str, str], complaint: str) -> None:
    """An unset variable gives `/name:tag`, which kustomize takes without a word."""
    reference = image_reference(image)
    assert (reference.repository, reference.tag, reference.digest) == parts
    assert complaint in reference.complaint
    assert bool(complaint) == bool(reference.complaint)
