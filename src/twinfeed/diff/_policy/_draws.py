"""Whether a feed uses the same random numbers twice: for two workers, or in two epochs.

Each example may then still differ in every epoch: it is the draw at a place in the stream that
comes again, and lands on another example.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias, cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._signatures import plain_signatures
from twinfeed.diff._policy._between_draws import explained_by_places
from twinfeed.diff._policy._recovered import Policy
from twinfeed.diff._twins import SideName, Twins
from twinfeed.diff._views._register import Views, register
from twinfeed.diff._views._warp import SIDE

Sharing: TypeAlias = Literal["workers", "epochs"]

_FIELDS = {
    "zoom_x": 0.04,
    "zoom_y": 0.04,
    "rotation_degrees": 3.0,
    "shear_degrees": 3.0,
    "shift_x": 0.025,
    "shift_y": 0.025,
    "flip_x": 0.5,
    "flip_y": 0.5,
}
"""Parameters, each with the difference that registration of coarse views may leave."""
_MOST = 80  # pairs of draws that are compared
_MOST_MIRRORED = 400
_LEAST = 15
_BEYOND_CHANCE = 0.35  # of what chance leaves: two workers make half of all neighbours alike
_SURE = 6.0  # standard deviations from chance
_WORKERS = range(2, 33)
_WITHIN, _ACROSS = 0.7, 0.3  # shares of like neighbours inside and between rounds of the workers


@dataclass(frozen=True, slots=True)
class Shared:
    """Draws that come more than once.

    Attributes:
        kind: ``workers``: neighbouring batches draw alike; ``epochs``: the same places of two
            epochs do.
        alike: Share of the pairs of draws that are alike.
        chance: Share that would be by chance.
        pairs: Pairs of draws that were compared.
        workers: How many workers share their numbers, where that can be told.
        between: Whether only differences of two draws were seen: then ``alike`` is the share of
            them that one draw for each place explains, and ``chance`` that with places exchanged.
    """

    kind: Sharing
    alike: float
    chance: float
    pairs: int
    workers: int | None
    between: bool = False


def drawn_again(twins: Twins, name: SideName, found: Policy) -> list[Shared]:
    """What a side draws more than once; empty where nothing is, or it cannot be seen.

    Args:
        twins: Both sides.
        name: The side.
        found: Its policy.
    """
    if found.randomness.state != "fresh":
        return []
    if not found.bounded:
        return _told_by_places(twins, name)
    if not found.known:
        return []
    varying = [field for field in _FIELDS if getattr(found, field).random]
    if not varying:
        return []
    # A mirrored picture alone is alike in half of all cases: it takes more of them.
    most = _MOST if set(varying) - {"flip_x", "flip_y"} else _MOST_MIRRORED
    table = _references(twins, name)
    trace = twins.side(name)
    places = {
        kind: _spread([pair for pair in pairs if pair[0] in table and pair[1] in table], most)
        for kind, pairs in (("workers", _neighbours(trace)), ("epochs", _again(trace)))
    }
    rows = sorted({row for pairs in places.values() for pair in pairs for row in pair})
    if not rows:
        return []
    drawn = _registered(trace, rows, table, varying)
    made = [
        _judged(cast("Sharing", kind), pairs, drawn, trace, varying)
        for kind, pairs in places.items()
    ]
    return [one for one in made if one is not None]


def _told_by_places(twins: Twins, name: SideName) -> list[Shared]:
    """The same where nothing shows the examples without augmentation."""
    told = explained_by_places(twins, name)
    if told is None:
        return []
    workers, left, chance, moves = told
    kind: Sharing = "workers" if workers > 1 else "epochs"
    return [
        Shared(kind, 1 - left, 1 - chance, moves, workers if workers > 1 else None, between=True)
    ]


def _references(twins: Twins, name: SideName) -> dict[int, Array]:
    """Coarse views without augmentation of the examples in rows of the first two epochs."""
    trace, other = twins.side(name), twins.other(name)
    if len(trace.plain):
        names = set(trace.plain_shown.tolist())
        rows = np.concatenate([trace.rows_of(epoch) for epoch in _epochs(trace)])
        rows = rows[[key in names for key in trace.rows.id[rows].tolist()]]
        return dict(zip(rows.tolist(), plain_signatures(trace, rows), strict=True))
    pairs = twins.pairs
    mine, theirs = (pairs.left, pairs.right) if name == "A" else (pairs.right, pairs.left)
    table = dict(zip(mine.tolist(), plain_signatures(other, theirs), strict=True))
    again = twins.epochs_of(name)
    if again is not None:
        for first, second in zip(
            again.pairs.left.tolist(), again.pairs.right.tolist(), strict=True
        ):
            if first in table:
                table[second] = table[first]
    return {row: view for row, view in table.items() if view.shape == (SIDE**2,)}


def _epochs(trace: Trace) -> list[int]:
    return [index for index in trace.epoch_indices() if trace.epochs[index].looked][:2]


def _neighbours(trace: Trace) -> list[tuple[int, int]]:
    """Rows at the same place of neighbouring batches."""
    found: list[tuple[int, int]] = []
    for epoch in _epochs(trace):
        rows = trace.rows_of(epoch)
        batch = trace.rows.batch[rows]
        groups = [rows[batch == number].tolist() for number in np.unique(batch).tolist()]
        for one, other in pairwise(groups):
            found += zip(one, other, strict=False)
    return found


def _again(trace: Trace) -> list[tuple[int, int]]:
    """Rows at the same place of two epochs that hold other examples, by name where they have one."""
    epochs = [trace.rows_of(epoch).tolist() for epoch in _epochs(trace)]
    return list(zip(*epochs, strict=False)) if len(epochs) == 2 else []


def _spread(pairs: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """At most so many of the pairs; runs of neighbours stay together."""
    if len(pairs) <= most:
        return pairs
    picks: list[int] = np.linspace(0, len(pairs) - 1, most).astype(int).tolist()
    return [pairs[at] for at in picks]


def _registered(
    trace: Trace, rows: list[int], table: dict[int, Array], varying: list[str]
) -> dict[int, Array]:
    reference = np.stack([table[row] for row in rows]).reshape(-1, SIDE, SIDE)
    view = trace.rows.signature[rows].reshape(-1, SIDE, SIDE)
    views: Views = register(reference.astype(float), view.astype(float))
    columns = np.stack([getattr(views, field).astype(float) for field in varying], axis=1)
    at: list[int] = views.index.tolist()
    return {rows[index]: values for index, values in zip(at, columns, strict=True)}


def _judged(
    kind: Sharing,
    pairs: list[tuple[int, int]],
    drawn: dict[int, Array],
    trace: Trace,
    varying: list[str],
) -> Shared | None:
    pairs = [pair for pair in pairs if pair[0] in drawn and pair[1] in drawn]
    if len(pairs) < _LEAST:
        return None
    slack = np.array([_FIELDS[field] for field in varying])
    one, other = (np.stack([drawn[pair[side]] for pair in pairs]) for side in (0, 1))
    alike = _alike(one, other, slack)
    chance = float(np.mean([_alike(one, np.roll(other, by, axis=0), slack) for by in (3, 7, 13)]))
    share = float(alike.mean())
    apart = len(pairs) / _together(drawn, trace, slack, chance)
    spread = np.sqrt(max(chance * (1 - chance), 1 / apart) / apart)
    beyond = (share - chance) / max(1 - chance, 1e-9)
    if beyond < _BEYOND_CHANCE or share - chance < _SURE * spread:
        return None
    workers = _workers(pairs, alike, trace) if kind == "workers" else None
    return Shared(kind, share, chance, len(pairs), workers)


def _together(drawn: dict[int, Array], trace: Trace, slack: Array, chance: float) -> float:
    """How many draws count as one, because those of a batch are alike; at least 1."""
    rows = np.array(sorted(drawn))
    batch = np.stack([trace.rows.epoch[rows], trace.rows.batch[rows]], axis=1)
    beside = np.flatnonzero((batch[1:] == batch[:-1]).all(axis=1))
    if not len(beside):
        return 1.0
    values = np.stack([drawn[row] for row in rows.tolist()])
    alike = float(_alike(values[beside], values[beside + 1], slack).mean())
    size = len(rows) / len(np.unique(batch, axis=0))
    return 1 + (size - 1) * max(0.0, (alike - chance) / max(1 - chance, 1e-9))


def _alike(one: Array, other: Array, slack: Array) -> Array:
    return np.asarray((np.abs(one - other) <= slack).all(axis=1))


def _workers(pairs: list[tuple[int, int]], alike: Array, trace: Trace) -> int | None:
    """After how many batches the likeness of neighbours breaks."""
    second = trace.rows.batch[[pair[1] for pair in pairs]]
    for count in _WORKERS:
        breaks = second % count == 0
        if not breaks.any() or breaks.all():
            return None
        if alike[~breaks].mean() >= _WITHIN and alike[breaks].mean() <= _ACROSS:
            return count
    return None
