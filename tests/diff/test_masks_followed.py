"""Masks that move with their pictures, and masks that are drawn apart from them."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from twinfeed import as_feed
from twinfeed._core.results import Report
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

_COUNT, _SIDE, _CROP = 60, 40, 32


class _Crops:
    """Cropped and mirrored pictures with their masks, drawn anew in each pass."""

    def __init__(
        self,
        seed: int,
        *,
        together: bool,
        moved: bool = True,
        planes: bool = False,
        first: bool = False,
    ) -> None:
        self.random = np.random.default_rng(seed)
        self.together, self.moved, self.planes, self.first = together, moved, planes, first
        self.pictures = np.stack([photograph(_SIDE, _SIDE, number) for number in range(_COUNT)])
        grey = self.pictures.mean(axis=-1)
        self.masks = (grey > np.median(grey, axis=(1, 2), keepdims=True)).astype(np.uint8)

    def __len__(self) -> int:
        return _COUNT // 20

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for first in range(0, _COUNT, 20):
            pairs = [self._drawn(at) for at in range(first, first + 20)]
            x, y = (np.stack(each) for each in zip(*pairs, strict=True))
            y = np.eye(2, dtype=np.uint8)[y] if self.planes else y
            if self.first:  # as torch has it, the one plane of a mask too
                x, y = np.moveaxis(x, -1, 1), np.moveaxis(y, -1, 1) if self.planes else y[:, None]
            yield x, y

    def _drawn(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        draws = [self.random.integers(0, [_SIDE - _CROP, _SIDE - _CROP, 2]) for _ in range(2)]
        if not self.moved:
            draws = [np.array([4, 4, 0])] * 2
        one = self.pictures[at], draws[0]
        other = self.masks[at], draws[0 if self.together else 1]
        return _part(*one), _part(*other)


def _part(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    top, left, flip = draw.tolist()
    part = image[top : top + _CROP, left : left + _CROP]
    return part[:, ::-1] if flip else part


def _report(left: _Crops, right: _Crops) -> Report:
    return compare(*(observe(as_feed(one), budget=Budget(timing_s=0)) for one in (left, right)))


@pytest.mark.parametrize("planes", [False, True])
def test_masks_drawn_apart_from_their_pictures_are_named(planes: bool) -> None:
    report = _report(
        _Crops(1, together=True, planes=planes), _Crops(2, together=False, planes=planes)
    )
    found = report.findings[0]
    assert (found.code, found.evidence["faulty_side"]) == ("LBL205", "B")
    assert found.sentence.startswith("B's masks are moved apart from their pictures in ")
    assert report.verdict.kind == "different"


@pytest.mark.slow
@pytest.mark.parametrize("planes", [False, True])
def test_masks_and_pictures_may_have_their_channels_first(planes: bool) -> None:
    apart = [_Crops(seed, together=seed == 1, planes=planes, first=True) for seed in (1, 2)]
    found = _report(*apart).findings[0]
    assert (found.code, found.evidence["faulty_side"]) == ("LBL205", "B")
    alike = [_Crops(seed, together=True, planes=planes, first=True) for seed in (3, 4)]
    assert "LBL205" not in {one.code for one in _report(*alike).findings}


def test_they_are_named_first_where_the_other_feed_moves_nothing() -> None:
    report = _report(_Crops(2, together=False), _Crops(1, together=True, moved=False))
    assert (report.findings[0].code, report.findings[0].evidence["faulty_side"]) == ("LBL205", "A")


def test_masks_that_move_with_their_pictures_are_no_finding() -> None:
    for left, right in [({}, {}), ({"moved": False}, {})]:
        report = _report(_Crops(3, together=True, **left), _Crops(4, together=True, **right))
        assert "LBL205" not in {one.code for one in report.findings}


def test_two_feeds_that_both_draw_apart_are_alike() -> None:
    report = _report(_Crops(5, together=False), _Crops(6, together=False))
    assert "LBL205" not in {one.code for one in report.findings}


def test_masks_of_which_none_lies_on_another_are_a_finding_of_their_own() -> None:
    pictures = np.stack([photograph(_CROP, _CROP, number) for number in range(_COUNT)])
    masks = np.random.default_rng(7).integers(0, 2, (2, *pictures.shape[:3]), np.uint8)
    feeds = [(pictures, each) for each in masks]
    report = compare(*(observe(as_feed(one), budget=Budget(timing_s=0)) for one in feeds))
    assert report.findings[0].code == "LBL205"
