"""The recipes of both feeds: what the measures and the ledger ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from twinfeed.diff._remembered import remembered
from twinfeed.diff._replay._files import Header, folder_of
from twinfeed.diff._replay._identify import identify
from twinfeed.diff._replay._recipe import Recipe
from twinfeed.diff._replay._sources import Origin, Sources
from twinfeed.diff._replay._studio import Shot, binding, reshapes, shot
from twinfeed.diff._twins import SideName, Twins

_MOST = 10  # pictures replayed per side
_MOST_PIXELS = 16_000_000  # of their files together
_OF_A_KIND = 4  # pictures with a tag or with transparency among them
_LEAST = 3
Known: TypeAlias = tuple[Origin, Header]


@dataclass(frozen=True, slots=True)
class Told:
    """What replay says of one side.

    Attributes:
        recipe: How its pictures were made, or ``None``.
        left_levels: What the best guess leaves where none fits; ``None`` where nothing was replayed.
        files: Each row's file, where it is known.
    """

    recipe: Recipe | None
    left_levels: float | None
    files: dict[int, Path]


NOTHING = Told(None, None, {})


@remembered
def told(twins: Twins) -> dict[SideName, Told]:
    """Replay both sides where their files are on this machine."""
    library = binding() if any(_has_files(twins, name) for name in ("A", "B")) else None
    if library is None:
        return {"A": NOTHING, "B": NOTHING}
    sources = Sources(twins, library)
    return {"A": _told(twins, "A", sources, library), "B": _told(twins, "B", sources, library)}


def both(twins: Twins) -> tuple[Recipe, Recipe] | None:
    """Both recipes where both sides could be replayed."""
    found = told(twins)
    left, right = found["A"].recipe, found["B"].recipe
    return None if left is None or right is None else (left, right)


def _has_files(twins: Twins, name: SideName) -> bool:
    return folder_of(twins.side(name)) is not None


def _told(twins: Twins, name: SideName, sources: Sources, library: Any) -> Told:
    if not _without_chance(twins, name):
        return NOTHING
    origins = sources.of(name)
    shots = _chosen(origins, library)
    files = {origin.row: origin.file for origin in origins}
    if len(shots) < _LEAST:
        return Told(None, None, files)
    found = identify(library, shots)
    if isinstance(found, Recipe):
        return Told(found, found.left_levels, files)
    return Told(None, found, files)


def _without_chance(twins: Twins, name: SideName) -> bool:
    """Whether a side's whole examples are held as its files give them, without augmentation."""
    trace = twins.side(name)
    if len(trace.plain):
        return True
    drawn = trace.plan is not None and any(step.random for step in trace.plan.steps)
    return twins.is_still(name) is not False and not drawn


def _chosen(origins: Sequence[Origin], library: Any) -> list[Shot]:
    """A few pictures of one number of channels, with those that tell most among them."""
    headed = [(origin, library.header(origin.file)) for origin in origins]
    known = [(origin, header) for origin, header in headed if header is not None]
    if not known:
        return []
    channels = known[0][0].example.shape[-1]
    known = [
        (origin, header)
        for origin, header in known
        if origin.example.shape[-1] == channels and origin.example.dtype.kind in "biuf"
    ]
    tagged = [each for each in known if each[1].orientation != 1][:_OF_A_KIND]
    clear = [each for each in known if each[1].alpha][:_OF_A_KIND]
    rest = [each for each in known if each[1].orientation == 1 and not each[1].alpha]
    found: list[Shot] = []
    pixels = 0
    # Few of another shape among many of one tell by what rule a picture gets its shape.
    odd = [each for each in rest if reshapes(each[1], _size(each[0]))]
    few = _spread(odd, _OF_A_KIND) if len(odd) < len(rest) / 2 else []
    rest = [each for each in rest if each not in few]
    rest = _spread(rest, _MOST - len(tagged) - len(clear) - len(few))
    for origin, header in (*rest, *few, *tagged, *clear):
        pixels += _pixels(header)
        if pixels > _MOST_PIXELS and len(found) >= _LEAST:
            continue
        found.append(shot(origin.example, header))
    return found


def _spread(of: list[Known], count: int) -> list[Known]:
    """So many from all over: a folder's first class may hold files of one size or one maker."""
    picks: list[int] = np.linspace(0, max(0, len(of) - 1), min(len(of), count)).astype(int).tolist()
    return [of[i] for i in picks]


def _size(origin: Origin) -> tuple[int, int]:
    return origin.example.shape[0], origin.example.shape[1]


def _pixels(header: Header) -> int:
    return header.height * header.width
