"""Which examples a side has: by name or content where these tell, else by likeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._likeness import match
from twinfeed.diff._pairing._signatures import plain_signatures
from twinfeed.diff._streams._order import first_rows, is_whole, moves
from twinfeed.diff._twins import SIDES, STILL_SHARE, SideName, Twins

KeyKind: TypeAlias = Literal["id", "content"]

_NONE = np.zeros(0, int)
_COMMON = 0.5  # share of equal contents above which both sides leave contents as they are
_SURELY_COMMON = 0.9  # the same where a side was seen once only
_NEARLY_ALL = 0.95
_COMMON_TO_BOTH = 0.85  # share of the shorter side in pairs; copies keep some from being clear
# Of a sentence or a row that was changed in most places hardly anything is left to tell it by, and
# strangers are never paired by parts: a few that are changed speak for many.
_SOME_CHANGED = 0.2
_MOST_ALONE, _ALIKE = 40, 0.75  # rows without partner that are looked at; share that is known


@dataclass(frozen=True, slots=True)
class Lacking:
    """Examples of one side that the other does not have.

    Attributes:
        examples: How many.
        of: Distinct examples of the side that has them.
        rows: Their rows in the side that has them, one each; empty where only counted.
        confidence: 1 where names or contents tell, else that of the pairs.
    """

    examples: int
    of: int
    rows: Array
    confidence: float


def key_kind(twins: Twins) -> KeyKind | None:
    """What tells examples apart on both sides alike; ``None`` where only likeness does."""
    if twins.pairs.method == "id":
        return "id"
    common = common_contents(twins)
    still = [twins.is_still(name) for name in SIDES]
    if False in still or any(_drawn_once(twins, name) for name in SIDES):
        return None
    return "content" if common >= (_SURELY_COMMON if None in still else _COMMON) else None


def common_contents(twins: Twins) -> float:
    """Of the side with fewer different contents, the share of them that the other has as well."""
    contents = [np.unique(twins.side(name).rows.content) for name in SIDES]
    shorter = min(len(side) for side in contents)
    return len(np.intersect1d(*contents, assume_unique=True)) / shorter if shorter else 0.0


def _drawn_once(twins: Twins, name: SideName) -> bool:
    """Whether a fresh build changes the contents: what a cache froze tells no example."""
    builds = twins.builds_of(name)
    return builds is not None and bool(len(builds.same)) and builds.share_same < STILL_SHARE


def keys_of(trace: Trace, kind: KeyKind) -> Array:
    """The key of every row of the ledger, uint64, shape ``(rows,)``."""
    return trace.rows.id if kind == "id" else trace.rows.content


def own_key_kind(twins: Twins, name: SideName) -> KeyKind | None:
    """What tells the examples of one side apart, whatever the other side shows."""
    if bool(twins.side(name).rows.id.all()):
        return "id"
    return "content" if twins.is_still(name) else None


def only_texts(trace: Trace) -> bool:
    """Whether the inputs are texts, of which nothing tells a changed one from another."""
    inputs = trace.spec.part("x")
    return bool(inputs) and all(leaf.kind == "text" for leaf in inputs)


def repeats(trace: Trace, kind: KeyKind) -> int:
    """Rows of the first epoch whose example came before in that epoch."""
    keys = keys_of(trace, kind)[first_rows(trace)[0]]
    return len(keys) - len(np.unique(keys))


def lacking(twins: Twins, name: SideName, fewer: int = 0) -> Lacking | None:
    """What the other side lacks of this side's examples; ``None`` where that cannot be told.

    The other side's looked-at epochs count together, so that what one epoch leaves out by
    chance is not taken for missing; at least one of them must have ended by itself.

    Args:
        twins: Both sides.
        name: The side that has them.
        fewer: By how many the plans say that fewer reach the other side's batches.
    """
    side, other = twins.side(name), twins.other(name)
    if not _read_to_the_end(other):
        return None
    kind = key_kind(twins)
    if kind is None:
        return _by_likeness(twins, name)
    keys, first = np.unique(keys_of(side, kind), return_index=True)
    absent = ~np.isin(keys, keys_of(other, kind))
    if absent.all():
        return None
    if kind == "content":
        changed = absent & np.isin(first, twins.pairs.left if name == "A" else twins.pairs.right)
        absent &= ~changed
        rows = side.main is not None and not side.main.is_image
        if changed.sum() > absent.sum() * (_SOME_CHANGED if rows else 1):
            # One side turns or changes some pictures: what is paired did arrive, and of the rest
            # no more is missing than there are more examples.
            # What one side cuts off may leave two sentences alike, what it turns two copies unlike,
            # and neither is missing.
            surplus = len(keys) - len(np.unique(keys_of(other, kind)))
            surplus = min(surplus, _first_epoch(twins, name))
            return Lacking(max(0, min(surplus, int(absent.sum()))), len(keys), _NONE, 1.0)
    chance, latest = left_out_by_chance(other, kind, len(keys))
    own = left_out_by_chance(side, kind, len(keys))[1]
    missing = int(absent.sum())
    # Contents of which most are new in each epoch are as likely the same examples, changed.
    known = 2 * own < len(side.rows_of(0)) and _gives_one_set(other, kind)
    drawn = (chance or own) and not known
    if drawn and missing <= 3 * max(chance, latest, own, _drawn_together(twins, name)):
        # Those that never reach a batch are missing besides those that a batch leaves out.
        stated = fewer if 3 * chance < fewer <= missing else 0
        return Lacking(stated, len(keys), _NONE, 1.0)
    return Lacking(missing, len(keys), np.sort(first[absent]), 1.0)


def _first_epoch(twins: Twins, name: SideName) -> int:
    """By how many rows the first epoch of a side is longer than the other's."""
    left, right = len(twins.pairs.left_rows), len(twins.pairs.right_rows)
    return left - right if name == "A" else right - left


def copies_by_likeness(twins: Twins, name: SideName) -> int:
    """Examples that a side must give more than once, where augmentation hides which.

    Its epoch is longer, the other side's examples are nearly all in it, and what is left over
    looks like examples that found their partner already.
    """
    pairs, side, other = twins.pairs, twins.side(name), twins.other(name)
    mine, theirs = (
        (pairs.left_rows, pairs.right_rows) if name == "A" else (pairs.right_rows, pairs.left_rows)
    )
    more = len(mine) - len(theirs)
    whole = _read_to_the_end(side) and _read_to_the_end(other)
    if more <= 0 or not whole or len(pairs) < _COMMON_TO_BOTH * len(theirs):
        return 0
    alone = np.setdiff1d(mine, pairs.left if name == "A" else pairs.right)
    some = alone[np.linspace(0, len(alone) - 1, min(len(alone), _MOST_ALONE)).astype(int)]
    views = plain_signatures(side, some), plain_signatures(other, theirs)
    # One by one: two copies would each keep the other from being clearly the best.
    again = sum(len(match(views[0][at : at + 1], views[1])) for at in range(len(some)))
    return more if again >= _ALIKE * len(some) else 0


def _read_to_the_end(trace: Trace) -> bool:
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    return bool(looked) and all(is_whole(trace, index) for index in looked)


def left_out_by_chance(trace: Trace, kind: KeyKind, known: int) -> tuple[float, int]:
    """Of a feed that draws some examples anew each epoch: those expected in none, and still new.

    What the latest epoch brought that none before it had tells how far the search has come, also
    where batches are drawn whole, or some examples more seldom than others.
    """
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    keys = keys_of(trace, kind)
    # A fresh build with a seed of its own draws what the first build drew: that is one draw.
    per_epoch = list(dict.fromkeys(frozenset(keys[trace.rows_of(i)].tolist()) for i in looked))
    if len(per_epoch) < 2:
        return 0.0, 0
    # It may draw from more than are known, so that the known ones come less often.
    every = max(known, len(frozenset[int]().union(*per_epoch)))
    left_out = [1 - len(seen) / every for seen in per_epoch]
    latest = len(per_epoch[-1].difference(*per_epoch[:-1]))
    return known * float(np.prod(left_out)), latest


def _gives_one_set(trace: Trace, kind: KeyKind) -> bool:
    """Whether epochs that follow each other, and fresh builds, all hold the same examples."""
    keys = keys_of(trace, kind)
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    again = any(trace.epochs[index].number for index in looked)
    return again and len({frozenset(keys[trace.rows_of(i)].tolist()) for i in looked}) == 1


def _drawn_together(twins: Twins, name: SideName) -> int:
    """How many examples the other side's epochs take or leave at once: a batch, or one."""
    moved = moves(twins, "B" if name == "A" else "A")
    apart = moved is not None and moved.company is not None and not moved.fixed_batches
    return 1 if apart else int(twins.other(name).ticks.size.max(initial=1))


def _by_likeness(twins: Twins, name: SideName) -> Lacking | None:
    pairs = twins.pairs
    if not _read_to_the_end(twins.side(name)) or pairs.confidence < _NEARLY_ALL:
        return None
    mine, theirs = (
        (pairs.left_rows, pairs.right_rows) if name == "A" else (pairs.right_rows, pairs.left_rows)
    )
    if len(pairs) < _NEARLY_ALL * len(theirs):
        return None
    paired = pairs.left if name == "A" else pairs.right
    alone = np.setdiff1d(mine, paired)
    # A copy of an example that arrived is not missing.
    contents = twins.side(name).rows.content
    copies = np.isin(contents[alone], contents[paired])
    alone = alone[~copies]
    if len(mine) <= len(theirs):
        # Of a list that is no longer than the other, none can be missing there beyond its copies.
        return Lacking(0, len(mine) - int(copies.sum()), _NONE, pairs.confidence)
    # A second copy finds its example taken; left to itself it matches.
    again = match(twins.side(name).rows.signature[alone], twins.other(name).rows.signature[theirs])
    found = int(copies.sum()) + len(again.left)
    missing = max(0, len(mine) - len(theirs) - found)
    if found > missing:
        missing = 0  # then the rest are copies as well, that were changed too much to tell
    return Lacking(missing, len(mine) - found, _NONE, pairs.confidence)
