"""What becomes of a script under ``--to tf-data``, and what the result feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("libcst")

from tests.port.test_dropin import BORDER
from twinfeed.port import port_text

CASES = sorted((Path(__file__).parent / "tfdata_cases").glob("*.txt"))
SCRIPT = """
from twinfeed.images import ImageDataGenerator
from keras.applications.vgg16 import preprocess_input

plain = ImageDataGenerator(rescale=1 / 255)
caffe = ImageDataGenerator(preprocessing_function=preprocess_input)
one = plain.flow_from_directory(FOLDER, target_size=(20, 24), class_mode=MODE, shuffle=False, batch_size=3)
two = caffe.flow_from_directory(FOLDER, target_size=(20, 24), class_mode=MODE, shuffle=False, batch_size=3)
"""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    before, _, expected = case.read_text("utf-8").partition(BORDER)
    done = port_text(before, to="tf-data")
    said = [f"{r.line}: {r.says}\n" for r in sorted((*done.changes, *done.notes, *done.refusals))]
    after = done.text + BORDER + "".join(said)
    if request.config.getoption("--update-golden"):
        case.write_text(before + BORDER + after, "utf-8")
        expected = after
    assert after == expected
    assert port_text(done.text, to="tf-data").text == done.text
    compile(done.text, str(case), "exec")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of three PNGs each: TensorFlow decodes them as Pillow does."""
    image = pytest.importorskip("PIL.Image")
    found = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (found / name).mkdir()
        for index in range(3):
            values = draw.integers(0, 256, (31, 45, 3)).astype(np.uint8)
            image.fromarray(values).save(found / name / f"{index}.png")
    return found


@pytest.mark.parametrize("mode", ["categorical", "binary", "sparse"])
def test_the_same_batches_where_nothing_is_random(folder: Path, mode: str) -> None:
    pytest.importorskip("tensorflow")
    before: dict[str, Any] = {"FOLDER": str(folder), "MODE": mode}
    label_mode = {"sparse": "int"}.get(mode, mode)
    after: dict[str, Any] = {"FOLDER": str(folder), "MODE": mode}
    exec(SCRIPT, before)
    written = port_text(SCRIPT.replace("class_mode=MODE", f"class_mode={mode!r}"), to="tf-data")
    assert f'label_mode="{label_mode}"' in written.text
    exec(written.text, after)
    for feed, tolerance in (("one", 1e-6), ("two", 1e-4)):
        batches = list(after[feed].as_numpy_iterator())
        assert len(batches) == len(before[feed]) == 2
        for index, (images, labels) in enumerate(batches):
            expected_images, expected_labels = before[feed][index]
            assert images.dtype == expected_images.dtype
            np.testing.assert_allclose(images, expected_images, atol=tolerance)
            assert labels.dtype == expected_labels.dtype
            np.testing.assert_array_equal(labels, expected_labels)
