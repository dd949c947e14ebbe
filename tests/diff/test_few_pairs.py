"""A scale is named from a dozen pairs on, also where noise or another decoder stands beside it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.diff.replay.material import photograph
from tests.diff.seen import MEASURES, cropped, seen
from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed.diff import compare

SCALES = {"VAL201", "VAL202", "VAL203"}


def pictures(count: int, seed: int) -> np.ndarray:
    return np.stack([photograph(48, 48, 1000 * seed + number) for number in range(count)])


def encoded(levels: np.ndarray) -> np.ndarray:
    """The same pictures out of JPEG files."""
    made: list[np.ndarray] = []
    for picture in levels:
        file = BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=95)
        made.append(np.asarray(Image.open(file)))
    return np.stack(made)


def grained(levels: np.ndarray, spread: float) -> np.ndarray:
    return levels + np.random.default_rng(1).normal(0, spread, levels.shape)


def scales(left: Trace, right: Trace) -> list[Finding]:
    """What is found of the scale, the same both ways round."""
    forth, back = (
        [found for found in compare(*sides, measures=MEASURES).findings if found.code in SCALES]
        for sides in ((left, right), (right, left))
    )
    assert [found.code for found in forth] == [found.code for found in back]
    return forth


@pytest.mark.parametrize("count", [12, 16])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("beside", ["decoder", "grain"])
def test_a_scale_is_named_beside_what_else_differs(beside: str, seed: int, count: int) -> None:
    levels = pictures(count, seed)
    other = encoded(levels) if beside == "decoder" else grained(levels, 8)
    found = scales(
        seen((levels / 255).astype(np.float32), seed=1),
        seen((other / 127.5 - 1).astype(np.float32), seed=2),
    )
    assert len(found) == 1
    evidence = found[0].evidence
    assert evidence["factor_0"] == pytest.approx(2, rel=0.03)
    assert evidence["offset_0"] == pytest.approx(-1, abs=0.03)


@pytest.mark.parametrize("count", [5, 12])
def test_what_stands_beside_no_scale_is_none(count: int) -> None:
    levels = pictures(count, 0)
    left = seen((levels / 255).astype(np.float32), seed=1)
    for other in (encoded(levels), grained(levels, 8)):
        assert not scales(left, seen((other / 255).astype(np.float32), seed=2))


@pytest.mark.parametrize("seed", range(2))
def test_a_scale_beside_few_draws_is_never_passed_over(seed: int) -> None:
    levels = pictures(12, seed)
    report = compare(
        seen((levels / 255).astype(np.float32), seed=1),
        seen((encoded(levels) / 127.5 - 1).astype(np.float32), seed=2, draw=cropped),
        measures=MEASURES,
    )
    named = [found for found in report.findings if found.code in SCALES]
    asked = [one for one in report.undecided if one.code == "VAL202"]
    assert named or asked
    # Where it is named it is not called an offset, which it would be were the factor left out.
    assert all(found.evidence["factor_0"] == pytest.approx(1.9, abs=0.1) for found in named)
