"""Steps of detail, seen from the pictures alone: written as JPEG again, softer or sharper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._ledger._ground import Ground, ground, misfit
from twinfeed.diff._ledger._in_place import in_place
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._replay._studio import binding
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._value_range import value_range
from twinfeed.stats.channel_lines import channel_lines

_QUALITIES = tuple(range(30, 100, 5))
_BETWEEN = 4  # qualities on either side of the best of these
_STRAIGHT = 1e-4  # of the spread, by which steps so far may leave a line of A's values
_TRIED = 8  # pictures on which the quality is chosen
_CLOSER = 0.5  # share of the difference that a quality may leave to be tried on all
_NEARER, _DIP = 0.65, 0.8  # the same where one quality leaves that much less than those around
_RADIUS = 3
_PLACES = 500  # points per picture on which a filter is fitted
_SIDE = 48  # rows and columns at which it is applied
_SPECTRA = 24  # pictures whose spectra are averaged
_SAME_ENERGY = 0.05
_CELL = 8
_AT_EDGES = 0.5
"""Rank correlation, over cells of a picture, of how steep it is and of how far the pictures differ:
0.65 to 0.77 for kernels of Pillow, OpenCV and TensorFlow on 340 photos, at most 0.33 for added,
multiplied and scattered noise on 60."""
_ENDS = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}


def encoding(twins: Twins, now: Ground) -> Change | None:
    """One side was written as JPEG at its present size, and read again."""
    library = binding()
    if library is None or now.stage is not None:
        return None
    if now.left.shape != now.right.shape or now.left.shape[-1] not in {1, 3}:
        return None
    line = _of_levels(twins, now)
    if line is None:
        return None
    tried = np.flatnonzero(now.fit)[:_TRIED]
    a, b = (_levels(side[tried], line) for side in (now.left, now.right))
    # A JPEG holds whole levels of 0 to 255: what that alone does is no sign of one.
    before = min(float(np.square(_whole(one) - other).mean()) for one, other in ((a, b), (b, a)))
    before = min(before, float(np.square(a - b).mean()))

    def left(name: str, quality: int) -> float:
        one, other = (a, b) if name == "B" else (b, a)
        return float(np.square(_again(library, one, quality) - other).mean())

    _, name, near = min((left(name, each), name, each) for name in "AB" for each in _QUALITIES)
    around = range(max(1, near - _BETWEEN), min(100, near + _BETWEEN) + 1)
    least, quality = min((left(name, each), each) for each in around)
    # Where the first decoder was another one, much is left, but of no quality as little as of this.
    dips = least < _NEARER * before and all(
        least < _DIP * left(name, each)
        for each in (quality - _BETWEEN, quality + _BETWEEN)
        if 0 < each < 100
    )
    if least >= _CLOSER * before and not dips:
        return None
    gain, bias = line
    source = now.left if name == "B" else now.right
    made = (_again(library, _levels(source, line), quality) * gain + bias).astype(np.float32)
    return Change(
        step="encoding",
        says=f"{name}'s pictures were written as JPEG at their present size, quality about"
        f" {quality}",
        left=made if name == "B" else now.left,
        right=made if name == "A" else now.right,
        judge="values",
        least=0.3,
        facts={"side": name, "quality": quality, "apart_levels": _mean_apart(a, b)},
    )


def _of_levels(twins: Twins, now: Ground) -> tuple[Array, Array] | None:
    """Gain and bias per channel from levels 0..255 to B's values, where one side tells them."""
    ends = _ends(twins.right)
    if ends is not None:
        return np.full(1, (ends[1] - ends[0]) / 255), np.full(1, ends[0])
    ends, start = _ends(twins.left), ground(twins)
    if ends is None or start is None or start.left.shape != now.left.shape:
        return None
    colours = channel_order(twins)
    first = start.left[..., list(colours.order)] if colours and colours.moved else start.left
    # A's values in B's units, as the steps so far brought them there: still a line of what they were.
    x = ((first - ends[0]) * (255 / (ends[1] - ends[0]))).reshape(-1, first.shape[-1])
    y = now.left.reshape(x.shape).astype(np.float64)
    lines = channel_lines(x.astype(np.float64), y)
    if lines is None or float(lines.left_over.max()) > _STRAIGHT:
        return None
    return lines.gain, lines.offset


def _ends(trace: Trace) -> tuple[float, float] | None:
    found = value_range(trace.stats_of(trace.main.path)) if trace.main else None
    return _ENDS.get(found.kind) if found else None


def _levels(pictures: Array, line: tuple[Array, Array]) -> Array:
    gain, bias = line
    return ((pictures - bias) / gain).astype(np.float32)


def _again(library: Any, pictures: Array, quality: int) -> Array:
    whole = _whole(pictures).astype(np.uint8)
    return np.stack([library.encoded_again(one, quality) for one in whole]).astype(np.float32)


def _whole(levels: Array) -> Array:
    return np.rint(levels).clip(0, 255)


def _mean_apart(a: Array, b: Array) -> float:
    return float(np.abs(a - b).mean())


def sharpness(_twins: Twins, now: Ground) -> Change | None:
    """One small filter between the two sides' pictures: another kernel, seen without the files."""
    if now.stage is not None or now.left.shape != now.right.shape:
        return None
    if min(now.left.shape[1:3]) < 4 * _RADIUS or not in_place(now):
        return None
    rows, columns = _inner(now.left.shape[1]), _inner(now.left.shape[2])
    left, right = (side[:, rows[:, None], columns] for side in (now.left, now.right))
    forth = _through(now, rows, columns), right
    back = left, _through(replace(now, left=now.right, right=now.left), rows, columns)
    change = _energy(now)
    # Nothing makes of soft pictures again what was folded into sharp ones; but noise goes so, too.
    made = back if change < 0 else forth
    if abs(change) < _SAME_ENERGY:
        made = forth
        says = "fine detail differs, with as much energy on both sides"
    elif change < 0:
        says = f"B is softer: {-change:.0%} less energy above half the band"
    else:
        says = f"B is sharper: {change:.0%} more energy above half the band"
    if abs(change) >= _SAME_ENERGY and _stands_at_edges(now, now.right if change < 0 else now.left):
        made = min(forth, back, key=lambda sides: _scored(now, sides))
    return Change(
        step="sharpness",
        says=says,
        left=made[0],
        right=made[1],
        judge="shape",
        least=0.1,
        facts={
            "energy_change": change,
            "difference_share": float(np.sqrt(np.median(misfit(now.left, now.right)))),
        },
    )


def _through(now: Ground, rows: Array, columns: Array) -> Array:
    """A's pictures at some points, behind the filter that leads to B's."""
    weights = _filter(now)
    made = sum(
        (
            now.left[:, rows[:, None] + dy, columns + dx] * weight
            for (dy, dx), weight in zip(_offsets(), weights[:-1].tolist(), strict=True)
        ),
        start=np.full(1, weights[-1], np.float32),
    )
    return made.astype(np.float32)


def _scored(now: Ground, sides: tuple[Array, Array]) -> float:
    return float(misfit(sides[0][now.fit], sides[1][now.fit]).sum())


def _stands_at_edges(now: Ground, softer: Array) -> bool:
    """Whether the pictures differ where they have edges, as kernels do, and not all over, as noise."""
    apart, steep = (_cells(each) for each in (np.square(now.left - now.right), _steepness(softer)))
    ranks = [np.argsort(np.argsort(each, axis=1), axis=1) for each in (apart, steep)]
    alike = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(*ranks, strict=True)]
    return float(np.median(alike)) > _AT_EDGES


def _steepness(pictures: Array) -> Array:
    """Squared differences of neighbours two points apart, without the outermost points."""
    inner = slice(1, -1)
    made = np.zeros_like(pictures)
    made[:, inner] += np.square(pictures[:, 2:] - pictures[:, :-2])
    made[:, :, inner] += np.square(pictures[:, :, 2:] - pictures[:, :, :-2])
    return made


def _cells(values: Array) -> Array:
    """Means of cells of ``_CELL`` rows and columns, shape ``(pictures, cells)``."""
    rows, columns = (length // _CELL for length in values.shape[1:3])
    whole = values[:, : rows * _CELL, : columns * _CELL].mean(axis=-1)
    return (
        whole.reshape(len(values), rows, _CELL, columns, _CELL)
        .mean(axis=(2, 4))
        .reshape(len(values), -1)
    )


def _inner(length: int) -> Array:
    """Evenly spread points that have all their neighbours."""
    places = np.linspace(_RADIUS, length - 1 - _RADIUS, min(length, _SIDE)).astype(np.int64)
    return np.unique(places)


def _offsets() -> list[tuple[int, int]]:
    reach = range(-_RADIUS, _RADIUS + 1)
    return [(dy, dx) for dy in reach for dx in reach]


def _filter(now: Ground) -> Array:
    """Least squares weights of the neighbours, and an offset."""
    rng = np.random.default_rng(0)
    height, width, channels = now.left.shape[1:]
    rows = rng.integers(_RADIUS, height - _RADIUS, _PLACES)
    columns = rng.integers(_RADIUS, width - _RADIUS, _PLACES)
    kinds = rng.integers(channels, size=_PLACES)
    a, b = now.left[now.fit], now.right[now.fit]
    seen = np.stack([a[:, rows + dy, columns + dx, kinds].ravel() for dy, dx in _offsets()])
    x = np.concatenate([seen, np.ones((1, seen.shape[1]))]).astype(np.float64)
    y = b[:, rows, columns, kinds].ravel().astype(np.float64)
    normal = x @ x.T
    normal += np.eye(len(normal)) * 1e-8 * float(np.trace(normal))
    return np.linalg.solve(normal, x @ y)


def _energy(now: Ground) -> float:
    """How much more energy B has above half the band than A, against the energy below it."""
    ratios = [_high_share(side[:_SPECTRA].mean(axis=-1)) for side in (now.left, now.right)]
    return ratios[1] / ratios[0] - 1 if ratios[0] > 0 else 0.0


def _high_share(pictures: Array) -> float:
    height, width = pictures.shape[1:]
    window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
    centred = (pictures - pictures.mean(axis=(1, 2), keepdims=True)) * window
    power = np.square(np.abs(np.fft.rfft2(centred))).sum(axis=0)
    reach = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    high = reach > 0.25
    return float(power[high].sum() / max(float(power[~high].sum()), 1e-300))
