"""What a turn fills the corners with is no other scale of the values."""

import numpy as np
from scipy.ndimage import rotate

from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed.diff import CATALOGUE, compare


def _turned(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    angles = random.uniform(-25, 25, len(x))
    return np.stack(
        [rotate(one, angle, reshape=False, order=1) for one, angle in zip(x, angles, strict=True)]
    )


def test_black_corners_beside_pictures_of_little_contrast_are_no_line() -> None:
    photos = np.stack([photograph(32, 32, seed) for seed in range(60)]).astype(np.float32)
    photos = photos * np.float32([0.5, 0.3, 0.2]) + np.float32([90, 110, 120])
    photos[::9] *= 2  # so that the range is that of all pictures
    plain, turned = (
        seen(photos.clip(0, 255), seed=1),
        seen(photos.clip(0, 255), seed=2, draw=_turned),
    )
    report = compare(plain, turned, measures=[CATALOGUE["VAL202"], CATALOGUE["VAL203"]])
    assert not report.findings, report.findings[0].sentence
