"""What was observed of a feed: plain values and arrays, nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.plan import Place, Plan, Setting
from twinfeed._core.spec import FeedSpec, LeafSpec

_WHOLE_RANGE = 0.5
_SLIVER = 0.05
Role: TypeAlias = Literal["feed", "fit", "validation", "evaluate", "predict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One pass that was read, wholly or in part.

    Attributes:
        build: Which build of the pipeline it belongs to; builds share no cache and no seed state.
        number: Its number within the build, from 0.
        ended: Whether the feed ended it by itself; ``False`` when the reader stopped first.
        looked: Whether its examples are in the ledger; ``False`` for a pass that was only
            timed, so that looking does not count as waiting.
    """

    build: int
    number: int
    ended: bool
    looked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """One row per batch, in the order read. Every column has shape ``(batches,)``.

    Attributes:
        epoch: Index into ``Trace.epochs``.
        size: Examples in the batch.
        wait_s: Seconds that the reader waited for it.
        step_s: Seconds of the train step that used it; NaN where nothing trained.
    """

    epoch: Array
    size: Array
    wait_s: Array
    step_s: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The example ledger: one row per example read, in the order read.

    Attributes:
        epoch: Index into ``Trace.epochs``, shape ``(rows,)``.
        batch: Number of the batch within its epoch, shape ``(rows,)``.
        position: Number of the example within its epoch, shape ``(rows,)``.
        content: Hash of all of its inputs, uint64, shape ``(rows,)``.
        id: Hash of its name; 0 where the library gives none; uint64, shape ``(rows,)``.
        label: Its class or value: a scalar as it is, the largest entry's index for a vector;
            NaN where there is none; float64, shape ``(rows,)``.
        label_peak: Largest entry of the label, float64, shape ``(rows,)``.
        label_sum: Sum of the label's entries, float64, shape ``(rows,)``.
        label_key: Hash of the label as it came, uint64, shape ``(rows,)``.
        signature: A coarse view of the main input, for pairing: standardised to mean 128
            and 42 levels per standard deviation, uint8, shape ``(rows, 256)`` (an image is
            16 x 16, grey) or ``(rows, values)`` for vectors, or ``(rows, 0)`` for neither.
        label_view: The same of a label that is a picture, as a mask is, uint8, shape
            ``(rows, 256)``; ``(rows, 0)`` for any other label.
    """

    epoch: Array
    batch: Array
    position: Array
    content: Array
    id: Array
    label: Array
    label_peak: Array
    label_sum: Array
    label_key: Array
    signature: Array
    label_view: Array

    def __len__(self) -> int:
        return len(self.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Whole examples of the main input.

    Kept are those whose keys hash lowest, so that the same examples are kept in every epoch
    and in every feed that has them. Pictures without names have their looks for keys.

    Attributes:
        row: Index into ``Trace.rows``, ascending, shape ``(kept,)``.
        values: The examples as they came, one array each.
    """

    row: Array
    values: tuple[Array, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """Small copies of examples whose main input is a large picture, and is kept whole of few.

    Two draws of one example hold other values, so that of a feed whose examples have no names
    the whole examples of two epochs are other ones; of small copies there are enough to meet.

    Attributes:
        row: Index into ``Trace.rows``, ascending, shape ``(copies,)``.
        values: Means of even areas, channels last, in 256 levels: uint8, one array each.
        span: The values that the levels 0 and 255 stand for, float32, shape ``(copies, 2)``.
    """

    row: Array
    values: tuple[Array, ...]
    span: Array

    def picture(self, at: int) -> Array:
        """One copy in the units of the feed, float32, channels last."""
        low, high = self.span[at].tolist()
        return self.values[at] * np.float32((high - low) / 255) + np.float32(low)


def no_small() -> Small:
    """No copies: every example that was looked at is kept whole, or none is a picture."""
    return Small(row=np.zeros(0, np.int64), values=(), span=np.zeros((0, 2), np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafStats:
    """What was counted of a dense leaf.

    Attributes:
        path: The leaf's path.
        sampled: Whether only every fourth row and column of images was counted.
        examples: Examples that were counted.
        count: Values that were counted.
        nan: Values that are NaN.
        inf: Values that are infinite in float32.
        low: Smallest finite value, or ``None`` if there is none.
        high: Largest finite value, or ``None`` if there is none.
        mean: Mean of the finite values per channel.
        std: Standard deviation of the finite values per channel.
        histogram: Lower edge and count of each bin that holds a value, ascending: one bin per
            level for uint8, bins of one eighth of an octave or less for everything else.
    """

    path: str
    sampled: bool
    examples: int
    count: int
    nan: int
    inf: int
    low: float | None
    high: float | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    histogram: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScaling:
    """A layer at the front of a model that scales its input: ``value * scale + offset``.

    Attributes:
        layer: Its class, ``Rescaling`` or ``Normalization``.
        scale: The factor; of several channels their mean.
        offset: What is added after the factor; of several channels their mean.
    """

    layer: str
    scale: float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a training script asked of Keras, and what it got.

    Attributes:
        handed: The type of the object given to ``fit``, ``evaluate`` or ``predict``.
        arguments: The call's own arguments that concern the feed, e.g. ``{"steps_per_epoch": 10}``.
        spec: The leaves of the object handed in, where it shows them without being read.
        batches: Batches per epoch of the object handed in; ``None`` if unknown or infinite.
        backend: Keras's backend.
        metrics: Each epoch's logs by name, e.g. ``{"val_accuracy": (0.5, 0.7)}``.
        fetched_batches: Batches fetched from the feed; more than trained on where ``fit`` stopped short.
        place: Where in the user's code the call is written.
        model_scaling: The layers at the model's front that scale its input, first one first.
        model_inputs: The names by which the model takes its inputs, where it does so by name.
    """

    handed: str
    arguments: Mapping[str, Setting]
    spec: FeedSpec | None = None
    batches: int | None = None
    backend: str = ""
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    fetched_batches: int = 0
    place: Place | None = None
    model_scaling: tuple[ModelScaling, ...] = ()
    model_inputs: tuple[str, ...] = ()

    def behind_scaling(self, low: float, high: float) -> tuple[float, float]:
        """What the model's own scaling makes of a range of values."""
        for layer in self.model_scaling:
            low, high = (value * layer.scale + layer.offset for value in (low, high))
        return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What was observed of a feed in a bounded read, or inside ``Model.fit``.

    Attributes:
        name: What reports call the feed.
        role: ``feed`` for one that was only read; else the Keras call that used it.
        spec: The leaves of its batches.
        plan: The pipeline's steps, or ``None`` where the library hides them.
        batches: Batches per epoch as the library states it; ``None`` if unknown or infinite.
        examples: Examples per epoch as the library states it; ``None`` if unknown or infinite.
        infinite: Whether the library says that an epoch never ends.
        epochs: The passes that were read.
        ticks: One row per batch.
        rows: One row per example.
        kept: Whole examples.
        small: Small copies of examples, where few are kept whole.
        plain_small: The same of ``plain``, by the first row of each.
        plain: Whole examples of the same feed without its random augmentation, with ids
            in ``plain_id``; empty where the library cannot be asked for them.
        plain_id: Hash of the name of each example of ``plain``, uint64.
        stats: Counts per dense leaf.
        fit: What a script asked of Keras; ``None`` for a feed that was only read.
        plain_s_per_example: Seconds per example of the feed without its random
            augmentation; ``None`` where that was not measured.
        complete: Whether the read ended as planned; ``False`` after an interruption.
        notes: What a report must say about how it was read.
        environment: Versions and machine, by name.
    """

    name: str
    role: Role
    spec: FeedSpec
    plan: Plan | None
    batches: int | None
    examples: int | None
    infinite: bool
    epochs: tuple[Epoch, ...]
    ticks: Ticks
    rows: Rows
    kept: Kept
    plain: tuple[Array, ...]
    plain_id: Array
    stats: tuple[LeafStats, ...]
    fit: Fit | None
    plain_s_per_example: float | None
    complete: bool
    notes: tuple[str, ...]
    environment: Mapping[str, str]
    small: Small = field(default_factory=no_small)
    plain_small: Small = field(default_factory=no_small)

    @property
    def main(self) -> LeafSpec | None:
        """The input that ``kept`` and the signatures hold."""
        return self.spec.main

    @property
    def shown(self) -> Array:
        """Rows whose main input is there, whole or, of large pictures, as small copies of more."""
        return self.small.row if len(self.small.row) else self.kept.row

    @property
    def plain_shown(self) -> Array:
        """Hashes of the names of which the example without augmentation is there, whole or small."""
        return self.rows.id[self.plain_small.row] if self.shows_plain_small else self.plain_id

    @property
    def shows_plain_small(self) -> bool:
        """Whether of examples without augmentation there are more small copies than whole ones."""
        return len(self.plain_small.row) > len(self.plain_id)

    def stats_of(self, path: str) -> LeafStats | None:
        """The counts of one leaf."""
        return next((stats for stats in self.stats if stats.path == path), None)

    @property
    def behind_model_scaling(self) -> tuple[LeafStats, tuple[float, float]] | None:
        """Counts of the pictures and what the model's own scaling leaves of their range.

        ``None`` where the model does not scale, or no range of pictures was counted.
        """
        if self.fit is None or not self.fit.model_scaling or self.main is None:
            return None
        stats = self.stats_of(self.main.path)
        if not self.main.is_image or stats is None or stats.low is None or stats.high is None:
            return None
        return stats, self.fit.behind_scaling(stats.low, stats.high)

    @property
    def is_squeezed_by_model(self) -> bool:
        """Whether the feed gives a range like 0..1 and its model's scaling leaves a sliver of it."""
        found = self.behind_model_scaling
        if found is None:
            return False
        stats, (low, high) = found
        width = (stats.high or 0.0) - (stats.low or 0.0)
        return width >= _WHOLE_RANGE and abs(high - low) < _SLIVER

    def epoch_indices(self, *, build: int = 0) -> list[int]:
        """Indices of the epochs of one build, first epoch first."""
        return [index for index, epoch in enumerate(self.epochs) if epoch.build == build]

    def rows_of(self, epoch: int) -> Array:
        """Indices of the rows of one epoch, in the order read."""
        return np.flatnonzero(self.rows.epoch == epoch)
