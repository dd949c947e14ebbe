"""Feeds made by hand, for tests that need no library."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed


def array_feed(
    x: np.ndarray,
    y: np.ndarray | None = None,
    *,
    batch_size: int = 16,
    order: Callable[[int], np.ndarray] | None = None,
    change: Callable[[np.ndarray, int], np.ndarray] | None = None,
    name: str = "arrays",
) -> Feed:
    """A feed over arrays; ``order(epoch)`` permutes, ``change(x, epoch)`` alters each epoch."""
    epoch = iter(range(1 << 30))

    def open_epoch() -> Iterator[Batch]:
        number = next(epoch)
        at = order(number) if order else np.arange(len(x))
        values = change(x, number) if change else x
        for start in range(0, len(at), batch_size):
            chosen = at[start : start + batch_size]
            yield Batch(values[chosen], None if y is None else y[chosen])

    return Feed(
        name=name,
        open_epoch=open_epoch,
        batches=-(-len(x) // batch_size),
        examples=len(x),
        fresh=lambda: array_feed(
            x, y, batch_size=batch_size, order=order, change=change, name=name
        ),
    )
