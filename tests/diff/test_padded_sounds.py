"""Sounds of other lengths, filled up with zeros to the longest of their batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twinfeed import as_feed
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

COUNT, SIZE = 240, 16
RANDOM = np.random.default_rng(0)
SOUNDS = [
    RANDOM.normal(size=(length, 12)).astype("f4") for length in RANDOM.integers(20, 80, COUNT)
]
BY_LENGTH = np.argsort([len(sound) for sound in SOUNDS], kind="stable").reshape(-1, SIZE)


class Batches:
    """Batches of like lengths: always the same ones, or drawn anew in each pass."""

    def __init__(self, *, fixed: bool) -> None:
        self.fixed, self.random = fixed, np.random.default_rng(1)

    def __len__(self) -> int:
        return len(BY_LENGTH)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rows = BY_LENGTH if self.fixed else self.random.permuted(BY_LENGTH.reshape(3, -1), axis=1)
        for batch in self.random.permutation(rows.reshape(-1, SIZE)):
            longest = max(len(SOUNDS[at]) for at in batch)
            padded = [np.pad(SOUNDS[at], ((0, longest - len(SOUNDS[at])), (0, 0))) for at in batch]
            yield np.stack(padded), batch % 7


def test_other_padding_is_no_augmentation() -> None:
    sides = [
        observe(as_feed(Batches(fixed=one)), budget=Budget(timing_s=0)) for one in (True, False)
    ]
    report = compare(*sides)
    assert [one.code for one in report.findings] == ["ORD203", "ORD205"]
