"""Old and new code on old and new schema: which of the four combinations fails."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.migrations.classification import Classified, Finding


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the four: old or new code on the old or the new schema."""

    code: str
    """`old` or `new`."""
    schema: str
    """`old` or `new`."""
    crashes: bool | None
    """None: it may, or nobody knows; the words say which."""
    why: str


def square(crossing: tuple[Classified, ...], migrates_at_start: bool | None, *, repaired: bool = False) -> tuple[Cell, Cell, Cell, Cell]:
    """Returns old code on the old schema, old on the new, new on the old and new on the new, given what lies between.

    `repaired`: something that it dropped is there again.
    """
    if not crossing:
        first, second, third, fourth = (_passes(code, schema, "no migration lies between them") for code in ("old", "new") for schema in ("old", "new"))
        return first, second, third, fourth
    return (
        _passes("old", "old", "as it was before the release"),
        _old_on_new(crossing, migrates_at_start, "what was dropped is there again" if repaired else "the migrations only add what old code does not meet"),
        _cell("new", "old", [each.breaks_new_code for each in crossing], "nothing of the release's migrations is seen to be needed"),
        _passes("new", "new", "as it is now"),
    )


def doubted(cells: tuple[Cell, ...], why: str) -> tuple[Cell, ...]:
    """Returns the four when nobody can say what is applied: only what fails for sure, and the past, stay as they are."""
    return tuple(each if each.crashes or (each.code, each.schema) == ("old", "old") else Cell(each.code, each.schema, None, why) for each in cells)


def _passes(code: str, schema: str, why: str) -> Cell:
    return Cell(code, schema, crashes=False, why=why)


def _old_on_new(crossing: tuple[Classified, ...], migrates_at_start: bool | None, otherwise: str) -> Cell:
    cell = _cell("old", "new", [each.breaks_old_code for each in crossing], otherwise)
    newest = crossing[0].migration.version
    if cell.crashes or migrates_at_start is False:
        return cell
    if migrates_at_start:
        return Cell("old", "new", crashes=True, why=f"old code migrates at its start and finds no file for version {newest}")
    if cell.crashes is None:
        return cell
    return Cell("old", "new", None, f"nobody knows whether old code migrates at its start: it would find no file for version {newest}")


def _cell(code: str, schema: str, found: list[Finding | None], otherwise: str) -> Cell:
    findings = [each for each in found if each]
    certain = next((each for each in findings if each.certain), None)
    decides = certain or (findings[0] if findings else None)
    if decides is None:
        return _passes(code, schema, otherwise)
    return Cell(code, schema, True if certain else None, f"{decides.why} ({decides.place})")
