"""Whether what two sides add to the values can be held against each other."""

from __future__ import annotations

from twinfeed.diff._policy._recovered import Policy, apart

_TOLERANCE = 0.08  # of a factor


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
    return apart(left, right, "contrast", tolerance=_TOLERANCE)
