"""The `images:` of a kustomization.yaml, read, and edited as text: one entry changes, and every other character stays.

`kustomize edit set image` adds an entry for a name that does not exist, sorts, and loses end-of-line comments (recorded
from kustomize 5.5), so that its difference says more than was meant.
"""

import re
from dataclasses import dataclass, replace

import yaml

from gospel_rollback_tui.domain.document import Problem, compose, line_of
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.images import ImageReference
from gospel_rollback_tui.domain.text import clean

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What a kustomization may be called; a folder with two of them does not build."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_BY_HAND = "Edit the file by hand, in a branch of its own."


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One entry of `images:`."""

    name: str
    """The image's name in the base."""
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""
    line: int = 0

    @property
    def repository(self) -> str:
        """The repository that the build names."""
        return self.new_name or self.name

    @property
    def image(self) -> ImageReference:
        """What the entry makes of its image."""
        return ImageReference(self.repository, self.new_tag, self.digest)


@dataclass(frozen=True, slots=True)
class _Field:
    key: yaml.ScalarNode
    value: yaml.ScalarNode


def kustomization_of(names: tuple[str, ...], folder: str) -> str:
    """Returns the path of a folder's kustomization file; raises Refused when it has none, or two."""
    found = [name for name in NAMES if name in names]
    if len(found) != 1:
        raise Refused(f"{folder} has {' and '.join(found) or 'no kustomization file'}: it cannot be built.", next_step=_BY_HAND)
    return f"{folder}/{found[0]}"


def image_entries(content: str, file: str) -> tuple[ImageEntry, ...]:
    """Returns the entries of a kustomization's `images:`, in its order; raises Refused when it is none."""
    return tuple(entry for entry, _, _ in _entries(content, file))


def with_image(content: str, file: str, name: str, image: ImageReference) -> str:
    """Returns the kustomization with that entry's tag and digest replaced, and nothing else.

    Args:
        content: The file's text.
        file: Its name, for sentences.
        name: The entry's `name`.
        image: What it shall be; its repository is the entry's own.

    Raises:
        Refused: There is no such entry, or it cannot be edited without touching more.
    """
    entries = _entries(content, file)
    mine = [(entry, fields, node) for entry, fields, node in entries if entry.name == name]
    if len(mine) != 1:
        known = ", ".join(entry.name for entry, _, _ in entries) or "none"
        why = f"names {name} {len(mine)} times" if mine else f"has no image {name}: it has {known}"
        raise Refused(f"{file} {why}.", next_step="An entry that is added changes nothing: choose one that is there." if not mine else _BY_HAND)
    entry, fields, node = mine[0]
    wanted = {"newTag": image.tag, "digest": image.digest}
    changed = content
    for start, end, text in sorted(_edits(content, file, fields, node, wanted), reverse=True):
        changed = changed[:start] + text + changed[end:]
    expected = [replace(one, new_tag=image.tag, digest=image.digest) if one.name == name else one for one, _, _ in entries]
    if [replace(one, line=0) for one in image_entries(changed, file)] != [replace(one, line=0) for one in expected]:
        raise Refused(f"{file}:{entry.line}: this entry cannot be edited as text.", next_step=_BY_HAND)
    return changed


def _entries(content: str, file: str) -> tuple[tuple[ImageEntry, dict[str, _Field], yaml.MappingNode], ...]:
    root = compose(content.encode(), file)
    if isinstance(root, Problem) or not isinstance(root, yaml.MappingNode):
        raise Refused(f"{root if isinstance(root, Problem) else file + ' is no mapping'}.", next_step=_BY_HAND)
    listed = [value for key, value in root.value if key.value == "images"]
    if len(listed) > 1 or any(not isinstance(value, yaml.SequenceNode) for value in listed):
        raise Refused(f"{file}: `images` is not one list.", next_step=_BY_HAND)
    return tuple(_entry(node) for value in listed for node in value.value if isinstance(node, yaml.MappingNode))


def _entry(node: yaml.MappingNode) -> tuple[ImageEntry, dict[str, _Field], yaml.MappingNode]:
    fields = {key.value: _Field(key, value) for key, value in node.value if isinstance(value, yaml.ScalarNode)}

    def said(key: str) -> str:
        """Returns what the entry says for a key; empty: nothing."""
        return clean(fields[key].value.value, 300) if key in fields else ""

    return ImageEntry(said("name"), said("newName"), said("newTag"), said("digest"), line_of(node)), fields, node


def _edits(content: str, file: str, fields: dict[str, _Field], node: yaml.MappingNode, wanted: dict[str, str]) -> list[tuple[int, int, str]]:
    """Returns (start, end, text) of each replacement; a tag that becomes a digest, or the reverse, stays on its line."""
    goes = [key for key in wanted if key in fields and not wanted[key]]
    comes = [key for key in wanted if key not in fields and wanted[key]]
    stays = [key for key in wanted if key in fields and wanted[key]]
    edits = [_new_value(content, file, fields[key].value, wanted[key]) for key in stays if fields[key].value.value != wanted[key]]
    if goes and comes:
        start, end, text = _new_value(content, file, fields[goes[0]].value, wanted[comes[0]])
        edits += [(start, end, text), (fields[goes[0]].key.start_mark.index, fields[goes[0]].key.end_mark.index, comes[0])]
    elif goes:
        edits += [_removal(content, file, fields[key], node) for key in goes]
    elif comes:
        edits += [_addition(content, fields, node, key, wanted[key]) for key in comes]
    return edits


def _new_value(content: str, file: str, node: yaml.ScalarNode, value: str) -> tuple[int, int, str]:
    start, end = node.start_mark.index, node.end_mark.index
    written = content[start:end].rstrip()
    quote = written[:1] if written[:1] in "'\"" else ""
    if written != f"{quote}{node.value}{quote}":
        raise Refused(f"{file}:{line_of(node)}: this value is not written out (an anchor, or several lines).", next_step=_BY_HAND)
    return start, start + len(written), f"{quote}{value}{quote}" if quote else _scalar(value)


def _scalar(value: str) -> str:
    """A tag such as 1.10 is a number to YAML unless it is quoted."""
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain or value.startswith("sha256:") else f'"{value}"'


def _removal(content: str, file: str, field: _Field, node: yaml.MappingNode) -> tuple[int, int, str]:
    start, end = field.key.start_mark.index, field.value.end_mark.index
    if node.flow_style:
        comma = content.rfind(",", node.start_mark.index, start)
        return (comma, end, "") if comma >= 0 else (start, content.index(",", end) + 1, "")
    line_start, line_end = content.rfind("\n", 0, start) + 1, content.find("\n", end)
    if content[line_start:start].strip():
        following = [key.start_mark.index for key, _ in node.value if key.start_mark.index > start]
        if not following:
            raise Refused(f"{file}:{line_of(field.key)}: the entry is nothing else.", next_step=_BY_HAND)
        return start, following[0], ""
    return line_start, (line_end + 1 if line_end >= 0 else len(content)), ""


def _addition(content: str, fields: dict[str, _Field], node: yaml.MappingNode, key: str, value: str) -> tuple[int, int, str]:
    last = fields.get("newTag") or fields.get("digest") or fields.get("newName") or fields["name"]
    end = last.value.end_mark.index
    if node.flow_style:
        return end, end, f", {key}: {_scalar(value)}"
    line_end = content.find("\n", end)
    place = line_end if line_end >= 0 else len(content)
    newline = "\r\n" if content[place - 1] == "\r" else "\n"
    place -= newline == "\r\n"
    return place, place, newline + " " * node.start_mark.column + f"{key}: {_scalar(value)}"
