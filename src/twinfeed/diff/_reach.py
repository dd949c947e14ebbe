"""From what size on a measure that rests on counts finds its cause, and what is open below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from twinfeed.diff._labels._form import label_form
from twinfeed.diff._labels._story import label_story
from twinfeed.diff._policy._randomness import randomness
from twinfeed.diff._streams._order import first_rows, label_mixing, moves, trains
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._values._apart import apart
from twinfeed.diff._values._value_map import value_map

_ROUNDING = 1e-3  # share of the spread that a line leaves where nothing stands beside it


class Enough(StrEnum):
    """What a measure takes that finds its cause whatever its size, as its page says it."""

    PLAN = "Exact: what both feeds state is enough, and no example is needed."
    BATCH = "Exact: one full batch of each feed is enough."
    EPOCH = "Exact: one whole epoch of each feed is enough, and one example that differs."
    CALL = "Exact: one call on each side is enough."
    TIMES = (
        "No number of examples decides: it rests on times, and counts what exceeds their scatter."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a measure that rests on counts promises, and when it must say that it cannot tell.

    Attributes:
        examples: Examples of each feed from which on a difference of this size is found in nine
            runs of ten.
        size: The difference, as it completes "whether ...".
        open: Whether the question arises between two feeds: it does not where what was read
            answers it by itself.
    """

    examples: int
    size: str
    open: Callable[[Twins], bool]

    def question(self, twins: Twins) -> str | None:
        """What cannot be told from so few examples; ``None`` where that is not so."""
        seen = compared(twins)
        if seen >= self.examples or not seen or letter_by_letter(twins) or not self.open(twins):
            return None
        return f"whether {self.size}: {seen:,} examples of each feed are too few to tell"

    @property
    def needs(self) -> str:
        """What it takes to decide."""
        return f"{self.examples:,} examples of each feed"


def letter_by_letter(twins: Twins) -> bool:
    """Whether both gave the very same examples and labels at the same places, epoch by epoch."""
    ledgers = [
        (rows.epoch, rows.content, rows.label_key) for rows in (twins.left.rows, twins.right.rows)
    ]
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(*ledgers, strict=True))


def took_the_same(twins: Twins) -> bool:
    """Whether two calls were given the very same, in as many batches, however long their feeds are."""
    if twins.left.fit is None or twins.right.fit is None:
        return False
    ticks = twins.left.ticks, twins.right.ticks
    return letter_by_letter(twins) and all(
        np.array_equal(getattr(ticks[0], part), getattr(ticks[1], part))
        for part in ("epoch", "size")
    )


def compared(twins: Twins) -> int:
    """Examples of the first epoch that was looked at, of the side with fewer."""
    return min(len(first_rows(twins.side(name))[0]) for name in SIDES)


def drawing_unknown(twins: Twins) -> bool:
    """Whether too few examples were seen twice to know of a side whether it draws anew."""
    return any(
        randomness(twins, name).state == "unknown" and twins.epochs_of(name) is not None
        for name in SIDES
    )


def examples_change(twins: Twins) -> bool:
    """Whether some examples of a side change from epoch to epoch, so that how is a question."""
    return any(_changes(twins, name) for name in SIDES)


def both_change(twins: Twins) -> bool:
    """Whether some of both sides do, so that how they differ in it is a question."""
    return all(_changes(twins, name) for name in SIDES)


def _changes(twins: Twins, name: SideName) -> bool:
    again = twins.epochs_of(name)
    return again is not None and len(again.same) > 0 and not again.same.all()


def order_unknown(twins: Twins) -> bool:
    """Whether a side was read twice and yet too few examples tell how its order changes."""
    if not (trains(twins.left) and trains(twins.right)):
        return False
    return any(twins.epochs_of(name) is not None and moves(twins, name) is None for name in SIDES)


def labels_may_be_sorted(twins: Twins) -> bool:
    """Whether there are labels, of too few examples to say how well they are mixed."""
    if not (trains(twins.left) and trains(twins.right)):
        return False
    return any(
        label_mixing(twins.side(name)) is None and label_form(twins.side(name)).form != "none"
        for name in SIDES
    )


def values_differ(twins: Twins) -> bool:
    """Whether paired examples have other values, or too few are there to pair any."""
    if twins.left.main is None or twins.right.main is None:
        return False
    found = apart(twins)
    return found is None or found.differing > 0


def pictures_differ(twins: Twins) -> bool:
    """Whether paired pictures without augmentation differ, and not by a line alone."""
    mains = [twins.side(name).main for name in SIDES]
    if not all(main is not None and main.is_image for main in mains):
        return False
    if not all(twins.is_plain(name) for name in SIDES) or not values_differ(twins):
        return False
    line = value_map(twins)
    return line is None or line.agreeing < line.pairs or line.residual_share > _ROUNDING


def places_differ(twins: Twins) -> bool:
    """Whether some of few paired examples stand at another place."""
    pairs = twins.pairs
    places = twins.left.rows.position[pairs.left], twins.right.rows.position[pairs.right]
    return bool((places[0] != places[1]).any())


def predictions_differ(twins: Twins) -> bool:
    """The same where a side predicts."""
    return "predict" in {twins.left.role, twins.right.role} and places_differ(twins)


def parts_of_one_set(twins: Twins) -> bool:
    """Whether some examples of two sides are the same and others are not."""
    pairs = twins.pairs
    return 0 < len(pairs) < min(len(pairs.left_rows), len(pairs.right_rows))


def trained_for_epochs(twins: Twins) -> bool:
    """Whether both sides are trainings of which a second epoch was seen."""
    return all(
        twins.side(name).fit is not None and sum(e.looked for e in twins.side(name).epochs) > 1
        for name in SIDES
    )


def labels_in_doubt(twins: Twins) -> bool:
    """Whether some examples paired by likeness have another label, no more than wrong pairs do."""
    found = label_story(twins)
    if found is None or found.exact or found.kind not in {"same", "in doubt", "too few"}:
        return False
    return found.agree < found.pairs


def labels_differ(twins: Twins) -> bool:
    """Whether some paired examples have another label, so that why is a question."""
    found = label_story(twins)
    return found is not None and found.agree < found.pairs
