"""A few files of another shape among many: by what rule they get theirs, and that they are no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diff.conftest import traced
from tests.diff.replay.material import image_library, photograph
from tests.diff.seen import seen
from twinfeed.diff import compare
from twinfeed.diff._twins import Twins

COUNT, ODD = 48, (6, 13, 21, 29, 40)
LABELS = np.arange(COUNT) // 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image, made = image_library(), tmp_path_factory.mktemp("shapes")
    for number in range(COUNT):
        path = made / str(LABELS[number]) / f"{number:03}.png"
        path.parent.mkdir(exist_ok=True)
        width = 150 if number in ODD else 96
        image.fromarray(photograph(96, width, number)).save(path)
    return made


def read(folder: Path, **how: Any) -> Any:
    keras = pytest.importorskip("keras")
    return keras.utils.image_dataset_from_directory(
        folder, image_size=(48, 48), shuffle=False, batch_size=8, verbose=False, **how
    )


def test_the_rule_for_a_few_is_named_and_none_is_missing(folder: Path) -> None:
    a, b = read(folder, pad_to_aspect_ratio=True), read(folder, crop_to_aspect_ratio=True)
    found = compare(traced(a), traced(b)).findings
    assert found[0].code == "PIX206"
    assert "padded" in found[0].sentence
    assert "BAT205" not in {each.code for each in found}


def test_strangers_at_the_same_places_are_not_taken_for_the_same() -> None:
    pictures = np.stack([photograph(40, 40, number) for number in range(COUNT)])
    others = pictures.copy()
    others[list(ODD)] = [photograph(40, 40, 500 + number) for number in ODD]
    twins = Twins(seen(pictures, LABELS), seen(others, LABELS))
    assert np.isin(ODD, twins.pairs.left).sum() < 2  # by likeness, one of five may be
    codes = {each.code for each in compare(twins.left, twins.right).findings}
    assert "BAT205" in codes


def test_what_is_more_alike_than_others_of_its_label_is_the_same() -> None:
    pictures = np.stack([photograph(40, 40, number) for number in range(COUNT)])
    others = pictures.copy()
    for number in ODD:
        shown = photograph(40, 40, 100 + number)
        shown[:, 8:30] = pictures[number][:, 8:30]
        others[number] = shown
    twins = Twins(seen(pictures, LABELS), seen(others, LABELS))
    assert np.isin(ODD, twins.pairs.left).all()
