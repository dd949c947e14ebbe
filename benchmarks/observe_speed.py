"""How fast a feed is read while it is observed, against reading it and doing nothing.

The pipeline decodes JPEG files of about 480 x 384, resizes to 224 x 224, flips and scales, in
batches of 32 float32 images: a feed that keeps the cores busy. Rounds alternate. Where Numba is
installed, the compiled counter is loaded beforehand, as it is by itself in the course of a long read.

    python benchmarks/observe_speed.py [--rounds 5] [--images 600]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image

from twinfeed import as_feed
from twinfeed.observe.recorder import Recorder


def write_images(folder: Path, count: int) -> None:
    """Photo-like noise: smooth at large scale, grainy at small scale."""
    random = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (12, 15, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((480, 384), Image.Resampling.BICUBIC), np.int16)
        grain = random.normal(0, 6, smooth.shape)
        pixels = np.clip(smooth + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:05}.jpg", quality=90)


def pipeline(folder: Path) -> tf.data.Dataset:
    """Decode, resize, flip, scale, batch, prefetch; all in parallel."""

    def load(path: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        image = tf.image.resize(image, (224, 224))
        return tf.image.random_flip_left_right(image) / 255

    files = sorted(str(path) for path in folder.glob("*.jpg"))
    dataset = tf.data.Dataset.from_tensor_slices(files).map(load, tf.data.AUTOTUNE)
    return dataset.batch(32).prefetch(tf.data.AUTOTUNE)


def rate(read: Callable[[], int]) -> float:
    """Examples per second of one pass."""
    begin = time.perf_counter()
    count = read()
    return count / (time.perf_counter() - begin)


def bare(dataset: tf.data.Dataset) -> int:
    """Read and do nothing, as a train loop with nothing to do would."""
    return sum(len(batch) for batch in dataset)


def observed(feed: Any, *, every_value: bool) -> int:
    """Read and look at every example."""
    recorder = Recorder(every_value=every_value)
    recorder.begin_epoch()
    count = 0
    for batch in feed.open_epoch():
        recorder.add(batch, wait_s=0.0)
        count += batch.size
    return count


def main() -> None:
    """Print the rates and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=600)
    options = parser.parse_args()
    compiled = find_spec("numba") is not None
    if compiled:
        import_module("numba")
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder), options.images)
        dataset = pipeline(Path(folder))
        feed = as_feed(dataset)
        ways: dict[str, Callable[[], int]] = {
            "read only": lambda: bare(dataset),
            "observed, sampled": lambda: observed(feed, every_value=False),
            "observed, every value": lambda: observed(feed, every_value=True),
        }
        for way in ways.values():
            way()
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                rates[name].append(rate(way))
    base = rates["read only"]
    print(
        f"{options.images} images, {options.rounds} rounds, {os.cpu_count()} cores, "
        f"{'compiled' if compiled else 'plain'} counter"
    )
    for name, found in rates.items():
        ratios = [one / other for one, other in zip(found, base, strict=True)]
        print(
            f"{name:24} {statistics.median(found):8.0f} images/s"
            f"   ratio {statistics.median(ratios):.3f}"
            f" ({min(ratios):.3f} to {max(ratios):.3f})"
        )


if __name__ == "__main__":
    main()
