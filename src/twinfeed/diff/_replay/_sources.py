"""Which file each kept example came from: by its name, by its pair's name, or by likeness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._likeness import match
from twinfeed.diff._paired_values import whole_examples
from twinfeed.diff._replay._files import by_id, files_in, folder_of
from twinfeed.diff._twins import SideName, Twins
from twinfeed.stats.coarse import SIGNATURE_SIDE, signatures

_MOST_LOOKED_AT = 1200  # files decoded small where nothing has a name; about a second
_MOST_EXAMPLES = 256
_ENOUGH = 3


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
            known = self._by_likeness(name, held[:_MOST_EXAMPLES])
        axis = 0 if trace.main.channels_first else -1
        return [
            Origin(row, np.moveaxis(example, axis, -1), known[row])
            for row, example in held
            if row in known
        ][:_MOST_EXAMPLES]

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

    def _by_likeness(self, name: SideName, held: list[tuple[int, Array]]) -> dict[int, Path]:
        trace = self._twins.side(name)
        # Arrays name no folder; what is in them mostly comes from that of the other side.
        folder = folder_of(trace) or folder_of(self._twins.other(name))
        files = [] if folder is None else self._in(folder)
        if not files or not held:
            return {}
        picks: list[int] = (
            np.linspace(0, len(files) - 1, min(len(files), _MOST_LOOKED_AT)).astype(int).tolist()
        )
        chosen = [files[at] for at in picks]
        views = [self._library.small(path, SIGNATURE_SIDE) for path in chosen]
        usable = [at for at, view in enumerate(views) if view is not None]
        if not usable:
            return {}
        leaf = LeafSpec(
            path="x", kind="dense", dtype="uint8", shape=(SIGNATURE_SIDE, SIGNATURE_SIDE, 3)
        )
        theirs = signatures(np.stack([views[at] for at in usable]), leaf)
        rows = np.array([row for row, _ in held], np.int64)
        found = match(trace.rows.signature[rows], theirs)
        return {
            int(rows[i]): chosen[usable[j]]
            for i, j in zip(found.left.tolist(), found.right.tolist(), strict=True)
        }


def _named(trace: Trace, rows: Array, files: dict[int, Path]) -> dict[int, Path]:
    keys: list[int] = trace.rows.id[rows].tolist()
    return {row: files[key] for row, key in zip(rows.tolist(), keys, strict=True) if key in files}
