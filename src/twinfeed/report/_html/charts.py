"""The charts of a report, each from one kind of exhibit."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup

from twinfeed._core.batch import Array
from twinfeed._core.exhibits import Drawn, Histogram, LabelRun, OrderMap, Timeline
from twinfeed.report._html.svg import WIDTH, Area, Drawing
from twinfeed.report.numbers import number, percent

_AREA = Area()
_HUES = 12  # colours that can still be told apart, used again for further classes


def histogram(shown: Histogram) -> Markup:
    """The values of both sides over the same bins."""
    describes = f"A over {shown.left_values:,} values, B over {shown.right_values:,} values"
    return _two(
        f"values of {shown.path}", describes, shown.edges, (shown.left, shown.right), "value"
    )


def drawn(shown: Drawn) -> Markup:
    """One augmentation parameter of both sides."""
    describes = f"A {shown.left_says}, B {shown.right_says}"
    name = shown.name.replace("_", " ")
    return _two(name, describes, shown.edges, (shown.left, shown.right), name)


def _two(title: str, describes: str, edges: Array, sides: tuple[Array, Array], unit: str) -> Markup:
    drawing, area = Drawing(title, describes), _AREA
    most = max(float(np.max(side)) for side in sides) or 1.0
    bins = len(sides[0])
    for side, style in zip(sides, ("a", "b"), strict=True):
        for place, share in enumerate(side.tolist()):
            if share <= 0:
                continue
            # A square root lets rare values show beside a tall peak.
            height = math.sqrt(share / most) * (area.bottom - area.top)
            x = area.x(place / bins)
            width = (area.right - area.left) / bins
            drawing.bar(x, area.bottom - height, width, height, f"fill {style}")
    ends = number(float(edges[0])), number(float(edges[-1]))
    drawing.frame(area, (ends[0], unit, ends[1]), ("0", "share, square root scale", percent(most)))
    return drawing.markup()


def order_map(shown: OrderMap) -> Markup:
    """Where each example stands in one pass against another."""
    across, up = (max(float(np.max(axis)), 1.0) for axis in (shown.x, shown.y))
    describes = f"{shown.examples:,} examples, {len(shown.x):,} of them drawn"
    drawing, area = Drawing(shown.title, describes), _AREA
    points = zip((shown.x / across).tolist(), (shown.y / up).tolist(), strict=True)
    drawing.dots(((area.x(x), area.y(y)) for x, y in points), "both")
    drawing.frame(
        area,
        ("0", shown.across, number(int(across))),
        ("0", shown.up, number(int(up))),
    )
    return drawing.markup()


def label_runs(shown: tuple[LabelRun, ...]) -> Markup:
    """The class of each of the first examples, as a strip per side."""
    longest = max(len(run.classes) for run in shown)
    told = [f"{run.side}: {_stretches(run.classes):,} stretches of one class" for run in shown]
    title = f"classes of the first {longest:,} examples"
    drawing = Drawing(title, ", ".join(told), height=34 * len(shown) + 20)
    for row, run in enumerate(shown):
        top = 6 + 34 * row
        drawing.text(0, top + 17, run.side)
        unit = (WIDTH - 24) / longest
        starts = np.append(np.flatnonzero(np.diff(run.classes, prepend=-1)), len(run.classes))
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            style = f"class-{int(run.classes[start]) % _HUES}"
            drawing.bar(18 + start * unit, top, (end - start) * unit, 26, style)
    drawing.text(18, 34 * len(shown) + 16, "first")
    drawing.text(WIDTH - 6, 34 * len(shown) + 16, f"example {longest:,}", anchor="end")
    return drawing.markup()


def _stretches(classes: Array) -> int:
    return int(np.count_nonzero(np.diff(classes))) + 1


def waits_told(shown: tuple[Timeline, ...]) -> str:
    """The first batch and the usual one of each side, and the usual step where one trained."""
    told: list[str] = []
    for one in shown:
        if len(one.wait_s) < 2:
            continue
        usual = f"then {number(1000 * float(np.median(one.wait_s[1:])))} ms in the middle"
        first = f"first batch {number(1000 * float(one.wait_s[0]))} ms"
        step = (
            f", a step {number(1000 * float(np.median(one.step_s)))} ms" if len(one.step_s) else ""
        )
        told.append(f"{one.side}: {first}, {usual}{step}")
    return "; ".join(told)


def timeline(shown: tuple[Timeline, ...]) -> Markup:
    """Milliseconds waited for each of the first batches, on a logarithmic scale."""
    waits = np.concatenate([np.maximum(one.wait_s, 1e-5) for one in shown])
    low, high = math.log10(float(waits.min())), math.log10(float(waits.max()))
    high = max(high, low + 1)
    longest = max(len(one.wait_s) for one in shown)
    drawing, area = Drawing("time waited for each batch", waits_told(shown)), _AREA
    for one in shown:
        heights = (np.log10(np.maximum(one.wait_s, 1e-5)) - low) / (high - low)
        points = [
            (area.x(place / max(longest - 1, 1)), area.y(share))
            for place, share in enumerate(heights.tolist())
        ]
        drawing.line(points, one.side.lower())
        drawing.dots(points[:1], one.side.lower())
    drawing.frame(
        area,
        ("first", "batch", number(longest)),
        (_ms(low), "ms, logarithmic", _ms(high)),
    )
    return drawing.markup()


def _ms(exponent: float) -> str:
    return number(float(f"{1000 * 10**exponent:.2g}"))


def bar(
    start: float,
    end: float,
    low: float | None = None,
    high: float | None = None,
    *,
    style: str = "both",
    mark: float | None = None,
    says: str = "",
) -> Markup:
    """A bar from one place to another, with the interval of its end.

    Args:
        start: Where it begins, 0 to 1 of the width.
        end: Where it ends; before ``start`` for a step back.
        low: Lower end of the interval; ``None`` for an exact one.
        high: Upper end of it.
        style: ``both``, ``a``, ``b`` or ``quiet``.
        mark: A place to mark with a line across.
        says: What it shows, in words; the share by default.
    """
    drawing = Drawing("share", says or percent(end - start), width=200, height=16)
    drawing.bar(0, 0, 200, 16, "track")
    drawing.bar(200 * min(start, end), 2, max(200 * abs(end - start), 1), 12, f"fill {style}")
    if mark is not None:
        drawing.line([(200 * mark, 0), (200 * mark, 16)], "mark")
    if low is not None and high is not None:
        drawing.line([(200 * low, 8), (200 * high, 8)], "whisker")
    return drawing.markup()
