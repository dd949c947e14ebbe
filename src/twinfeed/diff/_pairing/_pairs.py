"""Rows that hold the same example, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._found import Clues

_RECOGNISED = 0.5  # share of the shorter pass in pairs below which places are asked as well


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of two passes that hold the same example.

    Attributes:
        left: Index into the left trace's rows, shape ``(pairs,)``.
        right: Index into the right trace's rows, shape ``(pairs,)``.
        method: ``id``, ``content``, ``likeness``, ``values``, ``parts``, ``place`` or ``none``: the
            weakest that was needed.
        confidence: Estimated share of the pairs that are right; 1 for names and contents.
        left_rows: Rows of the left pass, paired or not.
        right_rows: Rows of the right pass, paired or not.
        clues: What was done to examples that were told by likeness; ``None`` without any.
        turned: Whether left and right were exchanged since the clues were found.
        sought: Share, above 0, of the left rows whose content did not come again that were looked for.
    """

    left: Array
    right: Array
    method: str
    confidence: float
    left_rows: Array
    right_rows: Array
    clues: Clues | None = None
    turned: bool = False
    sought: float = 1.0

    def __len__(self) -> int:
        return len(self.left)

    @property
    def recognised(self) -> bool:
        """Whether most examples of the shorter pass were told by what they are."""
        shorter = min(len(self.left_rows), len(self.right_rows))
        return self.method not in {"values", "place"} and len(self) >= _RECOGNISED * shorter

    @property
    def swapped(self) -> Pairs:
        """The same with the two traces exchanged."""
        return replace(
            self,
            left=self.right,
            right=self.left,
            left_rows=self.right_rows,
            right_rows=self.left_rows,
            turned=not self.turned,
        )

    def equal(self, left: Trace, right: Trace) -> Pairs:
        """Of these only pairs of one content, where others may be copies and no same example."""
        if self.method == "id":
            return self
        same = left.rows.content[self.left] == right.rows.content[self.right]
        a, b = self.left[same], self.right[same]
        return Pairs(
            *(a, b, "content" if len(a) else "none", 1.0 if len(a) else 0.0),
            *(self.left_rows, self.right_rows),
        )

    def also(self, left: Array, right: Array, method: str, *, wrong: float = 0.0) -> Pairs:
        """These and more.

        Args:
            left: Index into the left trace's rows, shape ``(more,)``.
            right: Index into the right trace's rows, shape ``(more,)``.
            method: How all of them were told.
            wrong: How many of the more are expected to be wrong.
        """
        a, b = np.concatenate([self.left, left]), np.concatenate([self.right, right])
        order = np.argsort(a, kind="stable")
        wrong += (1 - self.confidence) * len(self)
        return replace(
            self, left=a[order], right=b[order], method=method, confidence=1 - wrong / len(a)
        )


def common(left: Array, right: Array) -> tuple[Array, Array]:
    """Indices of equal keys, one to one: the n-th of a key with the n-th of the same key."""
    a, b = _numbered(left), _numbered(right)
    _, at_left, at_right = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    order = np.argsort(at_left)
    return at_left[order], at_right[order]


def _numbered(keys: Array) -> Array:
    """Each key with how often it came before, as one sortable value."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else order
    occurrence = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    numbered = np.zeros(len(keys), [("key", np.uint64), ("n", np.int64)])
    numbered["key"][order], numbered["n"][order] = ordered, occurrence
    return numbered
