"""What concerns a few of the files is judged by these few alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.diff.conftest import folder_trace
from tests.diff.replay.material import image_library, photograph
from twinfeed.diff import CATALOGUE, compare

FILES, CLEAR = 48, (4, 18, 36)
MEASURES = [CATALOGUE[code] for code in ("PIX202", "PIX211")]


def test_transparency_of_three_in_forty_eight_is_told_before_the_kernel(tmp_path: Path) -> None:
    image = image_library()
    resampling = image.Resampling
    made: list[list[np.ndarray]] = [[], []]
    for number in range(FILES):
        picture = photograph(90, 110, number)
        if number in CLEAR:
            alpha = np.zeros(picture.shape[:2], np.uint8)
            alpha[20:70, 20:90] = 255
            picture = np.dstack([picture, alpha])
        file = image.fromarray(picture)
        file.save(tmp_path / f"{number:02}.png")
        shown = image.new("RGBA", file.size, "white")
        shown.alpha_composite(file.convert("RGBA"))
        for side, rgb, kernel in (
            (0, file.convert("RGB"), resampling.NEAREST),
            (1, shown.convert("RGB"), resampling.BILINEAR),
        ):
            made[side].append(np.asarray(rgb.resize((40, 40), kernel)))
    left, right = (folder_trace(tmp_path, np.stack(side)) for side in made)
    told = compare(left, right, measures=MEASURES).findings
    assert {found.code for found in told} == {"PIX202", "PIX211"}
    concerned = next(found for found in told if found.code == "PIX211")
    assert concerned.evidence["b_transparency"] == "laid over white"
