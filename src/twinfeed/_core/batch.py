"""One batch, as numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Tree: TypeAlias = "Array | dict[str, Tree] | tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One example of a sparse leaf.

    Attributes:
        indices: Coordinates of the stored values, shape ``(values, rank)``, int64.
        values: The stored values, shape ``(values,)``.
        shape: The dense shape of this example.
    """

    indices: Array
    values: Array
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one call of ``train_step`` receives.

    A leaf is an array whose first axis is the example. Text, ragged and sparse leaves
    are object arrays of shape ``(size,)``: one ``bytes``, one array or one
    ``SparseRow`` per example.

    Attributes:
        x: Inputs; every leaf has shape ``(size, ...)``.
        y: Targets in the same form, or ``None``.
        weight: Sample weights, or ``None``.
        ids: Names of the examples where the library knows them (a path, a TFDS id),
            an array of ``str`` or ``int`` of shape ``(size,)``.
    """

    x: Tree
    y: Tree | None = None
    weight: Tree | None = None
    ids: Array | None = None

    def leaves(self) -> Iterator[tuple[str, Array]]:
        """Each leaf with its path as a user would write it: ``x``, ``y["mask"]``, ``x[1]``."""
        for name, tree in (("x", self.x), ("y", self.y), ("weight", self.weight)):
            if tree is not None:
                yield from walk(tree, name)

    @property
    def size(self) -> int:
        """Examples in this batch."""
        return len(next(self.leaves())[1])


def walk(tree: Tree, path: str) -> Iterator[tuple[str, Array]]:
    """The leaves of a tree, each with its path."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from walk(branch, f'{path}["{key}"]')
    elif isinstance(tree, tuple):
        for index, branch in enumerate(tree):
            yield from walk(branch, f"{path}[{index}]")
    else:
        yield path, tree
