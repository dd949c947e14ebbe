"""Pictures that are all grain: what a kernel takes from their spread is no factor of their values."""

import numpy as np
import pytest
from PIL import Image

from twinfeed import as_feed
from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed.diff import compare
from twinfeed.diff._picture_steps import size_of
from twinfeed.observe import Budget, observe

_LARGE = np.random.default_rng(3).integers(0, 256, (60, 96, 96, 3), np.uint8)


def _resized(kernel: Image.Resampling, angle: float = 0.0) -> np.ndarray:
    pictures = [Image.fromarray(one).resize((32, 32), kernel) for one in _LARGE]
    turned = [one.rotate(angle, Image.Resampling.BILINEAR) if angle else one for one in pictures]
    return np.stack([np.asarray(one) for one in turned]).astype(np.float32)


def _report(left: np.ndarray, right: np.ndarray) -> Report:
    labels = np.arange(len(left)) % 4
    traces = [observe(as_feed((x, labels)), budget=Budget(timing_s=0)) for x in (left, right)]
    return compare(*traces)


def _codes(report: Report) -> set[str]:
    return {found.code for found in report.findings}


@pytest.mark.parametrize(
    ("kernel", "angle"),
    [(Image.Resampling.NEAREST, 0), (Image.Resampling.BOX, 0), (Image.Resampling.BILINEAR, 10)],
)
def test_a_kernel_is_not_taken_for_a_factor(kernel: Image.Resampling, angle: float) -> None:
    report = _report(_resized(Image.Resampling.BILINEAR), _resized(kernel, angle))
    assert not _codes(report) & {"VAL202", "VAL203"}
    assert report.verdict.kind != "same"


def test_a_factor_of_grain_that_lies_in_place_is_named() -> None:
    left = _resized(Image.Resampling.BILINEAR)
    assert "VAL202" in _codes(_report(left, left * np.float32(0.8) + np.float32(20)))


def test_a_shift_too_small_to_matter_stands_behind_other_notes() -> None:
    left = _resized(Image.Resampling.BILINEAR)
    (found,) = _report(left, left + np.float32(1)).findings
    assert (found.code, found.severity, found.size) == ("VAL202", Severity.NOTE, 0.05)


def test_swapped_lengths_stand_before_any_kernel() -> None:
    left = _resized(Image.Resampling.BILINEAR)[:, :, :24]
    found = _report(left, left.transpose(0, 2, 1, 3)).findings[0]
    assert found.code == "GEO201"
    assert found.size > size_of(np.inf)
