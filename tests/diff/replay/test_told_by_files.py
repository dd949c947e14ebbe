"""What files tell: of a few of many, judged by these alone, and of what looks like an offset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.diff.conftest import folder_trace
from tests.diff.replay.material import image_library, jpegs, photograph
from twinfeed.diff import CATALOGUE, compare
from twinfeed.feeds import as_feed
from twinfeed.observe import observe

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


def test_what_another_decoder_moves_by_a_level_is_no_offset(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow")
    image = image_library()
    made: list[list[np.ndarray]] = [[], []]
    for number in range(FILES):
        field = (photograph(48, 48, number) / 6 + (60, 90, 100)).astype(np.uint8)
        path = tmp_path / f"{number:02}.jpg"
        image.fromarray(field).save(path, quality=90)
        data = path.read_bytes()
        made[0].append(np.asarray(image.open(path)))
        made[1].append(tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_FAST").numpy())
    left, right = (folder_trace(tmp_path, np.stack(side)) for side in made)
    measures = [CATALOGUE[code] for code in ("VAL202", "PIX203")]
    assert [found.code for found in compare(left, right, measures=measures).findings] == ["PIX203"]


def test_files_that_were_written_again_elsewhere_replay_no_other(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow")
    image = image_library()
    made: list[list[np.ndarray]] = [[], []]
    for side, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        for number in range(FILES):
            path = tmp_path / name / f"{number:02}.jpg"
            if side:
                image.open(tmp_path / "a" / path.name).save(path, quality=75)
            else:
                image.fromarray(photograph(48, 48, number)).save(path, quality=90)
            decoded = tf.io.decode_jpeg(path.read_bytes(), channels=3, dct_method="INTEGER_FAST")
            made[side].append(decoded.numpy())
    left, right = (
        folder_trace(tmp_path / name, np.stack(side)) for name, side in zip("ab", made, strict=True)
    )
    measures = [CATALOGUE[code] for code in ("PIX204", "VAL206")]
    told = compare(left, right, measures=measures).findings
    assert [(found.code, found.evidence.get("quality")) for found in told] == [("PIX204", 75)]


@pytest.mark.slow
def test_files_of_a_torch_data_set_are_replayed(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    image = image_library()
    files = jpegs(tmp_path, 24)

    class Photographs(torch.utils.data.Dataset):
        def __init__(self, kernel: int) -> None:
            self.paths, self.kernel = files, kernel

        def __len__(self) -> int:
            return len(self.paths)

        def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
            small = image.open(self.paths[index]).resize((40, 40), self.kernel)
            return np.asarray(small, np.float32).transpose(2, 0, 1) / 255, index % 2

    left, right = (
        observe(as_feed(torch.utils.data.DataLoader(Photographs(kernel), batch_size=8)))
        for kernel in (image.Resampling.LANCZOS, image.Resampling.BILINEAR)
    )
    told = compare(left, right, measures=[CATALOGUE["PIX201"]]).findings
    assert [found.evidence["a_kernel"] for found in told] == ["pil-lanczos"]
