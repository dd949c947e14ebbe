"""Steps of shape: layout, size, orientation, channels."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._ledger._ground import Ground, grey, shrunk
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order

_COARSE = 16
_CLEARLY = 0.05  # correlation by which another orientation must fit better
_ALIKE = 0.8  # correlation that the best orientation must reach
_EQUAL = 0.02  # of the range, up to which two points are the same
_STANDING = 0.1  # more of a picture's points that are the same as they stand than turned
_ALL = 0.9  # share of the pictures turned one way from which it is how one side reads
_TURNS = {
    1: "mirrored left to right",
    2: "mirrored top to bottom",
    3: "turned by 180 degrees",
    4: "transposed",
    5: "turned by 90 degrees",
    6: "turned by 270 degrees",
    7: "transposed over the other diagonal",
}


def other_layout(twins: Twins) -> bool:
    """Whether the channels stand in another place."""
    left, right = twins.left.main, twins.right.main
    return left is not None and right is not None and left.channels_first != right.channels_first


def layout(twins: Twins, now: Ground) -> Change | None:
    """Channels first or last."""
    if not other_layout(twins):
        return None
    first = "A" if twins.left.main and twins.left.main.channels_first else "B"
    says = f"{first}'s channels come first, the other's last"
    return Change(step="layout", says=says, left=now.left, right=now.right, judge="always")


def size(_twins: Twins, now: Ground) -> Change | None:
    """Both in the smaller height and width."""
    a, b = now.left.shape[1:3], now.right.shape[1:3]
    if a == b or now.stage is not None:
        return None
    common = min(a[0], b[0]), min(a[1], b[1])
    return Change(
        step="size",
        says=f"A's pictures are {a[0]} x {a[1]}, B's {b[0]} x {b[1]};"
        f" compared at {common[0]} x {common[1]}",
        left=shrunk(now.left, common),
        right=shrunk(now.right, common),
        judge="always",
    )


def orientation(_twins: Twins, now: Ground) -> Change | None:
    """Mirrored or turned, each picture as it fits best."""
    if now.stage is not None:
        return None
    chosen = _turns_of(now.left, now.right)
    turned = int((chosen > 0).sum())
    if not turned:
        return None
    left = now.left.copy()
    for way in range(1, 8):
        left[chosen == way] = _turned(now.left[chosen == way], way)
    kinds = {way: int((chosen == way).sum()) for way in range(1, 8) if (chosen == way).any()}
    parts = [
        f"{count} {_TURNS[way]}" for way, count in sorted(kinds.items(), key=lambda kv: -kv[1])
    ]
    quarter = int((chosen >= 4).sum())
    usual = max(kinds, key=lambda way: kinds[way])
    return Change(
        step="orientation",
        says=f"of {len(chosen)} pictures of A, {', '.join(parts)} in B",
        left=left,
        right=now.right,
        judge="shape",
        facts={
            "pictures_turned": turned,
            "pictures_turned_a_quarter": quarter,
            "pictures_turned_by_half": int((chosen == 3).sum()),
            "pictures_mirrored_across": int((chosen == 1).sum()),
            "pictures_mirrored_down": int((chosen == 2).sum()),
            "pictures": len(chosen),
            "way_of_nearly_all": _TURNS[usual] if kinds[usual] >= _ALL * len(chosen) else None,
        },
    )


def _turns_of(left: Array, right: Array) -> Array:
    """Number of the orientation of each picture; 0 is as it is."""
    if {left.shape[-1], right.shape[-1]} == {3, 4}:
        left, right = left[..., :3], right[..., :3]  # alpha is no part of what a picture shows
    small = grey(right, _COARSE).reshape(len(right), -1)
    square = left.shape[1] == left.shape[2]
    base = grey(left, _COARSE)
    scores = np.full((8, len(left)), -1.0)
    for way in range(8 if square else 4):
        view = _turned(base[..., None], way).reshape(len(left), -1)
        scores[way] = np.abs(_correlation(view, small))
    best = scores.argmax(axis=0)
    clear = (scores.max(axis=0) > scores[0] + _CLEARLY) & (scores.max(axis=0) > _ALIKE)
    for at in np.flatnonzero(clear & (best > 0)):
        way = int(best[at])
        clear[at] = not _stands(left[at], right[at], _turned(left[at : at + 1], way)[0])
    return np.where(clear, best, 0)


def _stands(left: Array, right: Array, turned: Array) -> bool:
    """Whether much of a picture is in its place as it is, and not when it is turned.

    Before another background a cut-out's outline fits any way round, and better than what it shows.
    """
    if left.shape != right.shape or turned.shape != right.shape:
        return False
    least = _EQUAL * float(np.ptp(right))
    as_is, after = ((np.abs(side - right) <= least).all(axis=-1).mean() for side in (left, turned))
    return bool(as_is > after + _STANDING)


def _correlation(a: Array, b: Array) -> Array:
    a, b = (side - side.mean(axis=1, keepdims=True) for side in (a, b))
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return (a * b).sum(axis=1) / np.where(lengths > 0, lengths, np.inf)


def _turned(pictures: Array, way: int) -> Array:
    if way >= 4:
        # 4 transposes; with columns mirrored that turns clockwise, with rows the other way.
        rest = {4: 0, 5: 1, 6: 2, 7: 3}[way]
        return _turned(pictures.swapaxes(1, 2), rest)
    return pictures[:, :: -1 if way & 2 else 1, :: -1 if way & 1 else 1]


def channels(twins: Twins, now: Ground) -> Change | None:
    """Their number and their order."""
    a, b = now.left.shape[-1], now.right.shape[-1]
    if a == b == 3 and now.stage is None and (_is_grey(now.left) or _is_grey(now.right)):
        return None if _is_grey(now.left) else _made_grey(now)
    if a == b:
        found = channel_order(twins)
        if found is None or not found.moved or len(found.order) != a or now.stage is not None:
            return None
        says = (
            "red and blue change places"
            if found.reversed
            else f"B's channels are A's {', '.join(map(str, found.order))}"
        )
        left = now.left[..., list(found.order)]
        return Change(step="channels", says=says, left=left, right=now.right, judge="shape")
    if a < 3 <= b or (a, b) == (4, 3):
        left = now.left[..., :3] if a == 4 else np.repeat(now.left[..., :1], b, axis=-1)
        return Change(
            step="channels",
            says=f"A's pictures have {a} channels, B's {b}",
            left=left,
            right=now.right,
            judge="always",
        )
    if b != 1 or now.left.shape[1:3] != now.right.shape[1:3]:
        return None
    weights = _weights(now)
    said = ", ".join(f"{weight:.3f}" for weight in weights)
    return Change(
        step="channels",
        says=f"B's one channel is A's red, green and blue times {said}",
        left=(now.left[..., :3] @ weights.astype(np.float32))[..., None],
        right=now.right,
        judge="always",
        facts={f"weight_{i}": float(weight) for i, weight in enumerate(weights)},
    )


def _is_grey(pictures: Array) -> bool:
    return bool((pictures == pictures[..., :1]).all())


def _made_grey(now: Ground) -> Change | None:
    """All of B's channels hold one grey, made of A's colours."""
    if now.left.shape[1:3] != now.right.shape[1:3]:
        return None
    weights = _weights(replace(now, right=now.right[..., :1]))
    said = ", ".join(f"{weight:.3f}" for weight in weights)
    made = (now.left @ weights.astype(np.float32))[..., None]
    return Change(
        step="channels",
        says=f"B's three channels hold one grey, A's red, green and blue times {said}",
        left=np.repeat(made, 3, axis=-1),
        right=now.right,
        judge="shape",
        facts={f"weight_{i}": float(weight) for i, weight in enumerate(weights)},
    )


def _weights(now: Ground) -> Array:
    """What each colour weighs in the grey of B, summing to 1."""
    x = now.left[now.fit][..., :3].reshape(-1, 3).astype(np.float64)
    y = now.right[now.fit].reshape(-1).astype(np.float64)
    dx, dy = x - x.mean(axis=0), y - y.mean()
    normal = dx.T @ dx + np.eye(3) * 1e-9 * float((dx * dx).sum())
    found = cast("Array", np.linalg.solve(normal, dx.T @ dy))
    total = float(found.sum())
    return found / total if total > 0 else np.full(3, 1 / 3)
