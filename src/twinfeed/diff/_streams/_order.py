"""How a side's examples are ordered: within an epoch, and from one epoch to the next."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._streams._epochs import cache_left_open, starts_at_the_beginning
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.stats.sequence import (
    Company,
    Mixing,
    Nearby,
    kept_company,
    kept_followers,
    kept_nearby,
    neighbours,
    serial_rank,
)

Change: TypeAlias = Literal["still", "local", "mixed"]

LEAST_EXAMPLES = 20
BY_CHANCE = 1e-3
"""From which on an order of a few batches may have been drawn."""
_LEAST_CONFIDENCE = 0.9
_LOCAL = 0.7  # share of full mixing's displacement that a buffer of a third of the data gives
_SURE = 6.0  # standard deviations
_FIXED = 0.9  # company kept beyond chance that makes two passes the same batches
_LIKELY = 1e-4  # chance that a mixed order gives the same batches: all but a few may be in one
_SHIFTED = 0.9  # share of the examples that are shifted alike when one order began elsewhere
_LARGE = 8  # examples of a batch that are not all missed unless it is missing
_PIECES = 9  # in one order by chance: 1 in 360,000
_NEARLY_ALL = 0.9  # share of a part in common from which the order of a few pieces is the part's
_CLUSTERS, _CLUSTERS_Z, _MAY_Z = 0.06, 8.0, 4.0  # share kept near beyond chance, and how surely
_CLUSTERED_OF = 200  # examples from which on that says something
_GROUPED = 0.5  # share that keep their follower above which groups of two or more were moved


@dataclass(frozen=True, slots=True)
class Moves:
    """How the order of one side changes between two epochs.

    Attributes:
        change: ``still``: the same order; ``local``: examples stay near their place;
            ``mixed``: anything further.
        examples: Examples that were found in both epochs, each once.
        moved: Mean number of places that an example moves.
        mixed_moves: The same if the second order were drawn at random.
        company: Whether the same examples share batches again; ``None`` where that says nothing.
        batches: Batches of the first epoch that these examples came in.
        follow: Share of the examples that have the same follower again, 0 to 1.
        stay: Share that stand at the same place again, counted from the start or among the
            examples in common, 0 to 1.
        nearby: How often those that follow one another stand near each other again.
    """

    change: Change
    examples: int
    moved: float
    mixed_moves: float
    company: Company | None
    batches: int = 0
    follow: float = 0.0
    stay: float = 0.0
    nearby: Nearby | None = None

    @property
    def in_clusters(self) -> bool:
        """Whether examples move far, and those that are stored together mostly stay together."""
        near = self.nearby
        sure = near is not None and near.z > _CLUSTERS_Z and near.excess > _CLUSTERS
        return sure and self.change == "mixed" and self.examples >= _CLUSTERED_OF

    @property
    def may_cluster(self) -> bool:
        """Whether chance alone does not explain how many stay together."""
        return self.nearby is None or self.nearby.z > _MAY_Z

    @property
    def by_chance(self) -> float:
        """Where whole batches are moved, the chance that they had kept their order, 0 to 1."""
        return batches_in_order(self.batches) if self.fixed_batches else 0.0

    @property
    def share(self) -> float:
        """Places moved as a share of full mixing's, about 0 to 1."""
        return self.moved / self.mixed_moves

    @property
    def fixed_batches(self) -> bool:
        """Whether the batches hold the same examples in both epochs."""
        kept = self.company
        return kept is not None and kept.excess >= _FIXED and kept.chance < _LIKELY

    @property
    def shuffled_batches(self) -> bool:
        """Whether the order changes and yet the batches hold the same examples."""
        return self.change != "still" and self.fixed_batches

    @property
    def shuffled_groups(self) -> bool:
        """Whether neighbours travel together, in groups that are not the batches."""
        moved = self.change == "mixed" and self.batches > 1
        return moved and self.follow >= _GROUPED and not self.fixed_batches

    @property
    def group_examples(self) -> float:
        """Examples that travel together, on average."""
        return 1 / (1 - self.follow) if self.follow < 1 else float(self.examples)


def trains(trace: Trace) -> bool:
    """Whether a feed may be used for training, where its order matters."""
    return trace.role in {"feed", "fit"}


def left_to_fit(trace: Trace) -> Literal["examples", "batches"] | None:
    """What ``fit`` mixes by itself of a feed that was read outside of it.

    ``fit(shuffle=True)`` is the default: it mixes the examples of arrays, and the batches of a
    ``PyDataset`` and of ``ImageDataGenerator``. Their own order then says nothing about it.
    """
    if trace.role != "feed" or trace.plan is None:
        return None
    if trace.plan.library == "arrays":
        return "examples"
    batches = "PyDataset" in trace.plan.library or "ImageDataGenerator" in trace.plan.library
    return "batches" if batches else None


def first_rows(trace: Trace) -> tuple[Array, bool]:
    """Rows of the first epoch that was looked at, and whether they are all of it."""
    for index, epoch in enumerate(trace.epochs):
        if epoch.looked and epoch.build == 0:
            return trace.rows_of(index), is_whole(trace, index)
    return np.zeros(0, int), False


def is_whole(trace: Trace, index: int) -> bool:
    """Whether the feed ended an epoch and every example of it is in the ledger.

    In training, looking may stop before the epoch does so that it costs no time.
    """
    examples = int(trace.ticks.size[trace.ticks.epoch == index].sum())
    passed = trace.epochs[index].ended and starts_at_the_beginning(trace, index)
    return passed and len(trace.rows_of(index)) == examples


def label_mixing(trace: Trace) -> Mixing | None:
    """How often neighbours share a label in the first epoch; ``None`` without usable labels."""
    rows, _ = first_rows(trace)
    if len(rows) < LEAST_EXAMPLES:
        return None
    form = label_form(trace)
    if form.form == "none":
        return None
    # What is given several times in a row makes a run of its label and no order of the data. What
    # comes again later is drawn again: without it, a class drawn often would seem to come first.
    both = np.stack([trace.rows.content[rows], trace.rows.label_key[rows]])
    rows = rows[np.r_[True, (both[:, 1:] != both[:, :-1]).any(axis=0)]]
    if len(rows) < LEAST_EXAMPLES:
        return None
    keys = trace.rows.label[rows] if form.is_class else trace.rows.label_key[rows]
    if len(np.unique(keys)) <= len(keys) // 2:
        return neighbours(keys)
    values = trace.rows.label[rows]
    # One number per example has an order; a vector of numbers has none.
    if form.form != "numbers" or np.isnan(values).any() or len(form.shape) > 1:
        return None
    return serial_rank(values) if form.shape in {(), (1,)} else None


def moves(twins: Twins, name: SideName) -> Moves | None:
    """How a side's order changes from its first to its second epoch; ``None`` if not seen."""
    again = twins.epochs_of(name)
    if again is None or again.pairs.confidence < _LEAST_CONFIDENCE:
        return None
    trace, pairs = twins.side(name), again.pairs
    if trace.plan and cache_left_open(trace, list(trace.plan.of_kind("shuffle"))):
        return None
    chosen = _single(trace, pairs)
    count = len(chosen)
    if count < LEAST_EXAMPLES:
        return None
    left, right = pairs.left[chosen], pairs.right[chosen]
    places = trace.rows.position[left], trace.rows.position[right]
    batches = len(np.unique(trace.rows.batch[left]))
    change = np.abs(places[0] - places[1]).astype(float)
    mixed_moves = (len(pairs.left_rows) + len(pairs.right_rows)) / 6
    company = kept_company(trace.rows.batch[left], trace.rows.batch[right])
    stay = _staying(*places, of=min(len(pairs.left_rows), len(pairs.right_rows)))
    if _misses_batches(trace.rows.batch[pairs.left_rows], trace.rows.batch[left]):
        stay = 0.0  # the batches that came again may be at their place by chance, others are not
    moved = float(change.mean())
    # What is moved as one counts once.
    apart = min(count, _pieces(*places))
    kind: Change = "local" if stays_near(moved / mixed_moves, apart) else "mixed"
    if stay >= (0.95 if pairs.method != "likeness" else 0.8):
        kind = "still"
    follow = kept_followers(*places)
    near = kept_nearby(*places)
    return Moves(kind, count, moved, mixed_moves, company, batches, follow, stay, near)


def _misses_batches(every: Array, again: Array) -> bool:
    """Whether of few large batches some did not come again, as where they are moved whole.

    Args:
        every: The batch of each example of a pass.
        again: The batch of each that was found in the next one.
    """
    batches = len(np.unique(every))
    large = len(every) >= _LARGE * batches
    return large and batches < _PIECES and len(np.unique(again)) < _NEARLY_ALL * batches


def stays_near(share: float, examples: int) -> bool:
    """Whether examples move less than a mixed order moves them, beyond what chance gives.

    Args:
        share: Mean of the places they move, as a share of full mixing's.
        examples: How many it is the mean of.
    """
    return share < _LOCAL and (1 - share) / (0.71 / np.sqrt(examples)) > _SURE


def offset(twins: Twins) -> int | None:
    """Places by which A is further along than B in one order; ``None`` if it is not one order.

    What stands at place ``p`` of A stands at ``p + offset`` of B, counted round where both passes
    hold all of the same examples. A side that never gives what it starts behind lacks it instead.
    """
    pairs = twins.pairs
    if len(pairs) < LEAST_EXAMPLES or pairs.confidence < _LEAST_CONFIDENCE:
        return None
    left = twins.left.rows.position[pairs.left].astype(np.int64)
    right = twins.right.rows.position[pairs.right].astype(np.int64)
    count = len(pairs.left_rows)
    whole = count == len(pairs.right_rows) == len(pairs)
    shift = (right - left) % count if whole else right - left
    values, times = np.unique(shift, return_counts=True)
    found = int(values[times.argmax()])
    if not found or times.max() < _SHIFTED * len(pairs):
        return None
    # What is predicted is hardly ever shuffled: there a few batches in order are the order.
    if (trains(twins.left) or trains(twins.right)) and _batches_fell_so(twins, whole=whole):
        return None
    if not whole:
        behind = twins.left if found > 0 else twins.right
        _, ended = first_rows(behind)
        return None if ended else found
    return found if found <= count / 2 else found - count


def batches_in_order(batches: int) -> float:
    """The chance, 0 to 1, that so many batches which are moved whole come in one given order."""
    return exp(-lgamma(batches + 1))


def _batches_fell_so(twins: Twins, *, whole: bool) -> bool:
    """Whether a few batches, the same ones on both sides, may just have been drawn in this order."""
    rows = twins.left.rows, twins.right.rows
    batches = rows[0].batch[twins.pairs.left], rows[1].batch[twins.pairs.right]
    company, count = kept_company(*batches), len(np.unique(batches[0]))
    if company is None:
        # One batch of several that both parts happen to hold, wherever it stands.
        several = len(np.unique(rows[0].batch[twins.pairs.left_rows])) > 1
        return several and count == len(np.unique(batches[1])) == 1
    if company.excess < _FIXED:
        return False
    # Counted round, any of them may come first; of two parts there is one order of what they share.
    chance = batches_in_order(count) * (count if whole else 1)
    for name in SIDES:
        moved = moves(twins, name)
        if moved is not None and moved.change == "still":
            chance *= batches_in_order(count)
    return chance > BY_CHANCE


def _single(trace: Trace, pairs: Pairs) -> Array:
    """The pairs whose example comes once in each epoch: the n-th of equal ones is no identity."""
    keys = np.where(trace.rows.id != 0, trace.rows.id, trace.rows.content)
    once = [
        np.isin(keys[side], _once(keys[rows]))
        for side, rows in ((pairs.left, pairs.left_rows), (pairs.right, pairs.right_rows))
    ]
    return np.flatnonzero(once[0] & once[1])


def _once(keys: Array) -> Array:
    values, counts = np.unique(keys, return_counts=True)
    return values[counts == 1]


def _pieces(first: Array, second: Array) -> int:
    """Into how many parts an order fell that were moved as one."""
    along = np.argsort(first)
    return 1 + int(np.count_nonzero(np.diff(second[along] - first[along])))


def _staying(first: Array, second: Array, *, of: int) -> float:
    """Share of equal places, counted from the start or among the examples in common.

    Parts of two epochs have few batches in common where batches are shuffled whole, and a few
    of those come in the same order by chance: only what is nearly all of a part, or fell into
    many pieces, says anything by its order alone.
    """
    still = float((first == second).mean())
    if _pieces(first, second) < _PIECES and len(first) < _NEARLY_ALL * of:
        return still
    ranks = [np.argsort(np.argsort(side)) for side in (first, second)]
    return max(still, float((ranks[0] == ranks[1]).mean()))
