"""Which examples of a feed are mirrored, told from the coarse views of all of them.

Whole examples are kept by what they hold, so a mirrored one is kept in another measure than its
original: their share of flips would be biased. Coarse views exist of every example.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._signatures import plain_signatures
from twinfeed.diff._views._align import aligned
from twinfeed.diff._views._candidates import Candidates
from twinfeed.diff._views._warp import SIDE, Warp

_UPRIGHT = (Warp(), Warp(flip_x=-1), Warp(flip_y=-1), Warp(-1, -1))
_WAYS = (*_UPRIGHT, *(replace(warp, transposed=True) for warp in _UPRIGHT))
_MOST = 1000  # examples looked at; their share is then known to 3 %
_FITS, _USUAL = 0.1, 2.0  # left by the best way: at most this, or so many times the usual
_TELLING = 0.2  # of the shares that are mirrored both ways or in none, less the others
_SURE = 3.0  # standard deviations of that by chance
_CLEAR = 0.7  # of what the second best way leaves; above it the picture is its own mirror image


@dataclass(frozen=True, slots=True)
class Ways:
    """Which of the eight ways round each view is; every column is boolean, shape ``(views,)``.

    Attributes:
        across: Mirrored left to right.
        down: Mirrored top to bottom.
        transposed: Rows and columns swapped before that.
    """

    across: Array
    down: Array
    transposed: Array

    def __len__(self) -> int:
        return len(self.across)

    @property
    def quartered(self) -> Ways:
        """The same as mirrored left to right or not, and then turned by quarters or not.

        ``down`` is ``False``, and ``transposed`` says that it is turned by any of them.
        """
        mirrored = self.across ^ self.down ^ self.transposed
        return Ways(mirrored, np.zeros_like(mirrored), self.transposed | self.down)


def flipped(trace: Trace, rows: Array, other: Trace, others: Array, *, sideways: bool) -> Ways:
    """Which way round views are against their references.

    Args:
        trace: The feed that may flip.
        rows: Rows of it.
        other: The feed that does not.
        others: Its rows with the same examples.
        sideways: Whether some are turned by a quarter.

    Returns:
        The ways of the examples of which it can be told.
    """
    nothing = Ways(*np.zeros((3, 0), bool))
    ways = _WAYS if sideways else _UPRIGHT
    if trace.rows.signature.shape[1] != SIDE**2 or other.rows.signature.shape[1] != SIDE**2:
        return nothing
    some = np.linspace(0, len(rows) - 1, min(len(rows), _MOST)).astype(int)
    references = plain_signatures(other, others[some])
    views = trace.rows.signature[rows[some]]
    index, way = (axis.ravel() for axis in np.indices((len(some), len(ways))))
    near = Candidates(index, index, way, np.zeros(len(index)))
    apart = aligned(references, views, near, ways).apart.reshape(len(some), len(ways))
    best = apart.argmin(axis=1)
    ordered = np.sort(apart, axis=1)
    clear = ordered[:, 0] <= _CLEAR * ordered[:, 1]
    # One that does not fit in any way may fit best in the wrong one.
    clear &= ordered[:, 0] <= max(_FITS, _USUAL * float(np.median(ordered[:, 0])))
    best = best[clear]
    return Ways(best % 2 == 1, best // 2 % 2 == 1, best >= len(_UPRIGHT))


@dataclass(frozen=True, slots=True)
class Share:
    """The share of views that are mirrored.

    Attributes:
        value: The share, 0 to 1.
        alike: How many views count as one, because of what had to be taken off.
    """

    value: float
    alike: float = 1.0


def shares(across: Array, down: Array) -> tuple[Share, Share]:
    """The shares mirrored left to right and top to bottom, less what was told wrongly.

    The two are drawn apart from each other. A picture much like its own mirror image is taken
    for any of its four ways, so that more seem to be mirrored both ways than two draws give.

    Args:
        across: Of each view, whether it seems to be mirrored left to right.
        down: The same of top to bottom.
    """
    if not len(across):
        return Share(0.0), Share(0.0)
    share = np.bincount(across + 2 * down, minlength=4) / len(across)
    unlike = share[0] + share[3] - share[1] - share[2]
    apart = float(share[0] * share[3] - share[1] * share[2])
    seen = float(across.mean()), float(down.mean())
    chance = float(np.sqrt(np.prod([each * (1 - each) for each in seen])))
    # Of a few views chance alone leaves more mirrored both ways, or in none.
    if unlike <= _TELLING or apart * np.sqrt(len(across)) <= _SURE * chance:
        return Share(seen[0]), Share(seen[1])
    wrong = min(max(apart / unlike, 0.0), float(share.min()))
    right = 1 - 4 * wrong
    x, y = (
        # What is left rests on fewer views, and on how many were wrong, which is not known well.
        Share(
            max((each - 2 * wrong) / right, 0.0),
            1 / right**2
            + (4 * (each - 0.5) / right**2 * chance / unlike) ** 2 / (each * (1 - each)),
        )
        for each in seen
    )
    return x, y
