"""The matrix of a transformation, composed as Keras composes it.

Products are formed by the same calls in the same order: rounding is part of the result.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from twinfeed._core.batch import Array


class Move(NamedTuple):
    """A transformation of places.

    Attributes:
        theta: Degrees of rotation.
        tx: Rows of shift.
        ty: Columns of shift.
        shear: Degrees of shear.
        zx: Zoom along rows.
        zy: Zoom along columns.
    """

    theta: float = 0
    tx: float = 0
    ty: float = 0
    shear: float = 0
    zx: float = 1
    zy: float = 1


def matrix_of(move: Move, shape: tuple[int, int]) -> Array | None:
    """The affine map of one picture.

    Args:
        move: The transformation.
        shape: Height and width.

    Returns:
        ``m00, m01, m10, m11, offset of rows, offset of columns``, float64, for
        ``scipy.ndimage.affine_transform``; ``None`` where nothing moves.
    """
    theta, tx, ty, shear, zx, zy = move
    made: Array | None = None
    if theta != 0:
        turn = np.deg2rad(theta)
        made = np.array(
            [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
        )
    if tx != 0 or ty != 0:
        made = _times(made, np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]]))
    if shear != 0:
        lean = np.deg2rad(shear)
        made = _times(made, np.array([[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]]))
    if zx != 1 or zy != 1:
        made = _times(made, np.array([[zx, 0, 0], [0, zy, 0], [0, 0, 1]]))
    if made is None:
        return None
    there, back = _centre(shape)
    return _swapped(np.dot(np.dot(there, made), back))


def matrices_of(columns: dict[str, Array], shape: tuple[int, int]) -> Array | None:
    """The same for a batch at once.

    Args:
        columns: Those parts of a ``Move`` that were drawn, each of shape ``(pictures,)``.
        shape: Height and width of every picture.

    Returns:
        ``(pictures, 6)``, or ``None`` where the pictures have to be done one by one: some of
        them do not move, or this machine's products differ between one and many.
    """
    for names, still in _GROUPS:
        drawn = [columns[name] != still for name in names if name in columns]
        moved = np.logical_or(*drawn) if len(drawn) == 2 else drawn[0] if drawn else None
        if moved is not None and not moved.all():
            return None
    if not columns or not _many_equal_one():
        return None
    return _stacked(columns, shape)


_GROUPS = ((("theta",), 0.0), (("tx", "ty"), 0.0), (("shear",), 0.0), (("zx", "zy"), 1.0))
"""Parts of a move that are one matrix, and where it does nothing."""


def _stacked(columns: dict[str, Array], shape: tuple[int, int]) -> Array:
    count = len(next(iter(columns.values())))
    made: Array | None = None
    if "theta" in columns:
        turn = np.deg2rad(columns["theta"])
        made = _times(made, _eyes(count, {(0, 0): np.cos(turn), (0, 1): -np.sin(turn),
                                          (1, 0): np.sin(turn), (1, 1): np.cos(turn)}))  # fmt: skip
    if "tx" in columns or "ty" in columns:
        none = np.zeros(count)
        shift = {(0, 2): columns.get("tx", none), (1, 2): columns.get("ty", none)}
        made = _times(made, _eyes(count, shift))
    if "shear" in columns:
        lean = np.deg2rad(columns["shear"])
        made = _times(made, _eyes(count, {(0, 1): -np.sin(lean), (1, 1): np.cos(lean)}))
    if "zx" in columns:
        made = _times(made, _eyes(count, {(0, 0): columns["zx"], (1, 1): columns["zy"]}))
    assert made is not None
    there, back = _centre(shape)
    return _swapped(np.matmul(np.matmul(there, made), back))


def _eyes(count: int, values: dict[tuple[int, int], Array]) -> Array:
    made = np.zeros((count, 3, 3))
    made[:, range(3), range(3)] = 1
    for (row, column), value in values.items():
        made[:, row, column] = value
    return made


def _times(left: Array | None, right: Array) -> Array:
    if left is None:
        return right
    return np.dot(left, right) if left.ndim == 2 else np.matmul(left, right)


def _centre(shape: tuple[int, int]) -> tuple[Array, Array]:
    rows, columns = (float(size) / 2 - 0.5 for size in shape)
    there = np.array([[1, 0, rows], [0, 1, columns], [0, 0, 1]])
    return there, np.array([[1, 0, -rows], [0, 1, -columns], [0, 0, 1]])


def _swapped(made: Array) -> Array:
    """Keras builds the matrix in x and y and then exchanges both pairs of axes."""
    parts = [made[..., 1, 1], made[..., 1, 0], made[..., 0, 1], made[..., 0, 0]]
    return np.stack([*parts, made[..., 1, 2], made[..., 0, 2]], axis=-1).astype(np.float64)


@cache
def _many_equal_one() -> bool:
    """Whether products and angles of many come out as those of one do, to the last bit.

    They are free to differ: a linear algebra library may take another path for a stack, a vector
    unit another polynomial.
    """
    drawn = np.random.default_rng(0).uniform(0.5, 9.0, (6, 37))
    columns: dict[str, Array] = dict(zip(Move._fields, drawn, strict=True))
    shape = (37, 53)
    one_by_one = [matrix_of(Move(*row), shape) for row in drawn.T.tolist()]
    return np.array_equal(
        _stacked(columns, shape), np.stack([m for m in one_by_one if m is not None])
    )
