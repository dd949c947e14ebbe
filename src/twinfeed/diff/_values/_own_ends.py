"""Examples that were scaled by their own extremes, told from the partners that were not.

``x / x.max()`` leaves a photo that holds white as it was, and another one brighter: the factors lie
close together, and a range of 0..1 says nothing. What tells is that the highest value is 1 in every
example of one side, and that its partner, divided by its own highest value, has the same mean and the
same spread. Where draws stand between the two these differ; then it takes more examples, of which no
more points hold the highest value than in their partners: many would have been cut off there.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

BY_PEAK = "divided by the highest value of each example"
STRETCHED = "stretched to its full range image by image"
_LEAST, _MOST = 8, 200  # examples
_LEAST_VALUES = 16  # of an example
_ONE_NUMBER = 1e-3  # of the peaks, by which those that are one number may differ
_VARY, _SOME = 0.005, 0.1  # share by which peaks differ from the middle one, in so many examples
_SAME = 3e-3  # of the range, by which means and spreads may differ: whole levels were rounded
_NEARLY_ALL = 0.95
_LEAST_DRAWN = 40  # examples, where chance stands between them
_SURELY = 2.0  # standard errors by which means must lie beside
_NEARER = 0.5  # of how far they do, that own ends may leave
_CUT_OFF = 3.0  # times the share of highest points, beyond which values were cut off there


@remembered
def own_ends(twins: Twins) -> dict[SideName, str]:
    """The side whose examples were scaled by their own extremes, with how; empty without one.

    Both cannot be: each is told by the other's extremes, which differ.
    """
    kept = _kept(twins)
    if not any(map(_may_be_scaled, (_extremes(*one) for one in kept))):
        return {}  # most feeds, told by what takes a tenth of the rest
    drawn = not (twins.is_plain("A") and twins.is_plain("B"))
    figures = [_figures(*one) for one in kept]
    usable = np.logical_and(*(np.isfinite(one).all(axis=0) & (one[3] > 0) for one in figures))
    if np.count_nonzero(usable) < (_LEAST_DRAWN if drawn else _LEAST):
        return {}
    shown = {name: one[:, usable] for name, one in zip(SIDES, figures, strict=True)}
    found: dict[SideName, str] = {}
    for name, other in EACH_WAY:
        said = _scaled(shown[name], shown[other], drawn=drawn)
        if said is not None:
            found[name] = said
    return found


def _kept(twins: Twins) -> list[tuple[Trace, Array]]:
    at = twins.kept_pairs
    some = np.linspace(0, len(at[0]) - 1, min(_MOST, len(at[0]))).astype(int)
    return [(trace, side[some]) for trace, side in zip((twins.left, twins.right), at, strict=True)]


def _extremes(trace: Trace, at: Array) -> Array:
    """Lowest and highest of examples, NaN of few values: float64, shape ``(2, examples)``."""
    found = np.full((2, len(at)), np.nan)
    chosen: list[int] = at.tolist()
    for column, index in enumerate(chosen):
        one = trace.kept.values[index]
        if one.dtype.kind in "uif" and one.size >= _LEAST_VALUES:
            found[:, column] = one.min(), one.max()
    return found


def _may_be_scaled(extremes: Array) -> bool:
    """Whether the highest value of all is 1, and that of each."""
    highest = extremes[1][np.isfinite(extremes).all(axis=0)]
    return len(highest) > 0 and bool((np.abs(highest - 1) <= 2 * _ONE_NUMBER).all())


def _figures(trace: Trace, at: Array) -> Array:
    """Lowest, highest, mean, spread, and share of the points that are highest; NaN of few values.

    Float64, shape ``(5, examples)``.
    """
    extremes = _extremes(trace, at)
    found = np.full((5, len(at)), np.nan)
    found[:2] = extremes
    columns: list[int] = np.flatnonzero(np.isfinite(extremes).all(axis=0)).tolist()
    for column in columns:
        one = trace.kept.values[int(at[column])]
        highest = (one == extremes[1, column]).mean()
        found[2:, column] = np.mean(one, dtype=float), np.std(one, dtype=float), highest
    return found


def _scaled(mine: Array, theirs: Array, *, drawn: bool) -> str | None:
    """What makes examples of the other side's, where those lie within what a file holds."""
    bottom, top = float(theirs[0].min()), float(theirs[1].max())
    if abs(mine[1].max() - 1) > _ONE_NUMBER or not (bottom >= 0 or (bottom >= -1 and top <= 1)):
        return None
    for said, anchor in ((BY_PEAK, False), (STRETCHED, True)):
        (base, span), (other_base, other_span) = (
            _ends(one, anchor=anchor) for one in (mine, theirs)
        )
        if not (_one_number(span, span) and _one_number(base, span) and (other_span > 0).all()):
            continue
        if drawn:
            # What fills the outside of moved pictures may be the lowest value, seldom the highest.
            some = theirs[1] < top - _VARY * (top - bottom)
            own = (mine[2] - base) / span, (theirs[2] - other_base) / other_span
            lowest = bottom if anchor else 0.0
            common = (theirs[2] - lowest) / (top - lowest)
            if (anchor or bottom >= 0) and _follows(own, common, some) and not _cut(mine, theirs):
                return said
            continue
        usual = float(np.median(other_span))
        varies = np.abs(other_span - usual) + np.abs(other_base - np.median(other_base))
        if float((varies > _VARY * usual).mean()) < _SOME:
            continue
        scaled = [
            np.stack([(one[2] - start) / width, one[3] / width])
            for one, start, width in ((mine, base, span), (theirs, other_base, other_span))
        ]
        same = (np.abs(scaled[0] - scaled[1]) < _SAME).all(axis=0)
        if float(same.mean()) >= _NEARLY_ALL:
            return said
    return None


def _follows(own: tuple[Array, Array], common: Array, some: Array) -> bool:
    """Whether means lie beside those of the other side until its own ends scale each example."""
    if float(some.mean()) < _SOME:
        return False
    mine, theirs = (one[some] for one in own)
    nearer, as_it_is = (mine - other for other in (theirs, common[some]))
    left, beside = (abs(float(np.median(one))) for one in (nearer, as_it_is))
    by_chance = float(as_it_is.std()) / np.sqrt(len(as_it_is))
    return beside > _SURELY * by_chance and left < _NEARER * beside


def _cut(mine: Array, theirs: Array) -> bool:
    """Whether values were cut off at the highest one."""
    return float(np.median(mine[4])) > _CUT_OFF * float(np.median(theirs[4]))


def _ends(figures: Array, *, anchor: bool) -> tuple[Array, Array]:
    """What is taken away from each example, and what it is divided by."""
    low, high = figures[0], figures[1]
    return (low, high - low) if anchor else (np.zeros_like(low), np.maximum(high, -low))


def _one_number(values: Array, span: Array) -> bool:
    return float(np.ptp(values)) <= _ONE_NUMBER * float(np.median(span)) and float(span.min()) > 0
