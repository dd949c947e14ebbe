"""What a report shows rather than says: small pictures and the points of its charts.

Everything here is bounded, so that a report stays a file of a megabyte or two.
"""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed._core.batch import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One example as both feeds give it.

    Attributes:
        title: Which one of the pairs it is, e.g. ``"largest difference"``.
        left: A's picture, uint8, shape ``(height, width, 3)``.
        right: B's picture, uint8, with a shape of its own.
        difference: Absolute difference times ``gain``, uint8, shape ``(height, width, 3)``;
            ``None`` where the sizes differ.
        gain: Factor that makes the difference visible.
        mean_levels: Mean absolute difference of what is shown, in levels of 255.
        pixel: Where the pictures differ most, with the values of both feeds there.
        at: That place as shares of the width and the height, 0 to 1; ``None`` where they are alike
            as shown, or have other sizes.
    """

    title: str
    left: Array
    right: Array
    difference: Array | None
    gain: float
    mean_levels: float | None
    pixel: str
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """Examples of one side in rows: the same at several times, or along what is drawn.

    Attributes:
        side: ``"A"`` or ``"B"``.
        columns: When each picture was read, e.g. ``("epoch 1", "epoch 2", "fresh build")``.
        rows: One tuple of pictures per example, uint8, shape ``(height, width, 3)``.
        names: What each row shows; empty where rows are examples.
        title: What all of it shows; ``""`` for examples at several times.
    """

    side: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Array, ...], ...]
    names: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How often each value occurs on both sides, over the same bins.

    Attributes:
        path: The leaf.
        edges: Edges of the bins, ascending, shape ``(bins + 1,)``.
        left: Share of A's values in each bin, shape ``(bins,)``; sums to 1.
        right: Share of B's values in each bin.
        left_values: Values of A that were counted.
        right_values: Values of B that were counted.
    """

    path: str
    edges: Array
    left: Array
    right: Array
    left_values: int
    right_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMap:
    """Where examples stand in one pass against another; one point per example.

    Attributes:
        title: What is compared, e.g. ``"B: second epoch against first"``.
        across: What the horizontal axis counts.
        up: What the vertical axis counts.
        x: Positions, shape ``(points,)``.
        y: Positions, shape ``(points,)``.
        examples: Examples that the points were taken from.
    """

    title: str
    across: str
    up: str
    x: Array
    y: Array
    examples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRun:
    """The classes of the first examples of an epoch, in the order they came.

    Attributes:
        side: ``"A"`` or ``"B"``.
        classes: Class of each example, counted from 0 over both sides, shape ``(examples,)``.
        names: The label behind each class number.
    """

    side: str
    classes: Array
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the data an epoch holds.

    Attributes:
        side: ``"A"`` or ``"B"``.
        epoch: What the pass is called.
        examples: Examples that it gave.
        distinct: Different ones among them.
        ended: Whether the feed ended it by itself.
    """

    side: str
    epoch: str
    examples: int
    distinct: int
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The time that each of the first batches of a pass took.

    Attributes:
        side: ``"A"`` or ``"B"``.
        wait_s: Seconds waited for each batch, shape ``(batches,)``.
        step_s: Seconds of the step that used it, shape ``(batches,)``; empty where none trained.
    """

    side: str
    wait_s: Array
    step_s: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One augmentation parameter as it was recovered from both sides.

    Attributes:
        name: The parameter, with its unit at the end: ``rotation_degrees``.
        edges: Edges of the bins, ascending, shape ``(bins + 1,)``.
        left: Share of A's views in each bin, shape ``(bins,)``; zeros where nothing is drawn.
        right: Share of B's views in each bin.
        left_says: Bounds of A in words.
        right_says: Bounds of B in words.
    """

    name: str
    edges: Array
    left: Array
    right: Array
    left_says: str
    right_says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibits:
    """Everything that a report of two feeds can show.

    Attributes:
        shown_as: Per side, how values became levels to look at.
        samples: Paired examples, the most different first.
        albums: The same examples over epochs, of sides that draw at random.
        histograms: Values of each dense leaf.
        orders: Where examples stand.
        runs: Labels in the order they came.
        coverage: What each pass held.
        timelines: Seconds per batch.
        drawn: Recovered augmentation.
    """

    shown_as: tuple[str, str] = ("", "")
    samples: tuple[Sample, ...] = ()
    albums: tuple[Album, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    orders: tuple[OrderMap, ...] = ()
    runs: tuple[LabelRun, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    drawn: tuple[Drawn, ...] = ()
