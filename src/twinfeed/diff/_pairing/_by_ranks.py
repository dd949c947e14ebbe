"""The same rows of a table by their ranks: what pairs tables whose columns were bent or exchanged.

A logarithm, a scale or a standardisation keeps the order of a column and which of its values are
equal. So in two tables of the same rows each row has the same rank in every column, whatever the
columns were put through; and two columns keep their rank correlation, by which those that
changed places are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._by_lines import are_tables, equal_rows

_FEW = 4  # columns, of which all orders are tried
_SHARE = 0.8  # of the rows, that must be the only ones of their ranks
_RANKS = ((0.01, 0.5), (1.0, 2.0))  # by which a row may be off, and others must; rounding ties some
_ALIKE = 0.02  # by which a rank correlation may be off


def same_ranks(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Pair whole rows of two tables, each of whose columns was put through a rising curve.

    Args:
        left: All rows of one side, of one shape, none twice.
        right: Of the other, as many.

    Returns:
        Indices into both, as long as the pairs, ascending in the left; ``None`` where these are
        not the same rows, or the columns are too few or too coarse to tell rows apart.
    """
    if len(left) != len(right) or not are_tables(left, right):
        return None
    mine, theirs = (np.stack(side).astype(np.float64) for side in (left, right))
    varied = [np.flatnonzero(np.ptp(side, axis=0) > 0) for side in (mine, theirs)]
    if len(varied[0]) != len(varied[1]) or len(varied[0]) < 2:
        return None
    mine, theirs = (_ranks(side[:, at]) for side, at in zip((mine, theirs), varied, strict=True))
    for order in _orders(mine, theirs):
        picked = mine[:, order]
        by = int(np.argmax([len(np.unique(column)) for column in picked.T]))
        for equal, clear in _RANKS:
            rows, others, alone = equal_rows(picked, theirs, by, equal=equal, clear=clear)
            if alone >= _SHARE * len(mine):
                return rows, others
    return None


def _ranks(table: Array) -> Array:
    """The rank of each value in its column, equal ones alike; the shape of the table."""
    found = np.empty_like(table)
    for at, column in enumerate(table.T):
        ordered = np.sort(column)
        found[:, at] = np.searchsorted(ordered, column)
        found[:, at] += np.searchsorted(ordered, column, side="right")
    return found / 2


def _orders(left: Array, right: Array) -> Iterator[list[int]]:
    """Orders of the left columns in which they may be the right ones: as they are, and others."""
    columns = left.shape[1]
    bonds = [np.corrcoef(side.T) for side in (left, right)]
    as_it_is = list(range(columns))
    if float(np.abs(bonds[0] - bonds[1]).max()) <= _ALIKE:
        yield as_it_is
    if columns <= _FEW:
        others = [list(order) for order in permutations(as_it_is)]
    else:
        # What a column has in common with each of the others tells it, in whichever order.
        own = [np.sort(bond, axis=1) for bond in bonds]
        apart = np.abs(own[0][:, None] - own[1][None]).max(axis=2)
        others = [likeliest(-apart)]
    for order in others:
        moved = bonds[0][np.ix_(order, order)]
        if order != as_it_is and float(np.abs(moved - bonds[1]).max()) <= _ALIKE:
            yield order


def likeliest(likeness: Array) -> list[int]:
    """One row for each column: always the likeliest of those that are left."""
    columns = len(likeness)
    order, taken = [-1] * columns, [False] * columns
    for place in np.argsort(-likeness, axis=None).tolist():
        row, column = divmod(place, columns)
        if order[column] < 0 and not taken[row]:
            order[column], taken[row] = row, True
    return order
