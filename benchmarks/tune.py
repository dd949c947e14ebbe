"""What tuning reaches of the best that its knobs allow, on pipelines that are each set up badly.

For each pipeline `twinfeed.tune` is run. Then every form that the same knobs allow is read, the
faster ones again and again, until one is the best. Original, tuned and best form then take turns in
a random order, and only these rounds are scored: the best of many measurements is always lucky.
Printed are examples per second once caches are full, the share of the best that tuning reached and
the ratio to the original, each the median of the rounds with its bootstrap interval.

    python benchmarks/tune.py [--seconds 15] [--minutes 11.5] [--only NAME,NAME]

Targets: 95 % of the best form; never slower than the original (an interval below 1); a naive image
pipeline 5 times as fast, one with Keras's layers twice. Exit status: 0 if every one was reached, 1
if not, 130 if interrupted with what there is. Times of a loaded machine jump: its intervals are wide.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from twinfeed.graph.editing import open_chain
from twinfeed.lint._machine import memory_bytes
from twinfeed.stats.resample import Interval, paired_ratio
from twinfeed.tune._candidates import Candidate
from twinfeed.tune._tuner import Tuner
from twinfeed.tune._verb import own_cores

REACHED = 0.95
TIMES = {"image_folder": 5.0, "image_folder_held_back": 5.0, "image_folder_layers": 2.0}
FINALISTS = 3
TURN_S, WARM_S = 0.15, 2.0
LEAST_ROUNDS, MOST_ROUNDS = 12, 60
PHOTOS, SIDE = 192, 128


def photos(folder: Path) -> list[str]:
    """JPEGs of 375 x 500, smooth with some grain."""
    random = np.random.default_rng(7)
    for number in range(PHOTOS):
        small = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        picture = tf.image.resize(small, (375, 500), "bicubic") + random.normal(0, 8, (375, 500, 1))
        pixels = tf.cast(tf.clip_by_value(picture, 0, 255), tf.uint8)
        inner = folder / f"class{number % 4}"
        inner.mkdir(parents=True, exist_ok=True)
        tf.io.write_file(str(inner / f"{number:04}.jpg"), tf.io.encode_jpeg(pixels, quality=90))
    return sorted(str(path) for path in folder.rglob("*.jpg"))


def load(path: Any, label: Any) -> Any:
    """Decode, resize, scale."""
    picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    return tf.image.resize(picture, (SIDE, SIDE)) / 255.0, label


def flip(picture: Any, label: Any) -> Any:
    """An augmentation that draws."""
    return tf.image.random_flip_left_right(picture), label


def held_back(dataset: Any) -> Any:
    """Without anything that TensorFlow does by itself."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    options.threading.private_threadpool_size = 1
    return dataset.with_options(options)


class Interruption:
    """Ctrl-C, kept until it can be acted on.

    Python drops what a signal's handler raises while garbage is collected, and a process in which
    Keras has loaded JAX collects it in Python code much of the time.
    """

    asked = False

    def __call__(self, *_: object) -> None:
        """What is called at the signal; a second one ends the process."""
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self, _what: str = "") -> None:
        """Raise what the signal would have raised."""
        if self.asked:
            self.asked = False
            raise KeyboardInterrupt


interruption = Interruption()


class Pipelines:
    """Makes each pipeline from files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = photos(folder / "photos")
        self.labels = np.arange(PHOTOS) % 4

    def named(self) -> Any:
        """Names of the photos with their classes."""
        return tf.data.Dataset.from_tensor_slices((self.files, self.labels))

    def image_folder(self) -> Any:
        """Decoded again each epoch, one by one, shuffled as floats."""
        return self.named().map(load).map(flip).shuffle(100).batch(32)

    def image_folder_held_back(self) -> Any:
        """The same with TensorFlow's own help switched off."""
        return held_back(self.named().map(load).map(flip).shuffle(100).batch(32))

    def image_folder_layers(self) -> Any:
        """Decoded again each epoch, turned and zoomed by Keras's layers one by one."""
        import keras

        turn = keras.layers.RandomRotation(0.05, fill_mode="nearest")
        zoom = keras.layers.RandomZoom(0.2, fill_mode="nearest")

        def augment(picture: Any, label: Any) -> Any:
            return zoom(turn(picture, training=True), training=True), label

        return self.named().map(load).map(augment).shuffle(100).batch(32)

    def keras_folder(self) -> Any:
        """As image_dataset_from_directory gives it, with a map behind."""
        import keras

        made = keras.utils.image_dataset_from_directory(
            str(self.folder / "photos"), image_size=(SIDE, SIDE), verbose=False
        )
        return made.map(lambda x, y: (x / 255.0, y))

    def tfrecord(self) -> Any:
        """Shards read one after the other, parsed and decoded one by one."""
        shards = self.folder / "records"
        shards.mkdir(exist_ok=True)
        for number in range(4):
            with tf.io.TFRecordWriter(str(shards / f"{number}.tfrecord")) as writer:
                for path in self.files[number::4]:
                    picture = tf.train.Feature(
                        bytes_list=tf.train.BytesList(value=[Path(path).read_bytes()])
                    )
                    features = tf.train.Features(feature={"picture": picture})
                    writer.write(tf.train.Example(features=features).SerializeToString())

        def parse(record: Any) -> Any:
            wanted = {"picture": tf.io.FixedLenFeature([], tf.string)}
            found = tf.io.parse_single_example(record, wanted)
            picture = tf.io.decode_jpeg(found["picture"], channels=3)
            return tf.image.resize(picture, (SIDE, SIDE))

        names = tf.data.Dataset.list_files(str(shards / "*.tfrecord"), shuffle=False)
        return names.interleave(tf.data.TFRecordDataset, cycle_length=2).map(parse).batch(16)

    def tfds(self) -> Any:
        """A data set of TensorFlow Datasets, its pictures scaled one by one."""
        import tensorflow_datasets as tfds

        random = np.random.default_rng(1)
        pictures = random.integers(0, 256, (2000, 32, 32, 3), dtype=np.uint8)
        labels = np.arange(2000) % 10
        features = tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(32, 32, 3)),
                "label": tfds.features.ClassLabel(num_classes=10),
            }
        )
        whole = tf.data.Dataset.from_tensor_slices({"image": pictures, "label": labels})
        builder = tfds.dataset_builders.store_as_tfds_dataset(
            name="tuned", version="1.0.0", features=features, split_datasets={"train": whole},
            data_dir=str(self.folder / "tfds"), disable_shuffling=False,
        )  # fmt: skip
        read = builder.as_dataset(split="train", as_supervised=False, shuffle_files=False)
        return read.map(lambda x: (tf.cast(x["image"], tf.float32) / 255.0, x["label"])).batch(32)

    def arrays(self) -> Any:
        """Pictures in memory, enlarged one by one before a shuffle."""
        random = np.random.default_rng(2)
        pictures = random.integers(0, 256, (1500, 32, 32, 3), dtype=np.uint8)
        made = tf.data.Dataset.from_tensor_slices(pictures)
        return made.map(lambda x: tf.image.resize(x, (96, 96))).shuffle(200).batch(32)

    def small_maps(self) -> Any:
        """Tiny work per row, once per row."""
        rows = np.random.default_rng(3).random((20_000, 16), dtype=np.float32)
        made = tf.data.Dataset.from_tensor_slices(rows).map(lambda x: x * 2.0 - 1.0)
        made = made.map(lambda x: tf.clip_by_value(x, -1, 1))
        return made.batch(64)

    def csv(self) -> Any:
        """Lines of a file, decoded one by one."""
        path = self.folder / "table.csv"
        rows = np.random.default_rng(4).random((15_000, 8))
        path.write_text("\n".join(",".join(f"{x:.6f}" for x in row) for row in rows), "utf-8")
        lines = tf.data.TextLineDataset(str(path))
        return lines.map(lambda x: tf.stack(tf.io.decode_csv(x, [0.0] * 8))).shuffle(1000).batch(64)

    def text(self) -> Any:
        """Words looked up in a table, padded."""
        words = [f"word{number}" for number in range(500)]
        values = tf.lookup.KeyValueTensorInitializer(words, tf.range(500, dtype=tf.int64))
        table = tf.lookup.StaticHashTable(values, -1)
        random = np.random.default_rng(5)
        lines = [" ".join(random.choice(words, random.integers(5, 40))) for _ in range(4000)]
        made = tf.data.Dataset.from_tensor_slices(lines)
        return made.map(lambda x: table.lookup(tf.strings.split(x))).padded_batch(32)

    def generator(self) -> Any:
        """A Python generator that computes, and repeats itself each epoch."""

        def rows() -> Any:
            random = np.random.default_rng(6)
            for number in range(300):
                yield np.sort(random.random(20_000, dtype=np.float32))[:256], number % 4

        spec = (tf.TensorSpec((256,), tf.float32), tf.TensorSpec((), tf.int64))
        return tf.data.Dataset.from_generator(rows, output_signature=spec).batch(16)

    def audio(self) -> Any:
        """Spectrograms of waves, one by one."""
        waves = np.random.default_rng(8).normal(0, 1, (400, 16_000)).astype(np.float32)
        made = tf.data.Dataset.from_tensor_slices(waves)
        return made.map(lambda x: tf.abs(tf.signal.stft(x, 512, 128))).batch(16)

    def inflated_cache(self) -> Any:
        """A cache of floats where bytes would do."""
        pictures = np.random.default_rng(9).integers(0, 256, (3000, 48, 48, 3), dtype=np.uint8)
        made = tf.data.Dataset.from_tensor_slices(pictures)
        return made.map(lambda x: tf.cast(x, tf.float32) / 255.0).cache().shuffle(500).batch(32)

    def well_made(self) -> Any:
        """Nothing to win: parallel, cached, prefetched."""
        auto = tf.data.AUTOTUNE
        made = self.named().map(load, num_parallel_calls=auto).cache()
        return made.map(flip, num_parallel_calls=auto).shuffle(100).batch(32).prefetch(auto)


NAMES = [
    "image_folder", "image_folder_held_back", "image_folder_layers", "keras_folder", "tfrecord", "tfds", "arrays",
    "small_maps", "csv", "text", "generator", "audio", "inflated_cache", "well_made",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured of one pipeline.

    Attributes:
        name: The pipeline.
        rates: Examples per second of the original, the tuned and the best form.
        share: Speed of the tuned over that of the best form.
        ratio: Speed of the tuned over that of the original.
        forms: Forms that the grid has.
        rounds: Rounds that were scored.
        took_s: Seconds that tuning took.
        kind: The answer of tuning.
        tuned: What is different in the tuned form.
        best: What is different in the best form.
        missed: Targets that were not reached, in words.
    """

    name: str
    rates: tuple[float, float, float]
    share: Interval
    ratio: Interval
    forms: int
    rounds: int
    took_s: float
    kind: str
    tuned: str
    best: str
    missed: tuple[str, ...]

    def __str__(self) -> str:
        """A line of the table."""
        share, ratio = self.share, self.ratio
        return (
            f"{self.name:<22} {self.rates[0]:>9,.0f} {self.rates[1]:>9,.0f} {self.rates[2]:>9,.0f} "
            f" {share.value:>5.0%} ({share.low:.0%}-{share.high:.0%})"
            f"  {ratio.value:>6.2f} ({ratio.low:.2f}-{ratio.high:.2f})"
            f"  {'; '.join(self.missed) or 'reached'}\n"
            f"{'':22} {self.forms} forms, {self.rounds} rounds, tuned in {self.took_s:.0f} s "
            f"({self.kind}): {self.tuned}" + ("" if self.tuned == self.best else f" | {self.best}")
        )


def missed(name: str, share: Interval, ratio: Interval) -> tuple[str, ...]:
    """Which targets were not reached; one whose interval holds it is undecided."""
    found: list[str] = []
    if share.value < REACHED:
        found.append("below the best" if share.high < REACHED else "undecided of the best")
    if ratio.high < 1.0:
        found.append("slower than the original")
    if ratio.value < TIMES.get(name, 0.0):
        found.append(f"below {TIMES[name]:g} times the original")
    return tuple(found)


def run(name: str, build: Callable[[], Any], seconds: float, until: float) -> Row:
    """Tune one pipeline, find the best form of the grid, and compare both in turn."""
    chain = open_chain(build())
    assert not isinstance(chain, str), chain
    tuner = Tuner(
        chain=chain, memory=memory_bytes() // 2, cores=own_cores(), seconds=seconds,
        any_order=False, unsafe=False, cache_dir=None, say=interruption.check,
    )  # fmt: skip
    begin = time.perf_counter()
    told = tuner.run()
    if not told.complete:
        raise KeyboardInterrupt  # tuning answers with what it has; here the whole table ends
    took_s = time.perf_counter() - begin
    own = Candidate(name="original", recipe=tuner.recipe)
    grid = [own, *(one for one in tuner.every() if tuner.fits(one))]
    tuned = next((one for one in grid if one.changes == told.changes), own)
    best = best_of(tuner, grid)
    field = {"original": own, "tuned": tuned, "best": best}
    # One that is two of these takes their turns in one reading: the same form is as fast as itself.
    alone = {id(one): one for one in field.values()}
    readers = {key: tuner.open(one) for key, one in alone.items()}
    for reader in readers.values():
        reader.warm(WARM_S)
    random = np.random.default_rng(0)
    took: dict[int, list[float]] = {key: [] for key in alone}
    while True:
        for key in random.permutation(list(alone)):
            took[key].append(pace(readers[key], TURN_S))
        paces = {label: np.array(took[id(one)]) for label, one in field.items()}
        rounds = len(paces["tuned"])
        if rounds < LEAST_ROUNDS:
            continue
        share = paired_ratio(paces["best"], paces["tuned"])
        ratio = paired_ratio(paces["original"], paces["tuned"])
        sure = (tuned is best or not share.low <= REACHED <= share.high) and ratio.low >= 1.0
        if rounds >= MOST_ROUNDS or sure or time.perf_counter() > until:
            break
    rates = [tuner.per_element / float(np.median(paces[label])) for label in field]
    return Row(
        name=name, rates=(rates[0], rates[1], rates[2]), share=share, ratio=ratio,
        forms=len(grid) - 1, rounds=rounds, took_s=took_s, kind=told.kind, tuned=tuned.name,
        best=best.name, missed=missed(name, share, ratio),
    )  # fmt: skip


def best_of(tuner: Tuner, grid: list[Candidate]) -> Candidate:
    """The form that is fastest once its cache is full: each in turn, the faster ones again."""
    paces: dict[int, list[float]] = {}
    for index, one in enumerate(grid):
        reader = tuner.open(one)
        reader.warm(WARM_S)
        paces[index] = [pace(reader, TURN_S)]
    for count, turns in ((8, 2), (FINALISTS, 4)):
        ahead = sorted(paces, key=lambda i: float(np.median(paces[i])))[:count]
        readers = {index: tuner.open(grid[index]) for index in ahead}
        for reader in readers.values():
            reader.warm(WARM_S)
        for _ in range(turns):
            for index, reader in readers.items():
                paces[index].append(pace(reader, TURN_S))
        paces = {index: paces[index] for index in ahead}
    return grid[min(paces, key=lambda i: float(np.median(paces[i])))]


def pace(reader: Any, seconds: float) -> float:
    """Seconds per element in one turn."""
    interruption.check()
    turn = reader.turn(seconds)
    return turn.seconds / max(1, turn.elements)


def main() -> int:
    """Print the table; 0 where every target was reached, 130 if it was interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="that tuning may take")
    parser.add_argument("--minutes", type=float, default=11.5, help="for all pipelines")
    parser.add_argument("--only", default="", help="pipelines, by name, with commas")
    parser.add_argument("--output-file", default="", help="the rows as JSON, after each of them")
    given = parser.parse_args()
    chosen = given.only.split(",") if given.only else NAMES
    signal.signal(signal.SIGINT, interruption)
    begin, rows, interrupted = time.perf_counter(), list[Row](), False
    print(f"load {os.getloadavg()[0]:.1f}, {own_cores()} cores, TensorFlow {tf.__version__}")
    print(
        f"{'pipeline':<22} {'original':>9} {'tuned':>9} {'best':>9}  of best             x original"
    )
    with tempfile.TemporaryDirectory() as name:
        try:
            pipelines = Pipelines(Path(name))
            for place, one in enumerate(chosen, 1):
                until = begin + 60 * given.minutes * place / len(chosen)
                rows.append(run(one, getattr(pipelines, one), given.seconds, until))
                print(rows[-1], flush=True)
                if given.output_file:
                    told = json.dumps([asdict(row) for row in rows], indent=1)
                    Path(given.output_file).write_text(told, "utf-8")
        except KeyboardInterrupt:
            interrupted = True
    short = [row.name for row in rows if row.missed]
    print(
        f"{len(rows) - len(short)} of {len(rows)} reached every target"
        f"{', missed: ' + ', '.join(short) if short else ''}; load {os.getloadavg()[0]:.1f}, "
        f"{(time.perf_counter() - begin) / 60:.1f} minutes{', interrupted' if interrupted else ''}"
    )
    return 130 if interrupted else int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
