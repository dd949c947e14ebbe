"""The tap on TensorBoard: read back with TensorBoard's own reader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BATCHES, BATCH = 5, 8


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events of two epochs of a small training with a validation."""
    pytest.importorskip("tensorboard")
    keras = pytest.importorskip("keras")
    import twinfeed

    folder = tmp_path_factory.mktemp("board")
    images = (
        np.random.default_rng(3).integers(0, 256, (BATCHES * BATCH, 12, 10, 3)).astype(np.uint8)
    )
    labels = np.arange(len(images)) % 4
    model = keras.Sequential(
        [keras.Input((12, 10, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    tap = twinfeed.Tap(folder / "run.twin", tensorboard=folder / "logs")
    model.fit(
        images / np.float32(255), labels, batch_size=BATCH, epochs=2, shuffle=False, verbose=0,
        validation_data=(images[:8] / np.float32(255), labels[:8]), callbacks=[tap],
    )  # fmt: skip
    assert (folder / "run.twin").exists()
    return folder / "logs"


@pytest.fixture(scope="module")
def events(logs: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(logs), size_guidance={"images": 0, "scalars": 0}).Reload()


def test_times_of_every_batch_and_epoch(events: Any) -> None:
    for name in ("wait_s", "step_s", "waiting_share", "examples_per_s"):
        found = events.Scalars(f"twinfeed/fit/epoch/{name}")
        assert [one.step for one in found] == [0, 1]
        assert all(one.value >= 0 for one in found)
    batches = events.Scalars("twinfeed/fit/batch/step_s")
    assert [one.step for one in batches] == list(range(2 * BATCHES))
    assert events.Scalars("twinfeed/validation/epoch/step_s")
    # The first step compiles: it is among the batches, and in no mean of an epoch.
    steps, means = [one.value for one in batches], events.Scalars("twinfeed/fit/epoch/step_s")
    assert means[0].value == pytest.approx(np.mean(steps[1:BATCHES]))
    assert means[1].value == pytest.approx(np.mean(steps[BATCHES:]))


def test_pictures_are_those_of_the_first_batch(events: Any) -> None:
    image = pytest.importorskip("PIL.Image")
    import io

    tags = [tag for tag in events.Tags()["images"] if tag.startswith("twinfeed/fit/first batch")]
    assert len(tags) == BATCH
    assert "0..1 as black to white" in tags[0]
    shown = events.Images(tags[0])[0]
    assert (shown.height, shown.width) == (12, 10)
    with image.open(io.BytesIO(shown.encoded_image_string)) as opened:
        pixels = np.asarray(opened)
    first = np.random.default_rng(3).integers(0, 256, (BATCHES * BATCH, 12, 10, 3))[:BATCH]
    assert min(np.abs(first - pixels).max(axis=(1, 2, 3))) <= 1


def test_histograms_and_findings(events: Any) -> None:
    values = events.Histograms("twinfeed/fit/values of x")[-1].histogram_value
    assert values.num == sum(values.bucket) > 0
    assert len(values.bucket_limit) == len(values.bucket)
    assert 0 <= values.min <= values.max <= 1.001
    labels = events.Histograms("twinfeed/fit/values of y")[-1].histogram_value
    widths = np.diff([labels.min, *labels.bucket_limit])
    assert widths[-1] == widths[-2] > 0
    assert labels.max == labels.bucket_limit[-1]
    told = events.Tensors("twinfeed/lint")[-1].tensor_proto.string_val[0].decode()
    assert "    twinfeed report" in told


def test_a_missing_tensorboard_is_named() -> None:
    """In a process of its own, where it cannot be found."""
    pytest.importorskip("keras")
    code = (
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *more: None if name == 'tensorboard' else find(name, *more)\n"
        "import twinfeed\n"
        "try:\n"
        "    twinfeed.Tap('run.twin', tensorboard='logs')\n"
        "except twinfeed.errors.MissingLibraryError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code.replace("import twinfeed\n", "import twinfeed, twinfeed.errors\n")],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert 'pip install "twinfeed[tensorboard]"' in done.stdout
