"""What is drawn at random: the same examples at several times, or the recovered parameters."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.repro._scene import Scene

_OVER_TIME = {"AUG201", "AUG202", "AUG203", "AUG208", "AUG214"}
"""Causes that show in one example over epochs, rather than in how much is drawn."""
_EXAMPLES = 8
_VIEWS = 400
_COLUMNS = (
    "flip_x", "flip_y", "zoom_x", "zoom_y", "rotation_degrees", "shear_degrees", "shift_x",
    "shift_y", "gain", "bias",
)  # fmt: skip
_TIMES = """\
for side in "ab":
    first = data[f"{side}_epoch_1"].astype(float)
    for when in ("epoch_2", "fresh_build"):
        if (name := f"{side}_{when}") in data:
            apart = np.abs(data[name] - first).reshape(len(first), -1).mean(1)
            print(f"{side.upper()}, {when}: {(apart == 0).mean():.0%} of {len(apart)} examples are"
                  f" as in epoch 1; mean change {apart.mean():.4g}")
"""
_PARAMETERS = """\
for name in sorted({name[2:] for name in data}):
    for side in "ab":
        if (x := data.get(f"{side}_{name}")) is not None:
            low, middle, high = np.quantile(x, (0.05, 0.5, 0.95))
            print(f"{name} of {side.upper()}: mean {x.mean():.4g}, 5 % {low:.4g}, median {middle:.4g},"
                  f" 95 % {high:.4g}, {len(x)} views")
"""


def augmentation(twins: Twins, finding: Finding) -> Scene | None:
    """Examples over time where that shows it, else the parameters of the registered views."""
    if finding.code in _OVER_TIME:
        return _over_time(twins)
    found: dict[str, Array] = {}
    for side in SIDES:
        views = twins.views[side]
        for name in _COLUMNS:
            column = np.asarray(getattr(views, name), np.float64)[:_VIEWS]
            if len(column):
                found[f"{side.lower()}_{name}"] = column.round(4)
    moved = {name[2:] for name, column in found.items() if np.ptp(column) > 0}
    kept = {name: column for name, column in found.items() if name[2:] in moved}
    if not kept:
        return None
    says = "How each view was taken from its reference, as recovered from the pictures."
    return Scene(says, kept, _PARAMETERS)


def _over_time(twins: Twins) -> Scene | None:
    found: dict[str, Array] = {}
    for side in SIDES:
        found |= _times(twins, side)
    if not found:
        return None
    return Scene("The same examples of each feed at several times.", found, _TIMES)


def _times(twins: Twins, side: SideName) -> dict[str, Array]:
    """Whole examples of one shape that were kept at every time."""
    trace, seen = twins.side(side), {"epoch_2": twins.epochs_of(side)}
    seen["fresh_build"] = twins.builds_of(side)
    kept = {row: at for at, row in enumerate(trace.kept.row.tolist())}
    partners = {
        when: dict(zip(one.pairs.left.tolist(), one.pairs.right.tolist(), strict=True))
        for when, one in seen.items()
        if one is not None
    }
    if not partners:
        return {}
    firsts = [
        row
        for row in next(iter(partners.values()))
        if row in kept and all(one.get(row) in kept for one in partners.values())
    ]
    shape = trace.kept.values[kept[firsts[0]]].shape if firsts else ()
    firsts = [row for row in firsts if trace.kept.values[kept[row]].shape == shape]
    firsts = _with_changed(trace.rows.content, firsts, list(partners.values()))
    rows = {"epoch_1": firsts} | {w: [one[row] for row in firsts] for w, one in partners.items()}
    whole = {w: [trace.kept.values[kept[row]] for row in listed] for w, listed in rows.items()}
    alike = firsts and all(value.shape == shape for listed in whole.values() for value in listed)
    return {f"{side.lower()}_{w}": np.stack(v) for w, v in whole.items()} if alike else {}


def _with_changed(content: Array, firsts: list[int], partners: list[dict[int, int]]) -> list[int]:
    """The first few, with one that changed at each time at which any of them all did."""
    changed = ([row for row in firsts if content[row] != content[one[row]]] for one in partners)
    shown = {rows[0] for rows in changed if rows}
    rest = [row for row in firsts if row not in shown][: _EXAMPLES - len(shown)]
    return sorted([*shown, *rest])
