"""Mirror images seen from one draw to another: what they say of each other, going round.

Held against another draw, a view shows whether the two are mirrored alike, and not which way round
either is. Where few draws stand behind many views, some of that follows from the rest.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from twinfeed._core.batch import Array

_MIXED = 9  # ways to mix the views among batches
ROUND = 40
"""Ways round that must be there to contradict."""


def shared_mirrors(flips: Array, batch: Array, before: Array) -> float:
    """How far whole batches are mirrored: 1 where each is or is not, about 0 where each example is.

    Args:
        flips: Whether each view is mirrored against what it was held against.
        batch: A number for the batch that each came in.
        before: The same of what it was held against, unlike all in ``batch``.

    Returns:
        NaN where too few views say so.
    """
    _, ends = np.unique(np.stack([before, batch], axis=1), return_inverse=True)
    ends = ends.reshape(-1, 2)
    left = contradicted(ends, flips)
    random = np.random.default_rng(0)
    # The fewer are mirrored, the less they contradict each other by chance.
    mixed = [contradicted(ends, random.permutation(flips)) for _ in range(_MIXED)]
    chance = float(np.mean([one for one in mixed if one is not None] or [0.0]))
    return float("nan") if left is None or not chance else 1 - left / chance


def ways_round(ends: Array) -> int:
    """Moves beyond those that first reach each draw: with these the others must agree."""
    head = list(range(int(ends.max(initial=0)) + 1))

    def first(draw: int) -> int:
        while head[draw] != draw:
            head[draw] = draw = head[head[draw]]
        return draw

    count = 0
    pairs: list[tuple[int, int]] = ends.tolist()
    for one, other in pairs:
        near, far = first(one), first(other)
        count += near == far
        head[near] = far
    return count


def contradicted(ends: Array, mirrored: Array) -> float | None:
    """Share of the moves that say otherwise than the others do on a way round by other draws.

    Args:
        ends: Number of the draw behind both views of each move, shape ``(moves, 2)``.
        mirrored: Whether a move mirrors, so that its two draws are not alike, shape ``(moves,)``.
    """
    between = ends[:, 0] != ends[:, 1]  # of what stays at its place, any draw explains all
    beyond = ways_round(ends[between])
    if beyond < ROUND:
        return None
    said_of: list[bool] = mirrored[between].astype(bool).tolist()
    pairs: list[tuple[int, int]] = ends[between].tolist()
    moves = [(one, other, said) for (one, other), said in zip(pairs, said_of, strict=True)]
    beside: list[list[tuple[int, bool]]] = [[] for _ in range(int(ends.max()) + 1)]
    for one, other, said in moves:
        beside[one].append((other, said))
        beside[other].append((one, said))
    drawn: dict[int, bool] = {}
    for start, near in enumerate(beside):
        if not near or start in drawn:
            continue
        drawn[start] = False
        ahead = deque([start])
        while ahead:  # breadth first: short ways add up few errors
            at = ahead.popleft()
            for other, said in beside[at]:
                if other not in drawn:
                    drawn[other] = drawn[at] != said
                    ahead.append(other)
    return sum((drawn[one] != drawn[other]) != said for one, other, said in moves) / beyond
