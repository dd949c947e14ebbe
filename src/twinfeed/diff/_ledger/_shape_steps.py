"""Steps of shape: layout, size, orientation, crop and scale, channels."""

from __future__ import annotations

from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._channel_order import channel_order
from twinfeed.diff._ledger._ground import Ground, grey, misfit, shrunk
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._register import Views, register
from twinfeed.diff._twins import Twins

_COARSE = 16
_FINE = 40  # side of the pictures that are registered
_REGISTERED = 24  # pictures that are registered
_CLEARLY = 0.05  # correlation by which another orientation must fit better
_ALIKE = 0.8  # correlation that the best orientation must reach
_ALIGNED = 0.004  # share of the variance that aligned pictures leave at most
_MANY = 0.6  # share of the pairs that must register for a crop to be believed
_EVEN = 0.04  # half the middle 90 % of a zoom that is one zoom for all
_ALL = 0.9  # share of the pictures turned one way from which it is how one side reads
_MOVED = 0.01  # least zoom or shift that is worth a step
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
            "pictures": len(chosen),
            "way_of_nearly_all": _TURNS[usual] if kinds[usual] >= _ALL * len(chosen) else None,
        },
    )


def _turns_of(left: Array, right: Array) -> Array:
    """Number of the orientation of each picture; 0 is as it is."""
    small = grey(right, _COARSE).reshape(len(right), -1)
    square = left.shape[1] == left.shape[2]
    base = grey(left, _COARSE)
    scores = np.full((8, len(left)), -1.0)
    for way in range(8 if square else 4):
        view = _turned(base[..., None], way).reshape(len(left), -1)
        scores[way] = np.abs(_correlation(view, small))
    best = scores.argmax(axis=0)
    clear = (scores.max(axis=0) > scores[0] + _CLEARLY) & (scores.max(axis=0) > _ALIKE)
    return np.where(clear, best, 0)


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


def crop_and_scale(_twins: Twins, now: Ground) -> Change | None:
    """One zoom and shift for all pictures."""
    if now.stage is not None or min(now.left.shape[1:3]) < _COARSE:
        return None
    coarse = [grey(side, _COARSE)[..., None] for side in (now.left, now.right)]
    if np.median(misfit(*coarse)) < _ALIGNED:
        return None
    chosen = np.flatnonzero(now.fit)[:_REGISTERED]
    fine = min(_FINE, *now.left.shape[1:3])
    views = register(*(grey(side[chosen], fine) for side in (now.left, now.right)))
    if len(views) < max(4, _MANY * len(chosen)):
        return None
    box = _box(views)
    if box is None:
        return None
    zoom_x, zoom_y, shift_x, shift_y = box
    moved = max(abs(zoom_x - 1), abs(zoom_y - 1), abs(shift_x), abs(shift_y)) > _MOVED
    if not moved:
        return None
    return Change(
        step="crop and scale",
        says=_in_words(box),
        left=_warped(now.left, box),
        right=now.right,
        judge="shape",
        least=0.2,
        facts={
            "zoom_height": zoom_y,
            "zoom_width": zoom_x,
            "shift_height_share": shift_y,
            "shift_width_share": shift_x,
            "pictures": len(views),
        },
    )


def _box(views: Views) -> tuple[float, float, float, float] | None:
    """Zoom and shift that all views share, or ``None``."""
    found: list[float] = []
    for column in (views.zoom_x, views.zoom_y, views.shift_x, views.shift_y):
        low, middle, high = np.quantile(column, (0.1, 0.5, 0.9))
        if high - low > 2 * _EVEN:
            return None
        found.append(float(middle))
    return found[0], found[1], found[2], found[3]


def _in_words(box: tuple[float, float, float, float]) -> str:
    zoom_x, zoom_y, shift_x, shift_y = box
    said: list[str] = []
    if abs(zoom_x - 1) > _MOVED or abs(zoom_y - 1) > _MOVED:
        said.append(f"B shows {zoom_y:.0%} of A's height and {zoom_x:.0%} of its width")
    moved = [
        f"{abs(shift):.1%} {one if shift > 0 else other}"
        for shift, one, other in ((shift_x, "right", "left"), (shift_y, "down", "up"))
        if abs(shift) > _MOVED / 2
    ]
    if moved:
        said.append(f"B's middle is {' and '.join(moved)} of A's")
    return "; ".join(said)


def _warped(pictures: Array, box: tuple[float, float, float, float]) -> Array:
    zoom_x, zoom_y, shift_x, shift_y = box
    height, width = pictures.shape[1:3]
    rows, columns = (
        _axis(length, zoom, shift)
        for length, zoom, shift in ((height, zoom_y, shift_y), (width, zoom_x, shift_x))
    )
    return np.einsum("yh,nhwc,xw->nyxc", rows, pictures, columns, optimize=True).astype(np.float32)


def _axis(length: int, zoom: float, shift: float) -> Array:
    """Linear weights that show ``zoom`` of an axis, moved by ``shift`` of it."""
    middle = (np.arange(length) + 0.5) / length - 0.5
    at = ((middle * zoom + shift + 0.5) * length - 0.5).clip(0, length - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, length - 1)
    weights = np.zeros((length, length), np.float32)
    np.add.at(weights, (np.arange(length), low), 1 - (at - low))
    np.add.at(weights, (np.arange(length), high), at - low)
    return weights


def channels(twins: Twins, now: Ground) -> Change | None:
    """Their number and their order."""
    a, b = now.left.shape[-1], now.right.shape[-1]
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


def _weights(now: Ground) -> Array:
    """What each colour weighs in the grey of B, summing to 1."""
    x = now.left[now.fit][..., :3].reshape(-1, 3).astype(np.float64)
    y = now.right[now.fit].reshape(-1).astype(np.float64)
    dx, dy = x - x.mean(axis=0), y - y.mean()
    normal = dx.T @ dx + np.eye(3) * 1e-9 * float((dx * dx).sum())
    found = cast("Array", np.linalg.solve(normal, dx.T @ dy))
    total = float(found.sum())
    return found / total if total > 0 else np.full(3, 1 / 3)
