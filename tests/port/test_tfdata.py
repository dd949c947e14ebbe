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


MORE = """
from twinfeed.images import ImageDataGenerator

plain = ImageDataGenerator(rescale=1 / 255)
one = plain.flow(X, Y, batch_size=4, sample_weight=W, shuffle=False)
two = plain.flow(X, shuffle=False)
three = plain.flow_from_dataframe(TABLE, directory=FOLDER, target_size=(20, 24), shuffle=False, batch_size=4)
four = plain.flow_from_dataframe(
    TABLE, FOLDER, "filename", "class", "weight", (20, 24), class_mode="sparse", shuffle=False
)
five = plain.flow_from_dataframe(
    TABLE, directory=FOLDER, y_col=["weight", "other"], class_mode="raw", target_size=(20, 24), shuffle=False
)
"""


def test_the_same_batches_from_arrays_and_tables(folder: Path) -> None:
    pytest.importorskip("tensorflow")
    pandas: Any = pytest.importorskip("pandas")
    draw = np.random.default_rng(0)
    files = [f"{name}/{index}.png" for index in range(3) for name in ("dogs", "cats")]
    table = pandas.DataFrame({"filename": files, "class": [name[:4] for name in files]})
    table["weight"], table["other"] = np.arange(6) / 2, np.arange(6)
    names: dict[str, Any] = {
        "X": draw.integers(0, 256, (10, 8, 8, 3)).astype(np.uint8),
        "Y": np.arange(10),
        "W": np.arange(10) / 3,
        "TABLE": table,
        "FOLDER": folder,
    }
    before, after = dict(names), dict(names)
    exec(MORE, before)
    written = port_text(MORE, to="tf-data")
    assert not written.refusals
    exec(written.text, after)
    for feed in ("one", "two", "three", "four", "five"):
        batches = list(after[feed].as_numpy_iterator())
        assert len(batches) == len(before[feed])
        for index, batch in enumerate(batches):
            expected: Any = before[feed][index]
            ours, theirs = (
                each if isinstance(each, tuple) else (each,) for each in (batch, expected)
            )
            for a, b in zip(ours, theirs, strict=True):
                assert a.dtype == b.dtype, feed
                np.testing.assert_allclose(a, b, atol=1e-6)


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
