"""Columns that one feed hands in by name and the other as one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_LEAST = 20  # examples kept, below which mean and spread tell no column
_ALIKE = 0.05  # of a column's spread, by which its mean and its spread may be off
_SAMPLED = 4.0  # standard errors, where not all examples were kept


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """Which name each column of the array has on the other side.

    Attributes:
        named: The side that hands in columns by name.
        paths: The names, in the order in which that side has them.
        columns: Columns of the other side's array.
        names: For each of those the name whose mean and spread it has, or ``None``.
    """

    named: SideName
    paths: tuple[str, ...]
    columns: int
    names: tuple[str | None, ...]


@remembered
def named_columns(twins: Twins) -> NamedColumns | None:
    """The names of the columns; ``None`` where not one side has single numbers, the other a row."""
    for name, other in EACH_WAY:
        leaves = twins.side(name).spec.part("x")
        row = twins.side(other).spec.part("x")
        if len(leaves) < 2 or len(row) != 1 or not all(map(_is_number, leaves)):
            continue
        if row[0].kind != "dense" or len(row[0].shape) != 1 or not row[0].shape[0]:
            continue
        columns = row[0].shape[0]
        names = _names(twins.side(name), leaves, twins.side(other), columns)
        return NamedColumns(name, tuple(leaf.path for leaf in leaves), columns, names)
    return None


def _is_number(leaf: LeafSpec) -> bool:
    return leaf.is_countable and leaf.shape in {(), (1,)}


def _names(
    trace: Trace, leaves: tuple[LeafSpec, ...], other: Trace, columns: int
) -> tuple[str | None, ...]:
    kept = [each for each in other.kept.values if each.shape == (columns,)]
    counted = [trace.stats_of(leaf.path) for leaf in leaves]
    if len(kept) < _LEAST:
        return (None,) * columns
    rows = np.stack(kept).astype(np.float64)
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    away = np.full((columns, len(leaves)), np.inf)
    for at, stats in enumerate(counted):
        if stats is not None and stats.mean and stats.std and np.isfinite(stats.mean[0]):
            away[:, at] = _away(mean, std, stats.mean[0], stats.std[0])
    sampled = 0 if len(kept) >= len(other.rows) else _SAMPLED / np.sqrt(len(kept))
    names: list[str | None] = [None] * columns
    places: list[int] = np.argsort(away, axis=None).tolist()
    for place in places:  # the likeliest of those that are left
        column, leaf = divmod(place, len(leaves))
        path = leaves[leaf].path
        if away[column, leaf] <= max(_ALIKE, sampled) and not names[column] and path not in names:
            names[column] = path
    return tuple(names)


def _away(mean: Array, std: Array, other_mean: float, other_std: float) -> Array:
    wide = np.maximum(np.maximum(std, other_std), 1e-12 * max(1.0, abs(other_mean)))
    return np.maximum(np.abs(mean - other_mean), np.abs(std - other_std)) / wide
