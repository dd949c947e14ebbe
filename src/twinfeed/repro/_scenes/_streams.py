"""Labels, order, what a pass held, and waiting: columns of the example ledger."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed.diff._twins import SIDES, Twins
from twinfeed.repro._scene import Scene

_LABELS, _ORDER, _PASS, _WAITS = 64, 400, 20_000, 120
_SHOW_LABELS = """\
print("A gives", form_a, "and B gives", form_b)
for (one, other), times in zip(*np.unique(np.stack([a, b], 1), axis=0, return_counts=True)):
    print(f"{one:g} in A is {other:g} in B: {times} examples")
print(f"{(a != b).mean():.0%} of {len(a)} paired examples have another label")
"""
_SHOW_ORDER = """\
for side in "ab":
    if (x := data.get(f"{side}_labels")) is not None:
        runs = np.diff(np.flatnonzero(np.diff(x, prepend=np.nan, append=np.nan)))
        print(f"{side.upper()}: the longest stretch of one class is {runs.max()} of {len(x)} examples")
    if (x := data.get(f"{side}_again")) is not None:
        print(f"{side.upper()}: {(x == np.sort(x)).mean():.0%} of the examples keep their order in epoch 2")
if (x := data.get("b_at")) is not None and len(x) > 1:
    print(f"places in B of A's first examples: {x[:12].tolist()} ...")
    print(f"correlation of the places: {np.corrcoef(np.arange(len(x)), x)[0, 1]:.3f}")
"""
_SHOW_PASSES = """\
for name, x, sizes in (("A", a, a_sizes), ("B", b, b_sizes)):
    print(f"{name}: {len(x)} examples, {len(set(x))} distinct, {len(sizes)} batches,"
          f" usual {np.bincount(sizes).argmax()}, last {sizes[-1]}")
print(f"only in A: {len(set(a) - set(b))}, only in B: {len(set(b) - set(a))}")
"""
_SHOW_WAITS = """\
for name, x in (("A", a), ("B", b)):
    print(f"{name}: first batch {1000 * x[0]:.4g} ms, then a median of {1000 * np.median(x[1:]):.4g} ms")
"""


def labels(twins: Twins, finding: Finding) -> Scene | None:
    """The labels of the same examples on both sides."""
    del finding
    left, right = twins.left.rows, twins.right.rows
    a, b = left.label[twins.pairs.left], right.label[twins.pairs.right]
    if not len(a) or np.isnan(a).all() or np.isnan(b).all():
        return None
    apart = np.flatnonzero(a != b)
    alike = np.flatnonzero(a == b)
    rows = np.sort(np.concatenate([apart[: _LABELS // 2], alike])[:_LABELS])
    forms = {f"form_{side.lower()}": np.array(_form(twins.side(side))) for side in SIDES}
    says = "The class or value of paired examples; of a vector the place of its largest entry."
    return Scene(says, {"a": a[rows], "b": b[rows], **forms}, _SHOW_LABELS)


def _form(trace: Trace) -> str:
    leaves = [leaf for leaf in trace.spec.leaves if leaf.path.startswith("y")]
    return "; ".join(f"{leaf.path} {leaf.dtype} {leaf.shape}" for leaf in leaves) or "no labels"


def order(twins: Twins, finding: Finding) -> Scene | None:
    """Where examples stand: in B against A, in the second epoch against the first."""
    del finding
    found: dict[str, Array] = {}
    for side in SIDES:
        trace, again = twins.side(side), twins.epochs_of(side)
        first = _first_pass(trace)
        classes = trace.rows.label[first][:_ORDER]
        if len(classes) and not np.isnan(classes).any():
            found[f"{side.lower()}_labels"] = classes
        if again is not None and len(again.pairs):
            by_place = np.argsort(trace.rows.position[again.pairs.left])[:_ORDER]
            found[f"{side.lower()}_again"] = trace.rows.position[again.pairs.right[by_place]]
    pairs = twins.pairs
    if len(pairs):
        by_place = np.argsort(twins.left.rows.position[pairs.left])[:_ORDER]
        found["b_at"] = twins.right.rows.position[pairs.right[by_place]]
    if not found:
        return None
    says = "Classes as they come, and places of the same examples."
    return Scene(says, found, _SHOW_ORDER)


def passes(twins: Twins, finding: Finding) -> Scene | None:
    """The examples of the first pass of each side, numbered so that equal numbers are equal examples."""
    del finding
    numbers: dict[tuple[str, int], int] = {}
    found: dict[str, Array] = {}
    partner = dict(zip(twins.pairs.right.tolist(), twins.pairs.left.tolist(), strict=True))
    for side in SIDES:
        trace = twins.side(side)
        rows = _first_pass(trace)[:_PASS]
        named = bool(len(rows)) and bool(trace.rows.id[rows].all())
        keys = trace.rows.id if named else trace.rows.content
        # Paired examples have one number although their contents differ.
        first_of = {int(keys[row]): row for row in reversed(rows.tolist())}
        listed: list[int] = []
        for row in rows.tolist():
            own = ("a" if side == "A" else "b", int(keys[row]))
            pair = partner.get(first_of[own[1]]) if side == "B" else None
            key = own if pair is None else ("a", int(_keys(twins.left)[pair]))
            listed.append(numbers.setdefault(key, len(numbers)))
        sizes = trace.ticks.size[
            trace.ticks.epoch == (trace.rows.epoch[rows[0]] if len(rows) else 0)
        ]
        if not listed or not len(sizes):
            return None
        found |= {side.lower(): np.array(listed), f"{side.lower()}_sizes": sizes.astype(np.int64)}
    return Scene("The examples of one pass by number, and its batches.", found, _SHOW_PASSES)


def _keys(trace: Trace) -> Array:
    rows = _first_pass(trace)
    return trace.rows.id if len(rows) and trace.rows.id[rows].all() else trace.rows.content


def _first_pass(trace: Trace) -> Array:
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    return trace.rows_of(looked[0]) if looked else np.zeros(0, np.int64)


def waits(twins: Twins, finding: Finding) -> Scene | None:
    """Seconds waited for each batch of a pass that was only timed, else of the first."""
    del finding
    found: dict[str, Array] = {}
    for side in SIDES:
        trace = twins.side(side)
        timed = [index for index, epoch in enumerate(trace.epochs) if not epoch.looked]
        rows = np.flatnonzero(trace.ticks.epoch == (timed[0] if timed else 0))[:_WAITS]
        if len(rows) < 2:
            return None
        found[side.lower()] = trace.ticks.wait_s[rows].round(7)
    return Scene("Seconds waited for each batch, as timed on that machine.", found, _SHOW_WAITS)
