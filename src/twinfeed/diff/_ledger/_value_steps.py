"""Steps of values: scale and offset, a curve, fewer levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._ledger._ground import Ground, points, shrunk
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._line_words import in_words
from twinfeed.diff._values._scaling import CENTRED_EACH, FULL_RANGES, PER_IMAGE, scaling
from twinfeed.stats.curves import exponents, named_curve
from twinfeed.stats.resample import Interval, typical

_CELLS = 8  # blocks per axis on which resize kernels agree
_OF_AREAS = 0.5  # share of what a line leaves of areas, that a curve may leave of them
_POINTS = 4  # per axis of a block, at least, over which a filter evens out
_KNOTS = 33
_BENT = 0.02  # share of the range by which a curve must leave its chord
_STRAIGHT = 1e-3  # root mean square, as a share of the range, that a line may leave
_END = 1e-3  # share of the range within which a value stands at its end
_MOSTLY_INSIDE = 0.5  # share of the values between both ends from which they decide
_POWERS: tuple[float, ...] = tuple(round(4 ** (step / 40), 3) for step in range(-40, 41))
_AS_GOOD = 1.6  # factor by which a power may be worse than the free curve and still be its name
_MOST_LEVELS = 300
_FEW_LEVELS = 128
_ROUNDED_TWICE = 1.5
_CAME = 32
_ONE_LINE = 0.005  # share of the range by which the colours' lines may differ and still be one
_UPPER_BYTE = 65535 / (255 * 256)  # of 16 bits: one is v / 65535, the other v // 256 / 255
_BEYOND = 0.05  # share of values that may overshoot the grid of the other side
_COARSER = 1.8  # factor between the steps of two sides that is another depth


def values(twins: Twins, now: Ground) -> Change | None:
    """A line per channel, one for all pictures, or one for each where scale depends on the picture."""
    found = scaling(twins)
    if found.kind in {"same", "unknown"} or now.left.shape[:3] != now.right.shape[:3]:
        return None
    if now.left.shape[-1] != now.right.shape[-1]:
        return None
    if found.kind in {"line", "uneven"} and _bends(now):
        return None
    own = found.kind == "uneven" or bool({PER_IMAGE, CENTRED_EACH} & {found.left, found.right})
    if {found.left, found.right} <= FULL_RANGES and _is_power(now):
        gain, bias = _by_ends(now)  # a power bends the line that fits best, and leaves the ends
    else:
        gain, bias = _line(now, own=own)
    if found.kind == "uneven":
        offsets = found.line is not None and found.line.own_offsets
        says = f"each picture has {'an offset' if offsets else 'a factor'} of its own"
    elif found.kind == "line" and found.line is not None:
        says = in_words(found.line)
    else:
        says = f"A's values are {found.left}, B's {found.right}"
    left = (now.left * gain + bias).astype(np.float32)
    return Change(step="values", says=says, left=left, right=now.right, judge="values")


def _by_ends(now: Ground) -> tuple[Array, Array]:
    """The line through the least and the largest values of both sides."""
    x, y = now.left[now.fit], now.right[now.fit]
    gain = np.ptp(y) / np.ptp(x)
    return gain, y.min() - gain * x.min()


def _line(now: Ground, *, own: bool) -> tuple[Array, Array]:
    """Gain and bias, shape ``(pairs or 1, 1, 1, channels)``."""
    x, y = _coarse(now)
    if not own:
        x, y = (side[now.fit].reshape(1, -1, 1, side.shape[-1]) for side in (x, y))
        gain, bias = _fitted(x, y)
        apart = np.abs(x * (gain - gain.mean()) + bias - bias.mean()).max()
        if apart <= _ONE_LINE * np.ptp(y):
            # One line for all colours, so that levels stay levels of one grid.
            return _fitted(*(side.reshape(1, -1, 1, 1) for side in (x, y)))
        return gain, bias
    return _fitted(x, y)


def _fitted(x: Array, y: Array) -> tuple[Array, Array]:
    mean_x, mean_y = (side.mean(axis=(1, 2), keepdims=True) for side in (x, y))
    dx, dy = x - mean_x, y - mean_y
    power = (dx * dx).sum(axis=(1, 2), keepdims=True)
    gain = (dx * dy).sum(axis=(1, 2), keepdims=True) / np.where(power > 0, power, np.inf)
    return gain, mean_y - gain * mean_x


def _coarse(now: Ground) -> tuple[Array, Array]:
    """Both sides where kernel and decoder do not show: by areas, or against their own replays."""
    if now.stage is not None:
        channels = now.left.shape[-1]
        mine, theirs = now.stage.pictures(channels), now.stage.goal_pictures(channels)
        if mine is not None and theirs is not None:
            # B as it would be with A's kernel and decoder.
            gain = _own_gain(theirs, now.right)
            return now.left.astype(np.float64), (mine - theirs) * gain + now.right
    cells = min(_CELLS, *now.left.shape[1:3])
    return (
        shrunk(now.left, (cells, cells)).astype(np.float64),
        shrunk(now.right, (cells, cells)).astype(np.float64),
    )


def _own_gain(levels: Array, seen: Array) -> Array:
    dx, dy = (side - side.mean(axis=(1, 2), keepdims=True) for side in (levels, seen))
    power = (dx * dx).sum(axis=(1, 2), keepdims=True)
    return (dx * dy).sum(axis=(1, 2), keepdims=True) / np.where(power > 0, power, np.inf)


@dataclass(frozen=True, slots=True)
class _Curve:
    """A monotone curve from A's values to B's.

    Attributes:
        knots: A's values, ascending.
        heights: B's at the knots.
        power: The exponent, where a power explains nearly as much.
        bend_share: Largest distance from the chord, as a share of B's range.
        left: Mean square that it leaves on the pairs it was fitted on, between both sides' ends.
        line_left: What a straight line through what lies between them leaves there.
    """

    knots: Array
    heights: Array
    power: float | None
    bend_share: float
    left: float
    line_left: float

    def __call__(self, pictures: Array) -> Array:
        return np.interp(pictures, self.knots, self.heights).astype(np.float32)

    def bends(self, most: float) -> bool:
        """Whether it leaves its chord, and no more than that share of what a line leaves."""
        straight = np.sqrt(self.line_left) < _STRAIGHT * np.ptp(self.heights)
        return self.bend_share > _BENT and self.left < most * self.line_left and not straight


def _curve(now: Ground) -> _Curve | None:
    if now.left.shape != now.right.shape:
        return None
    x = points(now.left[now.fit]).ravel().astype(np.float64)
    y = points(now.right[now.fit]).ravel().astype(np.float64)
    ends = float(x.min()), float(x.max())
    knots = np.unique(
        np.concatenate([np.quantile(x, np.linspace(0, 1, _KNOTS)), np.linspace(*ends, _KNOTS)])
    )
    if len(knots) < 8:
        return None
    heights = _heights(x, y, knots)
    span = float(np.ptp(heights))
    if not span > 0:
        return None
    left = float(np.square(y - np.interp(x, knots, heights)).mean())
    steps = _steps(now)
    power = _power(x, y, left + steps**2 / 12)
    if power is not None:
        # A named curve has two numbers besides, and fits where few values lie.
        unit = (x - ends[0]) / (ends[1] - ends[0])
        gain, bias = np.polyfit(unit**power, y, 1)
        knots = np.linspace(*ends, 512)
        heights = gain * ((knots - ends[0]) / (ends[1] - ends[0])) ** power + bias
    # What one side cuts off bends the curve at its end, and no value between.
    inside = _between_ends(x) & _between_ends(y)
    if inside.mean() >= _MOSTLY_INSIDE:
        x, y = x[inside], y[inside]
        left = float(np.square(y - np.interp(x, knots, heights)).mean())
    line = np.polyfit(x, y, 1)
    bend = np.abs(heights - np.interp(knots, knots[[0, -1]], heights[[0, -1]])).max()
    return _Curve(
        knots,
        heights,
        power,
        float(max(0.0, bend - steps) / span),
        left,
        float(np.square(y - np.polyval(line, x)).mean()),
    )


def _between_ends(values: Array) -> Array:
    slack = _END * np.ptp(values)
    return (values > values.min() + slack) & (values < values.max() - slack)


def _steps(now: Ground) -> float:
    """Height of the steps of B's values where they are few levels: stairs are no curve; else 0."""
    grids = _grid(points(now.left)), _grid(points(now.right))
    few = grids[1] if grids[1] and grids[1].count <= _FEW_LEVELS else None
    return few.step if few and (grids[0] is None or grids[0].count > few.count) else 0.0


def _bent(now: Ground, most: float) -> _Curve | None:
    """One curve for all that leaves no more than that share of what a line leaves."""
    found = _curve(now)
    return found if found and found.bends(most) and _of_areas_too(now, found) else None


def _of_areas_too(now: Ground, curve: _Curve) -> bool:
    """Whether it leads from areas to areas as it does from points to points, better than a line.

    Softened print is grey where it was black beside white: by its points alone that is a curve.
    """
    cells = max(2, min(_CELLS, min(now.left.shape[1:3]) // _POINTS))
    x, y, bent = (
        shrunk(side[now.fit], (cells, cells)).ravel().astype(np.float64)
        for side in (now.left, now.right, curve(now.left))
    )
    line = np.polyval(np.polyfit(x, y, 1), x) if np.ptp(x) > 0 else np.full_like(y, y.mean())
    return float(np.square(y - bent).mean()) < _OF_AREAS * float(np.square(y - line).mean())


def _bends(now: Ground) -> bool:
    """Whether one curve for all says clearly more than a line."""
    return _bent(now, 0.4) is not None


def _is_power(now: Ground) -> bool:
    found = _bent(now, 0.4)
    return found is not None and found.power is not None


def follows_one_curve(now: Ground) -> Array | None:
    """A's pictures behind one curve for all values; ``None`` where that is hardly better than a line."""
    found = _bent(now, 0.7)
    return found(now.left) if found is not None else None


def tone_curve(_twins: Twins, now: Ground) -> Change | None:
    """One monotone curve for all values, named where it is a power."""
    found = _bent(now, 0.7)
    if found is None:
        return None
    x, y = (
        points(side).reshape(len(side), -1).astype(np.float64) for side in (now.left, now.right)
    )
    curve = None if found.power else named_curve(x.ravel(), y.ravel())
    between = _between_powers(x, y, found.power) if found.power else None
    if found.power:
        says = f"B's values are A's to the power of about {found.power:.2g}"
    else:
        says = (
            f"B's values lie on a line over {curve}"
            if curve
            else "B's values follow a curve over A's"
        )
    return Change(
        step="tone curve",
        says=says,
        left=found(now.left),
        right=now.right,
        judge="values",
        least=0.3,
        facts={
            "power": between.value if between else found.power,
            "power_low": between.low if between else None,
            "power_high": between.high if between else None,
            "curve": curve,
            "bend_share": found.bend_share,
        },
    )


def _between_powers(x: Array, y: Array, about: float) -> Interval | None:
    """The exponent of the typical pair, with its interval; shape of both ``(pairs, points)``."""
    unit = (x - x.min()) / np.ptp(x)
    varied = (np.ptp(unit, axis=1) > 0) & (np.ptp(y, axis=1) > 0)
    return typical(exponents(unit[varied], y[varied], about)) if varied.any() else None


def _heights(x: Array, y: Array, knots: Array) -> Array:
    """Least squares of a broken line through the knots, made monotone."""
    low = np.searchsorted(knots, x, side="right").clip(1, len(knots) - 1) - 1
    part = (x - knots[low]) / (knots[low + 1] - knots[low])
    count = len(knots)
    normal = np.zeros((count, count))
    right = np.zeros(count)
    for i, weight in ((low, 1 - part), (low + 1, part)):
        np.add.at(right, i, weight * y)
        for j, other in ((low, 1 - part), (low + 1, part)):
            np.add.at(normal, (i, j), weight * other)
    normal += np.eye(count) * 1e-9 * max(1.0, float(np.trace(normal)))
    found = np.linalg.solve(normal, right)
    rising = found[-1] >= found[0]
    return np.maximum.accumulate(found) if rising else np.minimum.accumulate(found)


def _power(x: Array, y: Array, free: float) -> float | None:
    """The exponent, where a power explains nearly as much as a free curve."""
    unit = (x - x.min()) / max(float(np.ptp(x)), 1e-300)
    step = max(1, len(unit) // 20_000)
    unit, seen = unit[::step], y[::step]
    errors: list[float] = []
    for exponent in _POWERS:
        u = unit**exponent
        du, dy = u - u.mean(), seen - seen.mean()
        gain = float((du * dy).sum() / max(float((du * du).sum()), 1e-300))
        errors.append(float(np.square(dy - gain * du).mean()))
    best = int(np.argmin(errors))
    named = errors[best] <= _AS_GOOD * free + 1e-4 * float(seen.var())
    inside = 0 < best < len(errors) - 1
    return _POWERS[best] if named and inside and abs(_POWERS[best] - 1) > 0.05 else None


@dataclass(frozen=True, slots=True)
class _Grid:
    """Evenly spaced values that a side is made of."""

    step: float
    start: float
    end: float
    count: int


def levels(twins: Twins, now: Ground) -> Change | None:
    """One side has fewer levels: the other is brought to them."""
    if now.left.shape != now.right.shape:
        return None
    if now.stage is not None and now.stage.way != now.stage.goal:
        return None  # kernel or decoder may make what looks like fewer levels
    grids = _grid(points(now.left)), _grid(points(now.right))
    steps = [grid.step if grid else 0.0 for grid in grids]
    coarse = int(steps[1] > steps[0])
    grid = grids[coarse]
    if grid is None or steps[coarse] < _COARSER * steps[1 - coarse]:
        return None
    finer = (now.right, now.left)[coarse]
    coarser = (now.left, now.right)[coarse]
    beyond = (finer < grid.start - grid.step) | (finer > grid.end + grid.step)
    if float(beyond.mean()) > _BEYOND:  # another scale: to be tried again behind the values
        return None
    ways = [_on(grid, finer, part) for part in (0.5, 0.0)]
    ways.append(_on(grid, finer * _UPPER_BYTE, 0.0))
    errors = [float(np.square(way[now.fit] - coarser[now.fit]).mean()) for way in ways]
    best = int(np.argmin(errors))
    # Rounded on the way as well, as a resize in two passes does: never more than a step apart.
    apart = np.abs(points(ways[best][now.fit]) - points(coarser[now.fit]))
    name, other = ("A", "B") if coarse == 0 else ("B", "A")
    rounded = float(np.quantile(apart, 0.99)) < _ROUNDED_TWICE * grid.step
    # A step before this one may have moved the other side's off the levels that it came with.
    rounded = rounded and _grid(_as_it_came(twins.side(other))) is None
    fine = grids[1 - coarse]
    of_other = f"{other}'s {fine.count}" if fine else f"{other}'s are not counted in levels"
    return Change(
        step="levels",
        says=f"{name}'s values are of {grid.count} levels, {of_other}",
        left=ways[best] if coarse == 1 else now.left,
        right=ways[best] if coarse == 0 else now.right,
        judge="always" if rounded else "values",
        least=0.3,
        facts={
            "side": name,
            "levels": grid.count,
            "levels_of_the_other": fine.count if fine else None,
            "cut_off": best > 0,
        },
    )


def _as_it_came(trace: Trace) -> Array:
    """The values of some whole examples, flat."""
    return np.concatenate([one.ravel() for one in trace.kept.values[:_CAME]])


def _on(grid: _Grid, pictures: Array, part: float) -> Array:
    """Values on the grid: rounded with a part of one half, cut off with 0."""
    steps = np.floor((pictures - grid.start) / grid.step + part + 1e-4)
    # What overshoots in a resize is lost at the ends of whole levels.
    return (steps * grid.step + grid.start).clip(grid.start, grid.end).astype(np.float32)


def _grid(pictures: Array) -> _Grid | None:
    """The grid of a side's values, or ``None`` where they are continuous."""
    seen = np.unique(pictures)
    if not 3 <= len(seen) <= _MOST_LEVELS or pictures.size < 8 * len(seen):
        return None
    gaps = np.diff(seen.astype(np.float64))
    step = float(np.quantile(gaps, 0.1))
    if not step > 0 or np.abs(gaps / step - np.rint(gaps / step)).max() > 0.05:
        return None
    return _Grid(step, float(seen[0]), float(seen[-1]), len(seen))
