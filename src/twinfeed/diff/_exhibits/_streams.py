"""What came when: order, labels, coverage and waiting."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.exhibits import Coverage, LabelRun, OrderMap, Timeline
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._twins import SIDES, Twins

_POINTS = 600
_LABELS = 400
_MOST_CLASSES = 40
_BATCHES = 120


def orders(twins: Twins) -> tuple[OrderMap, ...]:
    """A against B, and each side's second epoch against its first."""
    found = [
        _map(
            "B against A",
            ("position in A", "position in B"),
            twins.pairs,
            (twins.left, twins.right),
        )
    ]
    for name in SIDES:
        again = twins.epochs_of(name)
        if again is not None:
            trace = twins.side(name)
            axes = ("position in epoch 1", "position in epoch 2")
            found.append(
                _map(f"{name}: second epoch against first", axes, again.pairs, (trace, trace))
            )
    return tuple(one for one in found if one.examples)


def _map(title: str, axes: tuple[str, str], pairs: Pairs, traces: tuple[Trace, Trace]) -> OrderMap:
    picks = np.linspace(0, max(0, len(pairs) - 1), min(len(pairs), _POINTS)).astype(int)
    return OrderMap(
        title=title,
        across=axes[0],
        up=axes[1],
        x=traces[0].rows.position[pairs.left[picks]],
        y=traces[1].rows.position[pairs.right[picks]],
        examples=len(pairs),
    )


def runs(twins: Twins) -> tuple[LabelRun, ...]:
    """The classes of the first examples of each side's first epoch, where labels are classes."""
    if not all(label_form(twins.side(name)).is_class for name in SIDES):
        return ()
    first = {
        name: _first_rows(twins.side(name), twins.side(name).rows.label)[:_LABELS] for name in SIDES
    }
    known = np.unique(np.concatenate(list(first.values())))
    known = known[~np.isnan(known)]
    if not 1 < len(known) <= _MOST_CLASSES:
        return ()
    names = tuple(f"{label:g}" for label in known.tolist())
    return tuple(
        LabelRun(
            side=name,
            classes=np.searchsorted(known, labels[~np.isnan(labels)]),
            names=names,
        )
        for name, labels in first.items()
    )


def _first_rows(trace: Trace, column: Array) -> Array:
    looked = [i for i, epoch in enumerate(trace.epochs) if epoch.looked]
    return column[trace.rows_of(looked[0])] if looked else column[:0]


def coverage(twins: Twins) -> tuple[Coverage, ...]:
    """What each pass that was looked at held."""
    found: list[Coverage] = []
    for name in SIDES:
        trace = twins.side(name)
        for index, epoch in enumerate(trace.epochs):
            rows = trace.rows_of(index)
            if not epoch.looked or not len(rows):
                continue
            named = bool(trace.rows.id[rows].all())
            keys = trace.rows.id[rows] if named else trace.rows.content[rows]
            build = f"fresh build {epoch.build}, " if epoch.build else ""
            found.append(
                Coverage(
                    side=name,
                    epoch=f"{build}epoch {epoch.number + 1}",
                    examples=len(rows),
                    distinct=len(np.unique(keys)),
                    ended=epoch.ended,
                )
            )
    return tuple(found)


def timelines(twins: Twins) -> tuple[Timeline, ...]:
    """The first batches of the first pass that nothing slowed down, else of the first pass."""
    found: list[Timeline] = []
    for name in SIDES:
        trace = twins.side(name)
        timed = [i for i, epoch in enumerate(trace.epochs) if not epoch.looked]
        chosen = timed[0] if timed else 0
        rows = np.flatnonzero(trace.ticks.epoch == chosen)[:_BATCHES]
        if not len(rows):
            continue
        step_s = trace.ticks.step_s[rows]
        trained = bool(np.isfinite(step_s).all())
        found.append(
            Timeline(
                side=name,
                wait_s=trace.ticks.wait_s[rows],
                step_s=step_s if trained else step_s[:0],
            )
        )
    return tuple(found)
