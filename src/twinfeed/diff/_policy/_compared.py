"""Whether two recovered policies differ in a parameter, beyond the noise of either."""

from __future__ import annotations

from twinfeed.diff._policy._recovered import Policy
from twinfeed.diff._policy._spread import LEAST_VIEWS, Spread, differ, surely_wider

_FILLED = 0.6  # of a range without its ends, that nine of ten draws from it span at least
_QUARTER = 90.0  # degrees: a turn by more is told as a narrower one behind mirrors or quarters
_ZOOM = 0.05  # up to which scales are the same
_OTHER_COLOUR = 90.0  # degrees both ways, beyond which a hue is no shade of what it was
_HUE = 15.0  # degrees up to which turns of that width are the same
_FACTOR = 0.08  # up to which factors are the same


def comparable(left: Policy, right: Policy) -> bool:
    """Whether bounds of the two mean the same: those of the policies, or of two draws on both sides."""
    if left.bounded and right.bounded:
        return True
    return all(p.basis == "epochs" and p.views >= LEAST_VIEWS for p in (left, right))


def apart(left: Policy, right: Policy, field: str, *, tolerance: float) -> bool:
    """Whether a parameter differs between two policies, beyond the noise of either.

    Args:
        left: The policy of A; both must be ``known``.
        right: That of B.
        field: A parameter that is a ``Spread``.
        tolerance: Difference of bounds that says nothing, in the parameter's unit.
    """
    if field == "rotation_degrees" and either_way(left, right):
        return False
    mine, theirs = getattr(left, field), getattr(right, field)
    told = [(mine, theirs)]
    if field in left.retold and field in right.retold:
        # Which order of steps it was is no more certain than the views: none may make them equal.
        told += [(mine, right.retold[field]), (left.retold[field], theirs)]
    return all(_told_apart(left, right, a, b, tolerance) for a, b in told)


def either_way(left: Policy, right: Policy) -> bool:
    """Whether what one side shows as wide turns may be what the other shows as mirrors or quarters.

    Two draws that are mirrored both ways lie by half a turn to each other, and ones that are turned
    far by narrow turns beside quarters: which it is told as hangs on a few views. Bounds of the
    policies themselves are sure.
    """
    if left.bounded and right.bounded:
        return False
    wide = [_turned_past(one) for one in (left, right)]
    narrow = left if wide[1] else right
    # Mirrored from left to right alone, no turn is.
    return wide[0] != wide[1] and (narrow.flip_y.random or narrow.turned.random)


def _turned_past(one: Policy) -> bool:
    turns = one.rotation_degrees
    return turns.random and max(-turns.low, turns.high) > _QUARTER


def zoomed_apart(left: Policy, right: Policy) -> bool:
    """Whether the scale of rows or that of columns differs."""
    return any(apart(left, right, field, tolerance=_ZOOM) for field in ("zoom_x", "zoom_y"))


def other_colours(left: Policy, right: Policy) -> bool:
    """Whether a side turns colours so far that their channels tell nothing else by themselves.

    What was red is then green: that looks like factors of its own and amounts of single channels,
    most where two draws are held against each other.

    Args:
        left: The policy of A; both must be ``known``.
        right: That of B.
    """
    return any(
        one.hue_degrees.random and min(-one.hue_degrees.low, one.hue_degrees.high) > _OTHER_COLOUR
        for one in (left, right)
    )


def hue_apart(left: Policy, right: Policy) -> bool:
    """Whether one side only turns them that far.

    Args:
        left: The policy of A; both must be ``known``.
        right: That of B.
    """
    return other_colours(left, right) and apart(left, right, "hue_degrees", tolerance=_HUE)


def _told_apart(left: Policy, right: Policy, a: Spread, b: Spread, tolerance: float) -> bool:
    if a.random == b.random:
        return comparable(left, right) and differ(a, b, tolerance=tolerance, bounded=left.bounded)
    here, there = (a, b) if a.random else (b, a)
    if (right if a.random else left).randomness.state == "none":
        return True
    bounded = left.bounded and right.bounded
    # On the edge of the noise, one of two equal sides may be called random and the other not.
    if not (bounded or comparable(left, right)) or not there.views:
        return True
    if here.inner[1] - here.inner[0] < _FILLED * here.firm:
        return False  # drawn values fill their range; strays lie far outside of what fits
    least = tolerance if bounded else max(2 * tolerance, 0.5 * there.firm)
    further = here.firm - there.firm > max(least, here.halves.core, there.halves.core)
    return further and surely_wider(here, there)


def added_alike(left: Policy, right: Policy) -> bool:
    """Whether what is added is told about one and the same value on both sides.

    With a factor, what is added hangs on the value that the factor leaves alone. On the edge of the
    noise, one of two equal sides may be taken to have a factor and the other not.

    Args:
        left: The policy of A; both must be ``known``.
        right: That of B.
    """
    if left.contrast.random and right.contrast.random:
        return left.pivot == right.pivot
    if left.contrast.random == right.contrast.random:
        return True
    return apart(left, right, "contrast", tolerance=_FACTOR)
