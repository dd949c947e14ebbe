"""Distributions: values of leaves, and what is drawn at random."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.exhibits import Drawn, Histogram
from twinfeed._core.showing import shows_pictures
from twinfeed._core.trace import LeafStats
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._twins import SIDES, SideName, Twins

_BINS = 64
_LEAVES = 6
_SAME_SCALE = 4.0
_COLUMNS = {"brightness": "bias", "contrast": "gain"}  # of views, where a policy names it otherwise


def histograms(twins: Twins) -> tuple[Histogram, ...]:
    """One per dense leaf that both sides counted."""
    found: list[Histogram] = []
    for left in twins.left.stats:
        right = twins.right.stats_of(left.path)
        if right is None or not left.histogram or not right.histogram:
            continue
        found += _both(left, right) if _alike(left, right) else _apart(left, right)
    return tuple(found[:_LEAVES])


def _alike(left: LeafStats, right: LeafStats) -> bool:
    """Whether both fit on one axis: beside 0..255, all of 0..1 is a single bar."""
    spans = [(stats.high or 0.0) - (stats.low or 0.0) for stats in (left, right)]
    return max(spans) <= _SAME_SCALE * min(spans)


def _both(left: LeafStats, right: LeafStats) -> list[Histogram]:
    edges = _edges(left, right)
    return [
        Histogram(
            path=left.path,
            edges=edges,
            left=_shares(left, edges),
            right=_shares(right, edges),
            left_values=left.count,
            right_values=right.count,
        )
    ]


def _apart(left: LeafStats, right: LeafStats) -> list[Histogram]:
    found: list[Histogram] = []
    for name, stats in zip(SIDES, (left, right), strict=True):
        edges, nothing = _edges(stats, stats), np.zeros(_BINS)
        shares = _shares(stats, edges)
        found.append(
            Histogram(
                path=f"{stats.path}, {name}",
                edges=edges,
                left=shares if name == "A" else nothing,
                right=shares if name == "B" else nothing,
                left_values=stats.count if name == "A" else 0,
                right_values=stats.count if name == "B" else 0,
            )
        )
    return found


def _edges(left: LeafStats, right: LeafStats) -> Array:
    lows = [stats.low for stats in (left, right) if stats.low is not None]
    highs = [stats.high for stats in (left, right) if stats.high is not None]
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    return np.linspace(low, high if high > low else low + 1, _BINS + 1)


def _shares(stats: LeafStats, edges: Array) -> Array:
    starts, counts = (np.array(column, np.float64) for column in zip(*stats.histogram, strict=True))
    at = np.searchsorted(edges, starts, side="right") - 1
    found = np.bincount(at.clip(0, _BINS - 1), weights=counts, minlength=_BINS)
    return found / max(found.sum(), 1.0)


def drawn(twins: Twins) -> tuple[Drawn, ...]:
    """Each parameter that either side draws at random, as recovered from its views."""
    if not all(shows_pictures(twins.side(name)) for name in SIDES):
        return ()
    policies = {name: policy(twins, name) for name in SIDES}
    found: list[Drawn] = []
    for field in fields(policies["A"]):
        spreads = {name: getattr(policies[name], field.name) for name in SIDES}
        known = {name: one for name, one in spreads.items() if isinstance(one, Spread)}
        if len(known) < len(SIDES) or not any(one.random for one in known.values()):
            continue
        values = {name: _drawn(twins, name, field.name, known[name]) for name in SIDES}
        both = np.concatenate(list(values.values()))
        if not len(both):
            continue
        low, high = (float(edge) for edge in np.quantile(both, (0.01, 0.99)))
        edges = np.linspace(low, high if high > low else low + 1, 25)
        left, right = (_binned(values[name], edges) for name in SIDES)
        found.append(
            Drawn(
                name=field.name,
                edges=edges,
                left=left,
                right=right,
                left_says=_says(known["A"]),
                right_says=_says(known["B"]),
            )
        )
    return tuple(found)


def _drawn(twins: Twins, name: SideName, field: str, spread: Spread) -> Array:
    values = getattr(twins.views[name], _COLUMNS.get(field, field), None)
    return np.asarray(values, np.float64) if spread.random and values is not None else np.zeros(0)


def _binned(values: Array, edges: Array) -> Array:
    counts = np.histogram(values.clip(edges[0], edges[-1]), edges)[0].astype(np.float64)
    return counts / max(counts.sum(), 1.0)


def _says(spread: Spread) -> str:
    if not spread.random:
        return "not drawn"
    if spread.low == spread.high:
        return f"{spread.low:.3g} of {spread.views:,} views"
    return f"{spread.low:.3g} to {spread.high:.3g} in {spread.views:,} views"
