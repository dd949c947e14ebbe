"""Labels in runs inside of batches that hold every class."""

from __future__ import annotations

import numpy as np

from tests.diff.handmade import COUNT, Order, codes, feed, reshuffled
from twinfeed.diff._measures.order import MEASURES

KINDS, SIZE = 4, 32
LABELS = np.arange(COUNT) % KINDS


def balanced(runs: int) -> Order:
    """Batches of as many of each class, laid class by class; of ``runs`` classes only."""

    def order(epoch: int) -> np.ndarray:
        random = np.random.default_rng(epoch)
        rows = [random.permutation(np.flatnonzero(kind == LABELS)) for kind in range(KINDS)]
        if runs == 1:
            return np.concatenate(rows)
        each = SIZE // KINDS
        return np.concatenate(
            [part[at : at + each] for at in range(0, COUNT // KINDS, each) for part in rows]
        )

    return order


def test_batches_of_every_class_are_not_sorted_whatever_their_inner_order() -> None:
    mixed = feed(reshuffled(), LABELS)
    assert "ORD201" not in codes(feed(balanced(KINDS), LABELS), mixed, MEASURES)
    assert "ORD201" in codes(feed(balanced(1), LABELS), mixed, MEASURES)
