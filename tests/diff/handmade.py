"""Traces of feeds made by hand: which examples come in which order, and how long each batch takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan
from twinfeed._core.trace import Epoch, Fit, Ticks, Trace
from twinfeed.diff import Measure, compare
from twinfeed.observe import Budget, observe

Order = Callable[[int], np.ndarray | list[np.ndarray]]
"""The rows of an epoch, by its number; a list holds those of each batch."""

COUNT = 400
X = np.random.default_rng(7).normal(size=(COUNT, 24)).astype(np.float32)
SORTED = np.arange(COUNT) // 40
MIXED = np.random.default_rng(8).permutation(SORTED)


def in_order(_epoch: int) -> np.ndarray:
    return np.arange(COUNT)


def reshuffled(seed: int = 0) -> Order:
    return lambda epoch: np.random.default_rng((seed, epoch)).permutation(COUNT)


def shuffled_once(seed: int = 0) -> Order:
    return lambda _epoch: np.random.default_rng(seed).permutation(COUNT)


def through_a_buffer(places: int, seed: int = 0) -> Order:
    """The order that a shuffle with so many places gives, as ``tf.data`` does it."""

    def order(epoch: int) -> np.ndarray:
        random = np.random.default_rng((seed, epoch))
        held, out = list(range(min(places, COUNT))), []
        for row in range(len(held), COUNT):
            at = int(random.integers(places))
            out.append(held[at])
            held[at] = row
        return np.array([*out, *random.permutation(held)])

    return order


def batches_shuffled(size: int = 32, seed: int = 0) -> Order:
    def order(epoch: int) -> list[np.ndarray]:
        starts = np.random.default_rng((seed, epoch)).permutation(np.arange(0, COUNT, size))
        return [np.arange(at, min(at + size, COUNT)) for at in starts]

    return order


def inside_batches(size: int = 32, seed: int = 0) -> Order:
    """Batches stay where they are; the order in each changes, as with ``fit(shuffle="batch")``."""

    def order(epoch: int) -> np.ndarray:
        random = np.random.default_rng((seed, epoch))
        parts = [np.arange(at, min(at + size, COUNT)) for at in range(0, COUNT, size)]
        return np.concatenate([random.permutation(part) for part in parts])

    return order


def feed(
    order: Order = in_order,
    labels: np.ndarray | None = None,
    *,
    size: int = 32,
    plan: Plan | None = None,
    named: bool = False,
    **stated: Any,
) -> Feed:
    """A feed whose epochs hold these rows."""
    given = SORTED if labels is None else labels
    epochs = iter(range(1000))

    def open_epoch() -> Iterator[Batch]:
        rows = order(next(epochs))
        if not isinstance(rows, list):
            rows = [rows[low : low + size] for low in range(0, len(rows), size)]
        for chosen in rows:
            yield Batch(X[chosen], given[chosen], ids=chosen.astype(str) if named else None)

    return Feed(
        name="by hand",
        open_epoch=open_epoch,
        plan=plan,
        fresh=lambda: feed(order, labels, size=size, plan=plan, named=named, **stated),
        **stated,
    )


def seen(made: Feed, *, examples: int = 10_000) -> Trace:
    return observe(made, budget=Budget(timing_s=0, examples=examples))


def codes(
    left: Feed | Trace, right: Feed | Trace, measures: Sequence[Measure] | None = None
) -> set[str]:
    """Codes of everything found between two feeds, both ways, which must agree."""
    a, b = (side if isinstance(side, Trace) else seen(side) for side in (left, right))
    found = {finding.code for finding in compare(a, b, measures=measures).findings}
    back = {finding.code for finding in compare(b, a, measures=measures).findings}
    assert found == back
    return found


def timed(
    trace: Trace,
    waits: np.ndarray,
    *,
    ended: bool = False,
    size: int = 32,
    looked: np.ndarray | None = None,
) -> Trace:
    """The trace with one timed pass whose batches took so long, in seconds.

    Args:
        trace: Whose rows stay.
        waits: Seconds per batch.
        ended: Whether the feed ended the pass.
        size: Examples per batch.
        looked: Seconds per batch of the epochs that were looked at; the same by default.
    """
    passes = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    epochs = [trace.epochs[index] for index in passes]
    before = np.resize(waits if looked is None else looked, len(passes) * 12)
    ticks = Ticks(
        epoch=np.r_[np.repeat(np.arange(len(passes)), 12), np.full(len(waits), len(passes))],
        size=np.full(len(before) + len(waits), size),
        wait_s=np.r_[before, waits],
        step_s=np.full(len(before) + len(waits), np.nan),
    )
    last = Epoch(build=0, number=2, ended=ended, looked=False)
    return replace(trace, epochs=(*epochs, last), ticks=ticks)


def fitted(trace: Trace, handed: str = "tf.data.Dataset", **arguments: Any) -> Trace:
    """The trace as if it came from ``fit``."""
    usual = {"epochs": 1, "shuffle": True, "batch_size": None, "steps_per_epoch": None}
    fit = Fit(handed=handed, arguments=usual | arguments, batches=trace.batches)
    return replace(trace, role="fit", fit=fit)
