"""Which file each kept example came from: by its name, by its pair's name, or by likeness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._replay._files import by_id, files_in, folder_of
from twinfeed.diff._twins import SideName, Twins
from twinfeed.diff._values._paired_values import whole_examples
from twinfeed.diff._views._warp import standardise
from twinfeed.stats.coarse import SIGNATURE_SIDE, signatures

_MOST_LOOKED_AT = 800  # files decoded small where nothing has a name; about a second
_MOST_EXAMPLES = 256
_ENOUGH = 3
_ENOUGH_IN_ORDER = 12
_LEAST = 0.8  # correlation below which a file is not taken for an example's
_CLEAR = 0.5  # (1 - best) / (1 - second best) above which the best is not clearly best


@dataclass(frozen=True, slots=True)
class Origin:
    """One whole example of a feed, channels last, and its file."""

    row: int
    example: Array
    file: Path


class Sources:
    """The files of both feeds.

    Args:
        twins: The two traces.
        library: The image libraries.
    """

    def __init__(self, twins: Twins, library: Any) -> None:
        self._twins = twins
        self._library = library
        self._files: dict[Path, list[Path]] = {}
        self._looked_at: dict[Path, tuple[list[Path], Array]] = {}
        self._likely: dict[SideName, dict[int, Path]] = {}

    def of(self, name: SideName) -> list[Origin]:
        """The whole examples of a side whose files are known; empty where the files are elsewhere."""
        trace = self._twins.side(name)
        if trace.main is None or not trace.main.is_image:
            return []
        rows = self._rows(name)
        examples = whole_examples(trace, rows)
        known = self._by_name(name, rows)
        held = [(row, e) for row, e in zip(rows.tolist(), examples, strict=True) if e is not None]
        if sum(row in known for row, _ in held) < min(_ENOUGH, len(held)):
            known = self._through_partners(name) | self._by_likeness(name)
        axis = 0 if trace.main.channels_first else -1
        return [
            Origin(row, np.moveaxis(example, axis, -1), known[row])
            for row, example in held
            if row in known
        ][:_MOST_EXAMPLES]

    def every(self, name: SideName) -> dict[int, Path]:
        """The file of each row that is recognised: by name, by its pair's name, or by likeness."""
        rows = self._rows(name)
        known = self._by_name(name, rows)
        others = np.array([row for row in rows.tolist() if row not in known], np.int64)
        return known | self._likeliest(name, others)

    def _rows(self, name: SideName) -> Array:
        pairs = self._twins.pairs
        mine, others = (
            (pairs.left, pairs.left_rows) if name == "A" else (pairs.right, pairs.right_rows)
        )
        # Paired rows first: they are compared on both sides.
        return np.concatenate([mine, np.setdiff1d(others, mine)]).astype(np.int64)

    def _by_name(self, name: SideName, rows: Array) -> dict[int, Path]:
        pairs = self._twins.pairs
        mine, theirs = (pairs.left, pairs.right) if name == "A" else (pairs.right, pairs.left)
        trace, other = self._twins.side(name), self._twins.other(name)
        found = _named(trace, rows, self._listed(trace))
        if len(found) < _ENOUGH:
            partners = _named(other, theirs, self._listed(other))
            found |= {
                row: partners[partner]
                for row, partner in zip(mine.tolist(), theirs.tolist(), strict=True)
                if partner in partners
            }
        return found

    def _listed(self, trace: Trace) -> dict[int, Path]:
        folder = folder_of(trace)
        return {} if folder is None else by_id(folder, self._in(folder))

    def _in(self, folder: Path) -> list[Path]:
        if folder not in self._files:
            self._files[folder] = files_in(folder)
        return self._files[folder]

    def _through_partners(self, name: SideName) -> dict[int, Path]:
        """The files of the other side's rows: pairs stand where a file is turned or recoloured."""
        pairs = self._twins.pairs
        mine, theirs = (pairs.left, pairs.right) if name == "A" else (pairs.right, pairs.left)
        known = self._by_likeness("B" if name == "A" else "A")
        both = zip(mine.tolist(), theirs.tolist(), strict=True)
        return {row: known[partner] for row, partner in both if partner in known}

    def _by_likeness(self, name: SideName) -> dict[int, Path]:
        if name not in self._likely:
            self._likely[name] = self._likeliest(name, self._rows(name)[:_MOST_EXAMPLES])
        return self._likely[name]

    def _likeliest(self, name: SideName, rows: Array) -> dict[int, Path]:
        trace = self._twins.side(name)
        # Arrays name no folder; what is in them mostly comes from that of the other side.
        folder = folder_of(trace) or folder_of(self._twins.other(name))
        if folder is None or not len(rows):
            return {}
        if folder not in self._looked_at:
            self._looked_at[folder] = self._look_at(self._in(folder))
        every = self._in(folder)
        files, views = self._looked_at[folder]
        seen = trace.rows.signature[rows]
        if not files or seen.shape[1] != views.shape[1]:
            return {}
        found = {int(rows[i]): j for i, j in _recognised(seen, views)}
        found |= _in_order(found, rows.tolist(), len(files)) if len(files) == len(every) else {}
        return {row: files[j] for row, j in found.items()}

    def _look_at(self, files: list[Path]) -> tuple[list[Path], Array]:
        """Coarse views of evenly spread files."""
        count = min(len(files), _MOST_LOOKED_AT)
        picks: list[int] = np.linspace(0, max(0, len(files) - 1), count).astype(int).tolist()
        found = [(files[at], self._library.small(files[at], SIGNATURE_SIDE)) for at in picks]
        usable = [(path, view) for path, view in found if view is not None]
        if not usable:
            return [], np.zeros((0, 0), np.uint8)
        shape = SIGNATURE_SIDE, SIGNATURE_SIDE, 3
        leaf = LeafSpec(path="x", kind="dense", dtype="uint8", shape=shape)
        return [path for path, _ in usable], signatures(np.stack([v for _, v in usable]), leaf)


def _recognised(seen: Array, views: Array) -> list[tuple[int, int]]:
    """Pairs that are each other's best, and clearly; what does not show so is left out."""
    scores = standardise(seen) @ standardise(views).T
    best = scores.argmax(axis=1)
    top = scores.max(axis=1)
    others = scores.copy()
    others[np.arange(len(others)), best] = -1
    clear = 1 - top <= _CLEAR * (1 - others.max(axis=1))
    mutual = scores.argmax(axis=0)[best] == np.arange(len(scores))
    good = (top >= _LEAST) & clear & mutual
    return [(i, int(best[i])) for i in np.flatnonzero(good).tolist()]


def _in_order(known: dict[int, int], rows: list[int], files: int) -> dict[int, int]:
    """The files of the other rows, where all that are known come in the order of the folder."""
    steps = {at - row for row, at in known.items()}
    if len(known) < _ENOUGH_IN_ORDER or len(steps) != 1:
        return {}
    step = steps.pop()
    return {row: row + step for row in rows if 0 <= row + step < files}


def _named(trace: Trace, rows: Array, files: dict[int, Path]) -> dict[int, Path]:
    keys: list[int] = trace.rows.id[rows].tolist()
    return {row: files[key] for row, key in zip(rows.tolist(), keys, strict=True) if key in files}
