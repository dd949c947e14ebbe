"""Counting the values of one leaf."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np

from twinfeed._core.trace import LeafStats
from twinfeed.stats._compiled import kernel
from twinfeed.stats.exact import UNIT_BITS, ExactSum

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

_FLOAT_BINS = 4096  # sign, 8 bits of exponent and 3 of mantissa of a float32
_NOT_FINITE = 0x7F8  # the exponent of infinities and of what is no number, as a bin
_CHUNK_VALUES = 3 << 14  # what fits a core's own cache as float64
_LARGEST = float(np.finfo(np.float32).max)  # networks compute in float32: beyond is infinite
_FOLDS = (128, 64, 32, 49, 25, 10, 7, 5, 3, 2, 1)


class _Scratch:
    """Memory that a batch's chunks share: fresh pages for each would cost as much as the sums."""

    def __init__(self, values: int) -> None:
        self.numbers = np.empty(values)
        self._index = np.empty(values, np.int64)

    def bins(self, wide: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            single = np.ascontiguousarray(wide, dtype=np.float32)
        index = self._index[: wide.size]
        np.right_shift(single.view(np.uint32).ravel(), 20, out=index, casting="unsafe")
        return np.bincount(index, minlength=_FLOAT_BINS)


class ValueCounts:
    """Counts, extremes, moments and a histogram of one dense leaf.

    Adding in any split and order, and merging, gives the same bytes.

    Args:
        path: The leaf's path.
        channels: Channels of its last axis that get moments of their own.
        sampled: Whether the caller hands in a sample of each example's values.
    """

    def __init__(self, path: str, channels: int, *, sampled: bool) -> None:
        self.path = path
        self.channels = channels
        self.sampled = sampled
        self.examples = self.count = self.nan = self.inf = 0
        self.low, self.high = float("inf"), float("-inf")
        self.sums = [ExactSum() for _ in range(channels)]
        self.squares = [ExactSum() for _ in range(channels)]
        self.finite = np.zeros(channels, np.int64)
        self.levels = np.zeros(256, np.int64)
        self.bins = np.zeros(_FLOAT_BINS, np.int64)

    def add(self, batch: Array) -> None:
        """Count a batch of shape ``(size, ..., channels)`` or ``(size, ...)`` for one channel."""
        self.examples += len(batch)
        self.count += batch.size
        if not batch.size:
            return
        rows = batch.reshape(len(batch), -1, self.channels)
        if batch.dtype == np.uint8:
            self._add_levels(rows)
            return
        self._add_chunks(rows)

    def _add_levels(self, rows: Array) -> None:
        levels = np.arange(256, dtype=np.int64)
        for channel in range(self.channels):
            counts = np.bincount(rows[:, :, channel].ravel(), minlength=256)
            self.levels += counts
            self.sums[channel].add_integer(int(counts @ levels))
            self.squares[channel].add_integer(int(counts @ levels**2))
            self.finite[channel] += counts.sum()
            seen = np.flatnonzero(counts)
            self.low = min(self.low, float(seen[0]))
            self.high = max(self.high, float(seen[-1]))

    def _add_chunks(self, rows: Array) -> None:
        step = max(1, _CHUNK_VALUES // rows[0].size)
        height = max(1, _CHUNK_VALUES // self.channels)
        compiled = kernel(rows.size) if rows.dtype == np.float32 else None
        tables = np.zeros((4, _FLOAT_BINS), np.int64)
        scratch = _Scratch(min(rows.size, _CHUNK_VALUES))
        folded: list[tuple[Array, Array]] = []
        for start in range(0, len(rows), step):
            for top in range(0, rows.shape[1], height):
                chunk = np.ascontiguousarray(rows[start : start + step, top : top + height])
                # Sums of one example, in an order fixed by its shape: what an example adds never
                # depends on its batch. Wide rows let the additions run side by side.
                fold = next(width for width in _FOLDS if chunk.shape[1] % width == 0)
                wide = chunk.reshape(len(chunk), -1, fold * self.channels)
                # A single column NumPy adds up pairwise, in an order of its own.
                found = self._fused(compiled, wide, tables) if wide.shape[2] > 1 else None
                terms = found or self._separately(wide, scratch)
                folded.append(tuple(t.reshape(len(t), fold, -1).sum(axis=1) for t in terms))
        self.bins += tables.sum(axis=0)
        for sums, parts in zip((self.sums, self.squares), zip(*folded, strict=True), strict=True):
            together = np.concatenate(parts)
            for channel in range(self.channels):
                sums[channel].add(together[:, channel])

    def _fused(self, compiled: Any, wide: Array, tables: Array) -> tuple[Array, Array] | None:
        if compiled is None:
            return None
        sums, squares = np.zeros((2, len(wide), wide.shape[2]))
        finite, *ends = compiled.count(wide, wide.view(np.int32), sums, squares, tables)
        if not finite:
            return None
        self.finite += wide.size // self.channels
        self._widen(*(compiled.as_float(end) for end in ends))
        return sums, squares

    def _widen(self, low: float, high: float) -> None:
        # Adding 0.0 leaves one zero only: which of the two comes first is a matter of order.
        self.low, self.high = min(self.low, low + 0.0), max(self.high, high + 0.0)

    def _separately(self, wide: Array, scratch: _Scratch) -> tuple[Array, Array]:
        low, high = float(wide.min()), float(wide.max())
        self.bins += scratch.bins(wide)
        values = scratch.numbers[: wide.size].reshape(wide.shape)
        if low >= -_LARGEST and high <= _LARGEST:
            self.finite += wide.size // self.channels
            values[:] = wide
        else:
            finite = np.abs(wide) <= _LARGEST
            nan = int(np.isnan(wide).sum())
            self.nan += nan
            self.inf += int(wide.size - finite.sum()) - nan
            self.finite += finite.reshape(-1, self.channels).sum(axis=0)
            good = wide[finite]
            low, high = (float(good.min()), float(good.max())) if good.size else (np.inf, -np.inf)
            values[:] = np.where(finite, wide, 0)
        self._widen(low, high)
        sums = values.sum(axis=1)
        return sums, np.square(values, out=values).sum(axis=1)

    def merge(self, other: ValueCounts) -> None:
        """Add what another has counted of the same leaf."""
        for name in ("examples", "count", "nan", "inf"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.finite += other.finite
        self.levels += other.levels
        self.bins += other.bins
        for mine, theirs in ((self.sums, other.sums), (self.squares, other.squares)):
            for a, b in zip(mine, theirs, strict=True):
                a.merge(b)

    def to_bytes(self) -> bytes:
        """The whole state as canonical JSON."""
        state = {
            "path": self.path,
            "channels": self.channels,
            "sampled": self.sampled,
            "examples": self.examples,
            "count": self.count,
            "nan": self.nan,
            "inf": self.inf,
            "low": self.low.hex(),
            "high": self.high.hex(),
            "sums": [f"{s.units:x}" for s in self.sums],
            "squares": [f"{s.units:x}" for s in self.squares],
            "finite": self.finite.tolist(),
            "levels": self.levels.tolist(),
            "bins": {str(i): int(self.bins[i]) for i in np.flatnonzero(self.bins).tolist()},
        }
        return json.dumps(state, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ValueCounts:
        """The accumulator that ``to_bytes`` wrote."""
        state = json.loads(data)
        made = cls(state["path"], state["channels"], sampled=state["sampled"])
        for name in ("examples", "count", "nan", "inf"):
            setattr(made, name, int(state[name]))
        made.low, made.high = float.fromhex(state["low"]), float.fromhex(state["high"])
        made.sums = [ExactSum(int(units, 16)) for units in state["sums"]]
        made.squares = [ExactSum(int(units, 16)) for units in state["squares"]]
        made.finite = np.array(state["finite"], np.int64)
        made.levels = np.array(state["levels"], np.int64)
        for index, count in state["bins"].items():
            made.bins[int(index)] = count
        return made

    def result(self) -> LeafStats:
        """What was counted, as a value."""
        means: list[float] = []
        stds: list[float] = []
        for total, square, finite in zip(self.sums, self.squares, self.finite, strict=True):
            # Variance as an exact fraction first: the textbook difference loses no digit here.
            n = max(1, int(finite))
            spread = square.units * n - (total.units * total.units >> UNIT_BITS)
            means.append(float(total) / n)
            stds.append(max(0.0, float(ExactSum(spread)) / n / n) ** 0.5)
        some = bool(self.finite.sum())
        return LeafStats(
            path=self.path,
            sampled=self.sampled,
            examples=self.examples,
            count=self.count,
            nan=self.nan,
            inf=self.inf,
            low=self.low if some else None,
            high=self.high if some else None,
            mean=tuple(means),
            std=tuple(stds),
            histogram=self._histogram(),
        )

    def _histogram(self) -> tuple[tuple[float, int], ...]:
        pairs = {float(i): int(self.levels[i]) for i in np.flatnonzero(self.levels).tolist()}
        used = np.flatnonzero(self.bins)
        used = used[used & _NOT_FINITE != _NOT_FINITE]  # these are counted apart
        edges = (used.astype(np.uint32) << 20).view(np.float32)
        for edge, count in zip(edges.tolist(), self.bins[used].tolist(), strict=True):
            pairs[edge + 0.0] = pairs.get(edge + 0.0, 0) + count
        return tuple(sorted(pairs.items()))
