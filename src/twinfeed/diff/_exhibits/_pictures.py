"""Paired examples side by side, and one side's examples over epochs."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.exhibits import Album, Sample
from twinfeed._core.showing import (
    Showing,
    channels_last,
    coloured,
    showing,
    shows_pictures,
    small,
)
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._exhibits._extremes import extremes
from twinfeed.diff._twins import SIDES, STILL_SHARE, SideName, Twins, kept_index

_CANDIDATES = 48
_LOUDEST = 64.0  # gain above which rounding is shown as if it were a difference
_ALBUM_ROWS = 3
_ALIKE = 0.5  # levels below which two values look the same


def pictures(twins: Twins) -> tuple[tuple[Sample, ...], tuple[Album, ...], tuple[str, str]]:
    """Samples, albums, and how the values of each side are shown."""
    if not all(shows_pictures(twins.side(name)) for name in SIDES):
        return (), (), ("", "")
    ways = {name: showing(twins.side(name).kept.values[:_CANDIDATES]) for name in SIDES}
    albums = tuple(
        album
        for made in (_album, extremes)
        for name in SIDES
        if (album := made(twins, name, ways[name]))
    )
    left, right = ways["A"], ways["B"]
    return _samples(twins, left, right), albums, (left.says, right.says)


def _samples(twins: Twins, left: Showing, right: Showing) -> tuple[Sample, ...]:
    pairs = np.stack(twins.kept_pairs, axis=1)
    if not len(pairs):
        return ()
    chosen = pairs[np.linspace(0, len(pairs) - 1, min(len(pairs), _CANDIDATES)).astype(int)]
    ways, places = (left, right), cast("list[tuple[int, int]]", chosen.tolist())
    apart = [_mean_levels(_pair(twins, ways, place)[1]) for place in places]
    # What has two sizes comes last.
    order = sorted(range(len(places)), key=lambda at: 1.0 if (one := apart[at]) is None else -one)
    middle = len(order) // 2
    titles = {0: "largest difference", middle: "typical", len(order) - 1: "smallest difference"}
    titles = {1: "second largest", middle + 1: "typical", **titles}
    return tuple(
        replace(_sample(*_pair(twins, ways, places[order[at]])), title=titles[at])
        for at in sorted(at for at in titles if at < len(order))
    )


def _pair(
    twins: Twins, ways: tuple[Showing, Showing], place: tuple[int, int]
) -> tuple[list[Array], list[Array]]:
    """Two pictures as they are, and in levels as three channels."""
    raw = [
        channels_last(trace.kept.values[at], cast("LeafSpec", trace.main))
        for trace, at in zip((twins.left, twins.right), place, strict=True)
    ]
    return raw, [coloured(way.levels(picture)) for way, picture in zip(ways, raw, strict=True)]


def _mean_levels(levels: list[Array]) -> float | None:
    """By how many levels two pictures differ in the mean; ``None`` where their sizes do."""
    if levels[0].shape != levels[1].shape:
        return None
    return float(np.abs(levels[0] - levels[1]).mean())


def _sample(raw: list[Array], levels: list[Array]) -> Sample:
    left, right = (small(each) for each in levels)
    if levels[0].shape != levels[1].shape:
        sizes = " and ".join(f"{each.shape[0]} x {each.shape[1]}" for each in levels)
        return Sample(
            title="",
            left=left,
            right=right,
            difference=None,
            gain=1.0,
            mean_levels=None,
            pixel=f"other sizes: {sizes}",
        )
    apart = np.abs(levels[0] - levels[1])
    gain = min(_LOUDEST, 255 / max(float(apart.max()), 1e-9))
    return Sample(
        title="",
        left=left,
        right=right,
        difference=small((apart * gain).clip(0, 255), keep_peaks=True),
        gain=gain,
        mean_levels=float(apart.mean()),
        pixel=_pixel(apart, raw),
        at=_place(apart),
    )


def _place(apart: Array) -> tuple[float, float] | None:
    """The middle of the pixel that differs most, as shares of width and height."""
    row, column, _ = (int(i) for i in np.unravel_index(int(apart.argmax()), apart.shape))
    if float(apart.max()) < _ALIKE:
        return None
    return (column + 0.5) / apart.shape[1], (row + 0.5) / apart.shape[0]


def _pixel(apart: Array, raw: list[Array]) -> str:
    row, column, channel = (int(i) for i in np.unravel_index(int(apart.argmax()), apart.shape))
    at = f"row {row}, column {column}"
    told: list[str] = []
    for label, picture in zip(SIDES, raw, strict=True):
        values = ", ".join(_value(value) for value in picture[row, column].tolist())
        told.append(f"{label} [{values}]")
    place = f"{at}, channel {channel}" if raw[0].shape[-1] >= 3 else at
    what = (
        "most apart at" if float(apart[row, column, channel]) >= _ALIKE else "alike as shown, as at"
    )
    return f"{what} {place}: {' and '.join(told)}"


def _value(value: float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _album(twins: Twins, name: SideName, way: Showing) -> Album | None:
    """The first kept examples that were seen again, where the side draws or drew at random."""
    again = twins.epochs_of(name)
    if again is None:
        return None
    # Where the epochs differ they show it; where they do not, a fresh build may.
    frozen = not len(again.same) or again.share_same > STILL_SHARE
    built = twins.builds_of(name) if frozen else None
    if frozen and (built is None or not len(built.same) or built.share_same > STILL_SHARE):
        return None
    trace, columns = twins.side(name), ["epoch 1", "epoch 2"]
    places: dict[int, list[int]] = {}
    for first, second in zip(again.pairs.left.tolist(), again.pairs.right.tolist(), strict=True):
        places[first] = [first, second]
    if built is not None:
        columns.append("fresh build")
        for first, third in zip(built.pairs.left.tolist(), built.pairs.right.tolist(), strict=True):
            if first in places:
                places[first].append(third)
    rows: list[tuple[Array, ...]] = []
    for seen in places.values():
        kept = kept_index(trace, np.array(seen))
        if len(seen) == len(columns) and (kept >= 0).all():
            rows.append(tuple(_shown(trace, int(at), way) for at in kept))
        if len(rows) == _ALBUM_ROWS:
            break
    return Album(side=name, columns=tuple(columns), rows=tuple(rows)) if rows else None


def _shown(trace: Trace, kept: int, way: Showing) -> Array:
    picture = channels_last(trace.kept.values[kept], cast("LeafSpec", trace.main))
    return small(coloured(way.levels(picture)))
