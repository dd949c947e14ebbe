"""Which files of one folder each side gives, where nearly all of its examples are recognised."""

from __future__ import annotations

from pathlib import Path

from twinfeed.diff._remembered import remembered
from twinfeed.diff._replay._files import folder_of
from twinfeed.diff._replay._sources import Sources
from twinfeed.diff._replay._studio import binding
from twinfeed.diff._twins import SIDES, SideName, Twins

_NEARLY_ALL = 0.97  # share of a side's examples that must be recognised


@remembered
def every_file(twins: Twins) -> dict[SideName, dict[int, Path]] | None:
    """Each row's file on both sides; ``None`` where the folders differ or too few are recognised."""
    folders = {folder_of(twins.side(name)) for name in SIDES}
    library = binding() if len(folders) == 1 and None not in folders else None
    if library is None or not all(_shows_pictures(twins, name) for name in SIDES):
        return None
    sources = Sources(twins, library)
    rows = {"A": twins.pairs.left_rows, "B": twins.pairs.right_rows}
    found: dict[SideName, dict[int, Path]] = {}
    for name in SIDES:
        found[name] = sources.every(name)
        if len(found[name]) < _NEARLY_ALL * len(rows[name]):
            return None
    return found


def _shows_pictures(twins: Twins, name: SideName) -> bool:
    main = twins.side(name).main
    return main is not None and main.is_image
