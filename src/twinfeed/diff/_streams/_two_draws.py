"""Two parts of one set of examples that were drawn by different rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._remembered import remembered
from twinfeed.diff._split import draws_rounds, parts
from twinfeed.diff._streams._emptied import emptied
from twinfeed.diff._streams._epochs import batch_sizes, passed
from twinfeed.diff._streams._identity import (
    KeyKind,
    key_kind,
    keys_of,
    left_out_by_chance,
    only_texts,
)
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._streams._tails import drops_tail, same_data
from twinfeed.diff._twins import SIDES, Twins

_LESS = 0.5  # share of the smaller side in common up to which the sizes of the parts do not matter
_AS_MANY = 0.02  # by which the parts may differ in size where they have more in common
_AWAY = 0.03  # share of the examples of each that the other must lack then
_OWN, _LEAST_OWN = 0.05, 3  # the same share of the smaller side's, and so many, where sizes differ
_NEAR_COPIES = 0.1  # share of a side's own examples that may be paired with near copies of them
_STILL_NEW = 0.05  # share of a side's examples that its latest epoch was the first to give
LEAST = 3  # examples in common
_LEAST_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class TwoDraws:
    """What two parts have in common.

    Attributes:
        common: Different examples that both have.
        left: Different examples of A.
        right: Different examples of B.
        told_by: What tells examples apart.
    """

    common: int
    left: int
    right: int
    told_by: KeyKind | Literal["file"]


@remembered
def two_draws(twins: Twins) -> TwoDraws | None:
    """Two parts of which each has examples that the other lacks; ``None`` where that is not so.

    With most examples in common each class is in both, and of parts of other sizes the smaller one has
    examples of its own too: a file type or a folder that one reader skips takes from one side only,
    or a whole class.
    """
    kind = told_apart_by(twins)
    return None if kind is None else _by_keys(twins, kind, _keys(twins, kind))


@remembered
def told_apart_by(twins: Twins) -> KeyKind | None:
    """What tells the examples of two sides apart; ``None`` where what they have in common is open."""
    if parts(twins) is not None or not all(_read_whole(twins.side(name)) for name in SIDES):
        return None
    if any(draws_rounds(twins.side(name).plan) for name in SIDES):
        return None  # what is in common hangs on how many rounds there are
    if emptied(twins) is not None:
        return None  # of whatever such a picture was, nothing is left to be in common
    kind: KeyKind = "id" if key_kind(twins) == "id" else "content"
    if kind == "content" and not all(twins.is_plain(name) for name in SIDES):
        return None  # changes drawn once and kept make other contents of the same examples
    known = [len(np.unique(side)) for side in _keys(twins, kind)]
    if any(
        left_out_by_chance(twins.side(name), kind, count)[1] > _STILL_NEW * count
        for name, count in zip(SIDES, known, strict=True)
    ):
        return None  # each epoch takes other examples: all may be in common in the end
    return kind if min(known) >= _LEAST_EXAMPLES else None


def _keys(twins: Twins, kind: KeyKind) -> list[Array]:
    return [keys_of(twins.side(name), kind) for name in SIDES]


def _by_keys(twins: Twins, kind: KeyKind, keys: list[Array]) -> TwoDraws | None:
    left, right = (np.unique(side) for side in keys)
    both = np.intersect1d(left, right, assume_unique=True)
    fewer, common = min(len(left), len(right)), len(both)
    if common < LEAST:
        return None
    if common < _LESS * fewer:
        # Found again by likeness they are the same examples, changed; texts may be so unseen.
        few = not same_data(twins, share=_LESS)
        few = few and not (kind == "content" and all(map(only_texts, (twins.left, twins.right))))
    else:
        few = have_their_own(common, len(left), len(right))
        again = len(twins.pairs) - common
        few = few and key_kind(twins) is not None and again <= _NEAR_COPIES * (fewer - common)
        lacking = max(len(left), len(right)) - common
        few = few and not all(may_drop(twins.side(name), lacking) for name in SIDES)
        few = few and all(
            all_classes(twins.side(name), twins.side(name).rows.label_key, np.isin(side, both))
            for name, side in zip(SIDES, keys, strict=True)
        )
    return TwoDraws(common, len(left), len(right), kind) if few else None


def have_their_own(common: int, left: int, right: int) -> bool:
    """Whether each side has examples that the other lacks, and not just a few."""
    fewer, more = min(left, right), max(left, right)
    as_many = more - fewer <= _AS_MANY * more
    # A smaller side is mostly a part of the other: what it alone has says that it is none.
    return fewer - common >= (_AWAY * fewer if as_many else max(_LEAST_OWN, _OWN * fewer))


def all_classes(trace: Trace, labels: Array, shared: Array) -> bool:
    """Whether what the other side lacks is of classes of which it has others.

    Targets that are numbers or pictures are of no class.
    """
    if label_form(trace).form in {"numbers", "picture"}:
        return True
    return bool(np.isin(labels[~shared], labels[shared]).all())


def may_drop(trace: Trace, examples: int) -> bool:
    """Whether so many examples may be what did not fill a batch, in an order of the side's own."""
    sizes, epochs = batch_sizes(trace), passed(trace)
    if sizes is None or sizes.varies or not epochs or drops_tail(trace) is False:
        return False
    return examples < sizes.usual and epochs[0].examples % sizes.usual == 0


def _read_whole(trace: Trace) -> bool:
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    return bool(looked) and all(is_whole(trace, index) for index in looked)
