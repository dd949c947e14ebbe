"""What a window that chance places in a picture states of shifts."""

from __future__ import annotations

from collections.abc import Iterator

from twinfeed._core.plan import Act

_RESIZES = ("Resize", "ScaleAndTranslate", "CropAndResize")

Range = tuple[float, float]


def crop_ranges(act: Act, padded: list[float]) -> Iterator[tuple[str, Range]]:
    """Shifts across and down as shares of the window, from the middle of what was padded.

    Args:
        act: A crop.
        padded: How much was added in front of and behind each axis before, channels last.
    """
    first, last, size = (_numbers(act, name) for name in ("begin_low", "begin_high", "size"))
    if not 3 <= len(size) <= 4 or not len(first) == len(last) == len(size):
        return
    for field, axis in (("shift_y", -3), ("shift_x", -2)):
        room, side = last[axis], size[axis]
        before, behind = padded[2 * axis : 2 * axis + 2 or None] if padded else (0.0, 0.0)
        # A window that is placed by chance may reach from one end to the other.
        if side <= 0 or first[axis] or room <= 0:
            continue
        middle = before + (room + side - before - behind) / 2
        yield field, ((side / 2 - middle) / side, (room + side / 2 - middle) / side)


def pads(act: Act, padded: list[float]) -> list[float]:
    """What has been added around a picture, behind an operation."""
    if act.op in {"Pad", "PadV2", "MirrorPad"}:
        more = _numbers(act, "pads")
        return more if not padded else []
    return [] if act.op.startswith(_RESIZES) else padded


def _numbers(act: Act, name: str) -> list[float]:
    told = act.settings.get(name)
    return [float(one) for one in told.split(", ")] if isinstance(told, str) and told else []
