"""The footer: one line, the keys that work now, in the operator's words."""

from collections.abc import Iterable, Sequence

from textual.binding import ActiveBinding, Binding
from textual.content import Content

from gospel_rollback_tui.ui.keys import HELP, NUMBERS, QUIT, display
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, line

_LAST = (HELP.id, QUIT.id)


def entries(active: Iterable[ActiveBinding], order: Sequence[str], *, hidden: bool = False) -> list[tuple[str, str, Binding]]:
    """Returns (key, words, binding) of what works now, in the order of the given ids; digits are one entry, help and quit last.

    With `hidden`, also the keys that the footer leaves to the help.
    """
    found: dict[str, tuple[str, str, Binding]] = {}
    numbers: list[Binding] = []
    for one in active:
        binding = one.binding
        if not one.enabled or not binding.id or not (binding.show or hidden):
            continue
        if binding.group == NUMBERS:
            if not numbers:
                found["numbers"] = ("", binding.description, binding)
            numbers.append(binding)
        elif binding.id in found:
            key, words, first = found[binding.id]
            found[binding.id] = (f"{key} {display(binding)}", words, first)
        else:
            found[binding.id] = (display(binding), binding.description, binding)
    if numbers:
        keys = numbers[0].key if len(numbers) == 1 else f"{numbers[0].key}-{numbers[-1].key}"
        found["numbers"] = (keys, numbers[0].description, numbers[0])
    last = [found.pop(name) for name in _LAST if name and name in found]
    ranks = {name: rank for rank, name in enumerate(order)}
    return [*sorted(found.values(), key=lambda entry: ranks.get(entry[2].id or "", len(ranks))), *last]


def footer(shown: list[tuple[str, str, Binding]], room: Room, said: str = "", standing: str = "") -> list[Content]:
    """Returns the footer; entries that have no room are left to the help, which always keeps its place.

    `said` is a sentence that stands in the footer for a moment, e.g. that something was copied; `standing` are words
    that stand before the keys, e.g. that the link is slow.
    """
    if said:
        return [line(" ", (said, "strong")).truncate(room.width, ellipsis=True)]
    width = room.width - 1
    last = [entry for entry in shown if entry[2].id in _LAST]
    row: list[Content] = [line((standing, "warn"))] if standing else []
    used = sum(made.cell_length + 2 for made in [*row, *(_entry(*entry[:2]) for entry in last)])
    for entry in shown:
        if entry in last:
            continue
        made = _entry(*entry[:2])
        if used + made.cell_length + 2 <= width:
            used += made.cell_length + 2
            row.append(made)
    row += [_entry(*entry[:2]) for entry in last]
    return [line(" ", Content("  ").join(row))] if row else [EMPTY]


def _entry(key: str, words: str) -> Content:
    return line((key, "key"), " ", (words, "dim"))
