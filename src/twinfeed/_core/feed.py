"""The one view of any pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from twinfeed._core.batch import Batch
from twinfeed._core.plan import Plan
from twinfeed._core.spec import FeedSpec

OpenEpoch: TypeAlias = "Callable[[], Iterator[Batch]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A pipeline seen as numpy batches.

    Reading a feed moves nobody's random state and consumes nothing of the user's: the
    epochs are those of a copy of the pipeline. Successive calls of ``open_epoch`` give
    the successive epochs of *one* training, so a feed that shuffles anew each epoch does
    so here too. ``fresh`` starts again from the first epoch.

    Attributes:
        name: What reports call it, e.g. ``"tf.data.Dataset"``.
        open_epoch: Starts the next epoch; reads nothing until the first ``next``.
        batches: Batches in one epoch; ``None`` if unknown or infinite.
        examples: Examples in one epoch; ``None`` if unknown or infinite.
        infinite: Whether the library says that an epoch never ends.
        plan: The pipeline's steps, or ``None`` where the library hides them.
        fresh: The same pipeline as a new process would build it (empty caches, first
            epoch), or ``None`` where it can be read only once.
        plain: The same pipeline without its random augmentation, where the library can
            be asked for that; else ``None``.
        spec: The leaves of its batches, where the pipeline tells them without being read.
        notes: What a report must say about reading it, e.g. that a cache file was left out.
    """

    name: str
    open_epoch: OpenEpoch
    batches: int | None = None
    examples: int | None = None
    infinite: bool = False
    plan: Plan | None = None
    fresh: Callable[[], Feed] | None = None
    plain: Callable[[], Feed] | None = None
    spec: FeedSpec | None = None
    notes: tuple[str, ...] = ()
