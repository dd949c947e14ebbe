"""What every feed promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Any, TypeAlias

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.spec import FeedSpec, spec_of
from twinfeed.feeds import as_feed
from twinfeed.observe.look import look
from twinfeed.testing._random_snapshot import snapshot

BATCHES = 64
"""Batches read of an epoch that never ends."""

Contents: TypeAlias = "tuple[tuple[int, int], ...]"


def check_feed(
    make: Callable[[], object] | Feed, *, random: bool = False, seeded: bool = False
) -> None:
    """Assert the promises of ``Feed``; it is read about six times, so keep it small.

    Args:
        make: Returns a new pipeline, anything ``as_feed`` takes, or a ``Feed``; or a ``Feed``.
        random: Whether values, or which examples are given, are drawn at random.
        seeded: Whether a new build gives the first epoch exactly again.

    Raises:
        AssertionError: Naming the promise that was broken.

    >>> import numpy as np
    >>> check_feed(lambda: np.zeros((10, 3)), seeded=True)
    """
    _Check(make, random=random, seeded=seeded).run()


class _Check:
    def __init__(self, make: Callable[[], object] | Feed, *, random: bool, seeded: bool) -> None:
        self.random, self.seeded = random, seeded
        native = make if isinstance(make, Feed) else make()
        self.owners = [] if isinstance(native, Feed) else [native]
        self.before = snapshot(self.owners)
        self.feed = native if isinstance(native, Feed) else as_feed(native)
        self.name = self.feed.name
        self.spec: FeedSpec | None = None
        self._still("making the feed")

    def run(self) -> None:
        self.feed.open_epoch()
        self._still("opening an epoch, before its first batch,")
        first = self._epoch("the first epoch", self.feed)
        self._assert(bool(first), "an epoch has batches", "the first one had none")
        self._counts(first)
        once = self.feed.fresh is None and bool(self.feed.notes)
        if not once:
            self._again(first)
        if self.feed.fresh is not None:
            self._fresh(first, self.feed.fresh())
        if self.feed.plain is not None:
            self._plain(self.feed.plain())

    def _again(self, first: list[Contents]) -> None:
        second = self._epoch("a second epoch", self.feed)
        self._alike(first, second, "a second epoch starts anew")
        self._abandon(self.feed)
        third = self._epoch("the epoch after one that was left early", self.feed)
        self._alike(first, third, "the epoch after one that was left early starts anew")

    def _fresh(self, first: list[Contents], fresh: Feed) -> None:
        built = self._epoch("a fresh build", fresh)
        self._alike(first, built, "a fresh build starts from the first epoch")
        if self.seeded:
            told = "a fresh build gives the same first epoch"
            self._assert(first == built, told, "its batches differ although seeded=True was said")

    def _plain(self, plain: Feed) -> None:
        examples = self._epoch("without augmentation", plain, any_spec=True)
        self._assert(bool(examples), "the feed without augmentation has batches", "it has none")
        again = self._epoch("without augmentation, again", plain, any_spec=True)
        self._assert(
            _multiset(examples) == _multiset(again),
            "without augmentation the examples stay the same",
            "two epochs differ",
        )

    def _epoch(self, what: str, feed: Feed, *, any_spec: bool = False) -> list[Contents]:
        """Read one epoch and check all that holds in every epoch."""
        contents: list[Contents] = []
        ids: list[Any] = []
        limit = BATCHES if feed.infinite else None
        with closing(_closable(feed.open_epoch())) as epoch:
            for number, batch in enumerate(islice(epoch, limit)):
                self._still(f"reading {what}, batch {number},")
                self._sizes(batch, f"batch {number} of {what}")
                if not any_spec:
                    self._same_spec(batch, f"batch {number} of {what}")
                if batch.ids is not None:
                    ids += batch.ids.tolist()
                seen = look(batch)
                contents.append(
                    tuple(zip(seen.content.tolist(), seen.label_key.tolist(), strict=True))
                )
        self._still(f"{what}")
        twice = [name for name, times in Counter(ids).items() if times > 1]
        if not self._repeats():
            self._assert(
                not twice, "ids are unique in an epoch", f"{twice[:3]} came more than once"
            )
        return contents

    def _abandon(self, feed: Feed) -> None:
        epoch = _closable(feed.open_epoch())
        next(epoch, None)
        self._still("an epoch that is left early")
        epoch.close()
        self._still("closing an epoch early")

    def _counts(self, first: list[Contents]) -> None:
        examples = sum(len(batch) for batch in first)
        for name, said, read in (
            ("batches", self.feed.batches, len(first)),
            ("examples", self.feed.examples, examples),
        ):
            if self.feed.infinite:
                told = f"an infinite feed states no number of {name}"
                self._assert(said is None, told, f"it states {said}")
            elif said is not None:
                self._assert(
                    said == read, f"the stated number of {name} is right", f"{said} against {read}"
                )

    def _sizes(self, batch: Batch, where: str) -> None:
        sizes = {path: (len(leaf) if leaf.ndim else None) for path, leaf in batch.leaves()}
        if batch.ids is not None:
            sizes["ids"] = len(batch.ids)
        told = "every array of a batch has its examples as the first axis"
        self._assert(len(set(sizes.values())) == 1, told, f"{where}: {sizes}")

    def _same_spec(self, batch: Batch, where: str) -> None:
        spec = spec_of(batch)
        self.spec = self.spec or spec
        told = "paths, kinds, dtypes and ranks of the leaves stay the same"
        self._assert(_shape_free(spec) == _shape_free(self.spec), told, f"{where}: {spec}")

    def _alike(self, first: list[Contents], other: list[Contents], promise: str) -> None:
        sizes = [len(batch) for batch in first], [len(batch) for batch in other]
        self._assert(
            sizes[0] == sizes[1], promise, f"batches of {sizes[0]} first, then of {sizes[1]}"
        )
        if not self.random and not self.feed.infinite:
            self._assert(
                _multiset(first) == _multiset(other),
                promise,
                "other examples came; say random=True if they are drawn at random",
            )

    def _repeats(self) -> bool:
        plan = self.feed.plan
        return self.feed.infinite or (plan is not None and any(plan.of_kind("repeat")))

    def _still(self, what: str) -> None:
        after = snapshot(self.owners)
        moved = [name for name, state in self.before.items() if after.get(name) != state]
        self._assert(not moved, "reading moves no random state", f"{what} moved {', '.join(moved)}")

    def _assert(self, held: bool, promise: str, broken: str) -> None:  # noqa: FBT001 - as assert
        if not held:
            raise AssertionError(f"{self.name} breaks a promise of Feed: {promise}. {broken}.")


def _multiset(epoch: list[Contents]) -> Counter[tuple[int, int]]:
    return Counter(example for batch in epoch for example in batch)


def _shape_free(spec: FeedSpec) -> list[tuple[object, ...]]:
    return [(leaf.path, leaf.kind, leaf.dtype, len(leaf.shape)) for leaf in spec.leaves]


def _closable(batches: Iterator[Batch]) -> Generator[Batch]:
    """Feeds of other packages may give any iterator."""
    # Closing this one closes the other, if that one can be closed.
    yield from batches
