"""Strangers as near as the same example: copies and look-alikes that a draw hides.

Where augmentation moves the examples, the best partner may be far nearer than the second best by
luck alone. What tells is how near the strangers of one set come to each other, for among those
none is the same example: where they lie as near as the pairs do, a pair with a stranger at such
a distance is one of two, however near it is itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._found import CLEAR, Found, Told, two_best
from twinfeed.diff._views._align import aligned
from twinfeed.diff._views._candidates import candidates
from twinfeed.diff._views._warp import Warp

_SOME = 250  # views of each set whose nearest strangers are looked for
_FEW = 0.005  # share of views with a near copy below which the others are not looked for
_LEAST = 50  # views of a set
_SAME = 1e-5  # apart, up to rounding
_WAVES = 8
_GRID = np.linspace(math.log(1e-6), 0.0, 96)  # logarithms of distances
_WIDTH = 0.5  # of the kernel that densities are taken with, in natural logarithms


def doubt_near_copies(found: Found, left: Array, right: Array, bank: tuple[Warp, ...]) -> None:
    """Give up the pairs of which a near copy may be the partner just as well.

    Args:
        found: The pairs, judged by distances alone.
        left: ``Rows.signature`` of one set, shape ``(count, 256)``.
        right: The same of the other set.
        bank: What may have been done to a view.
    """
    told = found.told()
    if not len(told) or min(len(left), len(right)) < _LEAST:
        return  # so few show nothing of how near strangers come
    strangers = [_nearest(views, _spread(len(views)), bank) for views in (left, right)]
    apart = np.clip(told.apart, 1e-6, 1)
    paired = min(1.0, len(told) / min(len(left), len(right)))
    # Those that were taken are nearer than usual: all that may be partners are to be counted.
    odds = _Odds.of(found.nearest, np.concatenate(strangers))
    rival = apart / np.clip(told.doubt, 1e-6, 1)
    usual = np.full(1, np.median(apart))
    others = found.others()
    # If the rival has a partner as well, two pairs must be wrong at once.
    wrong = odds.beside(apart, rival) ** (1 + paired)
    wrong = np.maximum(wrong, odds.unseen(apart) * (1 - paired) ** 2)
    if np.mean([(odds.beside(usual, each) > CLEAR**2).mean() for each in strangers]) > _FEW:
        # The partner of such a stranger was held against a view too, unless either is past finding.
        past = 1 - paired**2
        # Where nearly all were found, that gives up no pair: some tell how sure they all are.
        some = np.arange(len(told)) if past > CLEAR**2 else _spread(len(told))
        own = odds.beside(apart[some], _rivals(told.some(some), left, right, bank))
        own = own if len(some) == len(told) else np.full(len(told), own.mean())
        wrong = np.maximum(wrong, own * past)
        beside = odds.beside(usual, _rivals(others, left, right, bank))
        found.reconsider(others.left, np.maximum(others.doubt, np.sqrt(beside)))
    # The very same, mirrored or turned, is its partner or a copy that nothing tells from it.
    open_ = apart > _SAME
    found.reconsider(told.left[open_], np.maximum(told.doubt, np.sqrt(wrong))[open_])


def _rivals(pairs: Told, left: Array, right: Array, bank: tuple[Warp, ...]) -> Array:
    """How far either view of each pair is from the nearest other one of its set."""
    if not len(pairs):
        return np.ones(0)
    return np.minimum(_nearest(left, pairs.left, bank), _nearest(right, pairs.right, bank))


@dataclass(frozen=True, slots=True)
class _Odds:
    """How much more often a partner is at a distance than a stranger is, at ``_GRID``."""

    _logarithm: Array

    @staticmethod
    def of(partners: Array, strangers: Array) -> _Odds:
        """From what was seen of both.

        Args:
            partners: How far views are from the nearest of the other set.
            strangers: How far some views are from the nearest other one of their own set.
        """
        least = 1 / len(strangers)
        odds = np.log((_density(partners) + least) / (_density(strangers) + least))
        # What is nearer is a partner all the more: midway between the falling curves around it.
        above, below = np.maximum.accumulate(odds[::-1])[::-1], np.minimum.accumulate(odds)
        return _Odds((above + below) / 2)

    def beside(self, apart: Array, rival: Array) -> Array:
        """Odds that not a pair's nearer one is the partner but its rival, at most 1."""
        return np.exp(np.minimum(self._at(rival) - self._at(apart), 0))

    def unseen(self, apart: Array) -> Array:
        """Strangers for one pair at a distance, at most 1."""
        return np.exp(np.minimum(-self._at(apart), 0))

    def _at(self, apart: Array) -> Array:
        return np.interp(_logarithm(apart), _GRID, self._logarithm)


def _density(values: Array) -> Array:
    away = (_GRID - _logarithm(values)[:, None]) / _WIDTH
    return np.exp(-0.5 * np.square(away)).mean(axis=0) / (_WIDTH * np.sqrt(2 * np.pi))


def _logarithm(values: Array) -> Array:
    return np.log(np.clip(values, 1e-6, 1))


def _nearest(views: Array, rows: Array, bank: tuple[Warp, ...]) -> Array:
    """How far some views are from the nearest other one of their set, aligned; ``(rows,)``."""
    near = candidates(views[rows], views, bank, waves=_WAVES, itself=rows)
    near = near.first_two()  # aligning costs more than the search, and one of them is the nearest
    fit = aligned(views[rows], views, near, bank)
    return np.maximum(two_best(near.left, fit.apart, len(rows), rank=0)[1], 1e-6)


def _spread(count: int) -> Array:
    return np.linspace(0, count - 1, min(_SOME, count)).astype(int)
