"""The same example in two sets of coarse views: mutually best, clearly, after alignment.

Looks, each at what the one before left over: flips only; the same candidates aligned by an affine
map; a wide bank of crops, turns and zooms, aligned again; and a bank of what was done to those
that were found, which is finer where it matters. A partner must be clearly better than the second
best of both, so copies and near copies stay unpaired unless they can be told apart: how near the
strangers of one feed come to each other says what a lead is worth.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._found import CLEAR, Clues, Found, Matches, two_best
from twinfeed.diff._pairing._learned import MOST
from twinfeed.diff._pairing._near_copies import doubt_near_copies
from twinfeed.diff._views._align import Aligned, aligned
from twinfeed.diff._views._candidates import Candidates, candidates
from twinfeed.diff._views._patched import patched
from twinfeed.diff._views._warp import FLIPS, SIDE, WIDE, Warp, operator, standardise
from twinfeed.diff._views._within import candidates_within
from twinfeed.stats.one_thread import one_thread

_BY_CHANCE = 1e-3  # share of strangers' rows that find one so clearly
_AT_ONCE = 0.1  # doubt up to which a match needs no alignment
_LEAST_NEGATIVE = 0.95  # correlation of a view with another's negative, whose values are the same
_WAVES = 8  # cosines per axis in wide searches
_TRIAL = 128  # rows of a trial, at least
_WORTH = 0.03  # share of a trial's rows that must find a partner
_WELL = 0.3  # share of a trial's rows from which what it teaches finds the others
_SMALL = 1000  # views of a set that are searched again with the wide bank
_COARSE = 6  # places per way of flipping by which strangers are looked for among more


@one_thread()
def match(left: Array, right: Array, clues: Clues | None = None) -> Matches:
    """Match coarse views one to one: mutually best and clearly so.

    Args:
        left: ``Rows.signature`` of one set, shape ``(count, values)``.
        right: The same of the other, with the same number of values.
        clues: What other views of the same two feeds told.
    """
    if left.shape[1] != right.shape[1] or left.shape[1] < 8 or not len(left) or not len(right):
        return Found(left, right).matches()
    if left.shape[1] != SIDE**2:
        return _vectors(left, right)
    found, near = _by_flips(left, right)
    moved = not found.enough
    if moved:
        found.beware(_nearest_of_its_own(left), _nearest_of_its_own(right))
        if clues is None or not clues.bank:
            near = found.open(near)
            found.take_aligned(near, aligned(left, right, near, FLIPS), FLIPS)
            _look_further(found, left, right)
        else:
            bank = (*FLIPS, *clues.bank)
            found.take_aligned(*_searched(left, right, found.rest(), bank), bank)
    if not found.enough:
        _take_negatives(found, left, right)
    if not found.enough and (clues is None or clues.patched):
        rows, columns = found.rest()
        more = patched(left[rows], right[columns])
        found.take_patched(rows[more.left], columns[more.right], more.doubt)
    if moved:
        most = MOST if max(len(left), len(right)) <= _SMALL else _COARSE
        doubt_near_copies(found, left, right, (*FLIPS, *(found.learned(most) or WIDE)))
    return found.matches()


@one_thread()
def flips_tell(left: Array, right: Array) -> bool:
    """Whether flips alone tell which of some views shows the same as each of a few others.

    Args:
        left: As ``match`` has it.
        right: The few.
    """
    square = left.shape[1] == right.shape[1] == SIDE**2
    return square and bool(len(left) and len(right)) and _by_flips(left, right)[0].enough


def _by_flips(left: Array, right: Array) -> tuple[Found, Candidates]:
    found = Found(left, right)
    near = candidates(left, right, FLIPS)
    found.take(near.left, near.right, 1 - near.score, _AT_ONCE)
    return found, near


def _take_negatives(found: Found, left: Array, right: Array) -> None:
    """Take pairs of which one is the other's negative, as some files of a set may be stored."""
    rows, columns = found.rest()
    near = candidates(255 - left[rows], right[columns], FLIPS, waves=_WAVES)
    found.take(rows[near.left], columns[near.right], 1 - near.score, _AT_ONCE, _LEAST_NEGATIVE)


def _look_further(found: Found, left: Array, right: Array) -> None:
    """Search with the wide bank, in a trial if there are many, and then with what it teaches.

    Whatever widens the search may bring the partner of a view that took a stranger before: those
    found before are judged once more among all.
    """
    if found.enough:
        return
    rows, columns = found.rest()
    some = rows[:: max(1, len(rows) // _TRIAL)]
    near, fit = _searched(left, right, (some, columns), WIDE)
    told = found.count(near, fit)
    if len(some) == len(rows) and max(len(left), len(right)) <= _SMALL:
        _search_again(found, left, right, WIDE)
    else:
        (found.take_aligned if len(some) == len(rows) else found.learn)(near, fit, WIDE)
    if told <= _WORTH * len(some):
        return
    # What is learned moves strangers onto each other: partners that can be found come first.
    if len(some) == len(rows):
        _look_within(found, left, right, found.rest())
    elif told < _WELL * len(some) and _within_tells(found, left, right, (some, columns)) > told:
        _look_within(found, left, right, (rows, columns))
    bank = found.learned()
    if bank:
        _search_again(found, left, right, bank)
    bank = found.learned()
    if bank and not found.enough:
        found.take_aligned(*_searched(left, right, found.rest(), bank), bank)


def _search_again(found: Found, left: Array, right: Array, bank: tuple[Warp, ...]) -> None:
    """Search for all, and judge anew whom those found before belong to."""
    released = found.release()
    found.take_aligned(*_searched(left, right, found.rest(), bank), bank, released)


def _look_within(found: Found, left: Array, right: Array, rest: tuple[Array, Array]) -> None:
    """Search with the wide bank once more, without what fills the outside."""
    near = None if found.enough else _candidates_within(left, right, rest)
    if near is not None:
        found.take_aligned(near, aligned(left, right, near, WIDE), WIDE)


def _within_tells(found: Found, left: Array, right: Array, some: tuple[Array, Array]) -> int:
    """How many partners of some rows are found without what fills the outside."""
    near = _candidates_within(left, right, some)
    return 0 if near is None else found.count(near, aligned(left, right, near, WIDE))


def _candidates_within(left: Array, right: Array, rest: tuple[Array, Array]) -> Candidates | None:
    rows, columns = rest
    near = candidates_within(left[rows], right[columns], WIDE)
    if near is None:
        return None
    return Candidates(rows[near.left], columns[near.right], near.warp, near.score)


def _searched(
    left: Array, right: Array, rest: tuple[Array, Array], bank: tuple[Warp, ...]
) -> tuple[Candidates, Aligned]:
    """Candidates among some rows and columns by a bank of warps, and how far apart they are."""
    rows, columns = rest
    near = candidates(left[rows], right[columns], bank, waves=_WAVES)
    fit = aligned(left[rows], right[columns], near, bank)
    return Candidates(rows[near.left], columns[near.right], near.warp, near.score), fit


def _nearest_of_its_own(views: Array) -> Array:
    """How far each view is from the nearest other one of its set, shape ``(count,)``."""
    near = candidates(views, views, FLIPS, waves=_WAVES, itself=np.arange(len(views)))
    # Slow cosines find it, but how far it is lies in all of them: copies may differ by grain.
    plain = standardise(views)
    apart = np.ones(len(near.left))
    for number, warp in enumerate(FLIPS):
        mine = near.warp == number
        turned = standardise(views @ operator(warp).T)[near.left[mine]]
        apart[mine] = 1 - np.einsum("ij,ij->i", turned, plain[near.right[mine]])
    _, nearest = two_best(near.left, apart, len(views), rank=0)
    return np.maximum(nearest, 1e-6)


def _vectors(left: Array, right: Array) -> Matches:
    """Rows of a table have no geometry: they are compared as they are.

    The fewer values, the more often a stranger is far nearer than the next one: volumes grow with
    the distance, its square here, by half of the dimensions, of which offset and scale took two.
    """
    found = Found(left, right)
    near = candidates(left, right, ())
    clear = min(CLEAR, _BY_CHANCE ** (2 / (left.shape[1] - 2)))
    found.take(near.left, near.right, 1 - near.score, clear)
    return found.matches()
