"""Sound, text, tables and series, as projects feed them."""

# ruff: noqa: E731 - as people write them
from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1
WORDS = ("red", "green", "blue", "black", "white", "amber", "teal", "pink")


def waves(k: Kit, each: int = 12) -> tuple[list[str], list[int]]:
    """Names of WAV files of two words, and their classes, mixed."""
    random = np.random.default_rng(4)
    for number in range(2 * each):
        wave = k.tf.constant(random.uniform(-0.5, 0.5, (400, 1)).astype(np.float32))
        word = "yes" if number % 2 else "no"
        place = k.folder / f"{number:03d}_{word}.wav"
        place.write_bytes(k.tf.audio.encode_wav(wave, 16_000).numpy())
    names = sorted(str(path) for path in k.folder.glob("*.wav"))
    return names, ["yes" in name for name in names]


def sentences(count: int = 60) -> np.ndarray:
    random = np.random.default_rng(6)
    return np.array([" ".join(random.choice(WORDS, 5)) + f" {number}" for number in range(count)])


def table(rows: int = 60) -> dict[str, np.ndarray]:
    random = np.random.default_rng(8)
    return {
        "age": random.integers(18, 90, rows).astype(np.float32),
        "fare": random.random(rows).astype(np.float32) * 100,
        "deck": np.array(list("ABC"))[random.integers(0, 3, rows)],
    }


@case("sound: resampled by a Python function", "SPD103")
def _(k: Kit) -> None:
    tf = k.tf
    names, labels = waves(k)

    def halve(wave):
        return wave.numpy()[::2]

    def load(name, label):
        wave, _ = tf.audio.decode_wav(tf.io.read_file(name), 1, 400)
        wave = tf.py_function(halve, [wave], tf.float32)
        return tf.ensure_shape(wave, (200, 1)), label

    data = tf.data.Dataset.from_tensor_slices((names, labels)).shuffle(len(names))
    k.fit(data.map(load, num_parallel_calls=AUTOTUNE).batch(8))


@case("sound: background noise mixed in, spectrograms cached", "CCH101")
def _(k: Kit) -> None:
    tf = k.tf
    names, labels = waves(k)

    class Commands:
        volume = 0.1

        def decode(self, name, label):
            return tf.audio.decode_wav(tf.io.read_file(name), 1, 400)[0][:, 0], label

        def noisy(self, wave, label):
            return wave + self.volume * tf.random.normal(tf.shape(wave)), label

        def spectrogram(self, wave, label):
            return tf.abs(tf.signal.stft(wave, 64, 32))[..., None], label

        def training(self):
            data = tf.data.Dataset.from_tensor_slices((names, labels))
            for step in (self.decode, self.noisy, self.spectrogram):
                data = data.map(step, num_parallel_calls=AUTOTUNE)
            return data.cache().shuffle(len(names)).batch(8)

    k.fit(Commands().training())


@case("sound: stripes masked at random behind the cache")
def _(k: Kit) -> None:
    tf = k.tf
    names, labels = waves(k)

    def spectrogram(name, label):
        wave = tf.audio.decode_wav(tf.io.read_file(name), 1, 400)[0][:, 0]
        return tf.abs(tf.signal.stft(wave, 64, 32)), label

    def stripe(picture, label):
        first = tf.random.uniform([], 0, 8, tf.int32)
        rows = tf.range(tf.shape(picture)[0])
        keep = tf.cast((rows < first) | (rows >= first + 2), tf.float32)
        return picture * keep[:, None], label

    data = tf.data.Dataset.from_tensor_slices((names, labels))
    data = data.map(spectrogram, num_parallel_calls=AUTOTUNE).cache().shuffle(len(names))
    k.fit(data.map(stripe, num_parallel_calls=AUTOTUNE).batch(8).prefetch(AUTOTUNE))


@case("sound: a corpus of hours cached in memory", "CCH104")
def _(k: Kit) -> Any:
    tf = k.tf
    clip = lambda i: (tf.zeros((16_000 * 30,)) + tf.cast(i, tf.float32), i % 10)
    return tf.data.Dataset.range(40_000_000).map(clip, num_parallel_calls=AUTOTUNE).cache().batch(8)


@case("sound: folders of clips by Keras, squeezed")
def _(k: Kit) -> None:
    tf = k.tf
    for word in ("no", "yes"):
        (k.folder / word).mkdir()
        for number in range(10):
            wave = tf.constant(np.full((200, 1), number / 50, np.float32))
            (k.folder / word / f"{number}.wav").write_bytes(
                tf.audio.encode_wav(wave, 8_000).numpy()
            )
    data = tf.keras.utils.audio_dataset_from_directory(
        k.folder, batch_size=4, output_sequence_length=200, seed=0
    )
    k.fit(data.map(lambda wave, label: (tf.squeeze(wave, -1), label), AUTOTUNE))


@case("text: lines shuffled, then cached", "CCH102", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    files = []
    for number in range(3):
        place = k.folder / f"{number}.txt"
        place.write_text("\n".join(f"{i % 2}\t{s}" for i, s in enumerate(sentences(30))))
        files.append(str(place))

    def parse(line):
        parts = tf.strings.split(line, "\t")
        return parts[1], tf.strings.to_number(parts[0])

    data = tf.data.TextLineDataset(files).map(parse, num_parallel_calls=AUTOTUNE)
    k.fit(data.shuffle(1_000).cache().batch(16).prefetch(AUTOTUNE))


@case("text: folders read with shuffle=False", "ORD105")
def _(k: Kit) -> None:
    for number, name in enumerate(("bad", "good")):
        (k.folder / name).mkdir()
        for i, text in enumerate(sentences(40)):
            (k.folder / name / f"{i}.txt").write_text(f"{text} {number}")
    load = k.tf.keras.utils.text_dataset_from_directory
    k.fit(load(k.folder, shuffle=False, batch_size=16).prefetch(AUTOTUNE))


@case("text: tokens hidden at random, then cached", "CCH101")
def _(k: Kit) -> None:
    tf = k.tf
    tokens = np.random.default_rng(2).integers(5, 90, (64, 12))

    def hide(ids):
        hidden = tf.random.uniform(tf.shape(ids)) < 0.15
        return tf.where(hidden, tf.constant(4, ids.dtype), ids), ids, tf.cast(hidden, tf.float32)

    data = tf.data.Dataset.from_tensor_slices(tokens).batch(16).map(hide, AUTOTUNE)
    k.fit(data.unbatch().cache().shuffle(64).batch(16), steps_per_epoch=4)


@case("text: tokens hidden at random in every epoch")
def _(k: Kit) -> None:
    tf = k.tf
    tokens = np.random.default_rng(2).integers(5, 90, (64, 12))

    def hide(ids):
        hidden = tf.random.uniform(tf.shape(ids)) < 0.15
        return tf.where(hidden, tf.constant(4, ids.dtype), ids), ids, tf.cast(hidden, tf.float32)

    data = tf.data.Dataset.from_tensor_slices(tokens).cache().shuffle(64).batch(16)
    k.fit(data.map(hide, num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE))


@case("text: characters cut into sequences, sequences shuffled")
def _(k: Kit) -> None:
    tf = k.tf
    ids = tf.data.Dataset.from_tensor_slices(np.random.default_rng(0).integers(0, 60, 3_300))
    split = lambda chunk: (chunk[:-1], chunk[1:])
    data = ids.batch(33, drop_remainder=True).map(split).shuffle(10_000)
    k.fit(data.batch(20, drop_remainder=True).prefetch(AUTOTUNE))


@case("text: skip-grams shuffled and batched, then cached", "CCH102")
def _(k: Kit) -> None:
    random = np.random.default_rng(0)
    targets, contexts = random.integers(0, 99, 800), random.integers(0, 99, (800, 5))
    labels = np.tile([1, 0, 0, 0, 0], (800, 1))
    data = k.tf.data.Dataset.from_tensor_slices(((targets, contexts), labels))
    data = data.shuffle(10_000).batch(64, drop_remainder=True)
    k.fit(data.cache().prefetch(buffer_size=AUTOTUNE), epochs=20)


@case("text: two languages shuffled apart, then zipped", "ORD109")
def _(k: Kit) -> None:
    tf = k.tf
    source = tf.data.Dataset.from_tensor_slices(sentences()).shuffle(60)
    target = tf.data.Dataset.from_tensor_slices(sentences()[:, None]).shuffle(60)
    k.fit(tf.data.Dataset.zip((source, target)).batch(12))


@case("text: two languages zipped, shuffled, shifted, batches cached", "CCH102")
def _(k: Kit) -> None:
    tf = k.tf
    layer = tf.keras.layers.TextVectorization(output_sequence_length=6)
    layer.adapt(sentences())

    def shift(source, target):
        ids = layer(target)
        return {"encoder": layer(source), "decoder": ids[:, :-1]}, ids[:, 1:]

    slices = tf.data.Dataset.from_tensor_slices
    data = tf.data.Dataset.zip((slices(sentences()), slices(sentences()))).shuffle(60).batch(12)
    k.fit(data.map(shift, num_parallel_calls=AUTOTUNE).cache().shuffle(5))


@case("text: a tokenizer in Python, one call at a time", "SPD101", "SPD103")
def _(k: Kit) -> None:
    tf = k.tf

    def tokenize(text):
        return np.array([len(word) for word in text.decode().split()], np.int64)

    def encode(text, label):
        ids = tf.numpy_function(tokenize, [text], tf.int64)
        return tf.ensure_shape(ids, (None,)), label

    data = tf.data.Dataset.from_tensor_slices((sentences(), np.arange(60) % 2)).shuffle(60)
    k.fit(data.map(encode).padded_batch(12))


@case("table: a CSV reader that starts over for ever", "BAT101")
def _(k: Kit) -> None:
    place = k.folder / "t.csv"
    place.write_text("age,fare,y\n" + "".join(f"{20 + i},{i / 2},{i % 2}\n" for i in range(60)))
    data = k.tf.data.experimental.make_csv_dataset(
        str(place), batch_size=12, label_name="y", shuffle_seed=3
    )
    k.fit(data, epochs=10)


@case("table: a CSV reader that starts over, with steps")
def _(k: Kit) -> None:
    place = k.folder / "t.csv"
    place.write_text("age,fare,y\n" + "".join(f"{20 + i},{i / 2},{i % 2}\n" for i in range(60)))
    data = k.tf.data.experimental.make_csv_dataset(str(place), batch_size=12, label_name="y")
    k.fit(data, epochs=10, steps_per_epoch=5)


@case("table: twenty thousand rows stacked one by one", "SPD107")
def _(k: Kit) -> None:
    tf = k.tf
    rows = np.random.default_rng(0).random((20_000, 8))
    to_float = lambda row: (tf.cast(row[:-1], tf.float32), tf.cast(row[-1], tf.float32))
    data = tf.data.Dataset.from_tensor_slices(rows).shuffle(20_000)
    k.fit(data.map(to_float, num_parallel_calls=AUTOTUNE).batch(256).prefetch(AUTOTUNE))


@case("table: twenty thousand rows stacked by batches")
def _(k: Kit) -> None:
    tf = k.tf
    rows = np.random.default_rng(0).random((20_000, 8))
    to_float = lambda row: (tf.cast(row[:, :-1], tf.float32), tf.cast(row[:, -1], tf.float32))
    data = tf.data.Dataset.from_tensor_slices(rows).shuffle(20_000).batch(256)
    k.fit(data.map(to_float, num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE))


@case("table: df_to_dataset shuffles what is predicted", "ORD110")
def _(k: Kit) -> None:
    def df_to_dataset(frame, labels=None, shuffle=True, batch_size=12):
        part = dict(frame) if labels is None else (dict(frame), labels)
        data = k.tf.data.Dataset.from_tensor_slices(part)
        if shuffle:
            data = data.shuffle(buffer_size=len(frame["age"]))
        return data.batch(batch_size).prefetch(batch_size)

    k.fit(df_to_dataset(table(), np.arange(60) % 2))
    k.model.predict(df_to_dataset(table()))


@case("table: features by a FeatureSpace")
def _(k: Kit) -> None:
    utils = k.tf.keras.utils
    space = utils.FeatureSpace(
        {"age": utils.FeatureSpace.float_normalized(), "deck": "string_categorical"},
        output_mode="concat",
    )
    columns = {name: table()[name] for name in ("age", "deck")}
    data = k.tf.data.Dataset.from_tensor_slices((columns, np.arange(60) % 2)).shuffle(60).batch(12)
    space.adapt(data.map(lambda x, _: x))
    k.fit(data.map(lambda x, y: (space(x), y), num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE))


@case("table: ratings split by a fixed order, batches cached", "CCH102")
def _(k: Kit) -> None:
    random = np.random.default_rng(0)
    ratings = k.tf.data.Dataset.from_tensor_slices(
        {"user": random.integers(0, 50, 500), "movie": random.integers(0, 90, 500)}
    ).map(lambda row: (row["user"], row["movie"]))
    mixed = ratings.shuffle(500, seed=42, reshuffle_each_iteration=False)
    train, test = mixed.take(400), mixed.skip(400).take(100)
    k.fit(train.shuffle(400).batch(50).cache(), epochs=3)
    k.model.evaluate(test.batch(25).cache())


@case("table: defaults and payers mixed until one list ends", "BAT108", "BAT101")
def _(k: Kit) -> None:
    slices = k.tf.data.Dataset.from_tensor_slices
    rows = np.random.default_rng(0).random((300, 5)).astype(np.float32)
    payers = slices((rows[:280], np.zeros(280, np.int32))).shuffle(280)
    defaults = slices((rows[280:], np.ones(20, np.int32))).shuffle(20)
    mixed = k.tf.data.Dataset.sample_from_datasets(
        [payers, defaults], weights=[0.5, 0.5], stop_on_empty_dataset=False
    )
    k.fit(mixed.batch(30))


@case("table: records read one file after the other", "BAT110", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf

    class Reader:
        def __init__(self, files):
            self.files = files

        def __call__(self):
            files = tf.data.Dataset.from_tensor_slices(self.files)
            data = files.interleave(tf.data.TFRecordDataset, cycle_length=1, block_length=4)
            return data.map(k.parse, num_parallel_calls=AUTOTUNE).batch(4).prefetch(AUTOTUNE)

    k.fit(Reader(k.records(files=4))())


@case("table: rows parsed in any order behind a seeded shuffle", "ORD106")
def _(k: Kit) -> None:
    tf = k.tf
    scale = lambda x, y: (tf.cast(x, tf.float32) / 255, y)
    data = k.raw.shuffle(64, seed=11).map(scale, num_parallel_calls=AUTOTUNE, deterministic=False)
    k.fit(data.repeat().batch(16), steps_per_epoch=4)


@case("table: a quick look at cached rows", "CCH103")
def _(k: Kit) -> None:
    rows = k.tf.data.Dataset.from_tensor_slices((table()["age"], np.arange(60) % 2))
    parsed = rows.map(lambda age, y: (age / 90, y)).cache()
    k.model.evaluate(parsed.take(20).batch(10))


@case("table: an iterator of NumPy arrays for ten epochs", "FIT102")
def _(k: Kit) -> None:
    data = k.raw.shuffle(64).map(k.scale).batch(16)
    k.fit(data.as_numpy_iterator(), epochs=10)


@case("table: the tail of a frame sorted by its target", "BAT111")
def _(k: Kit) -> None:
    target = np.sort(np.random.default_rng(0).integers(0, 3, 120))
    rows = np.random.default_rng(1).random((120, 4)).astype(np.float32)
    cut = 96
    slices = k.tf.data.Dataset.from_tensor_slices
    k.fit(
        slices((rows[:cut], target[:cut])).shuffle(cut).batch(16),
        validation_data=slices((rows[cut:], target[cut:])).batch(16),
    )


@case("table: folds by shard, one left for validation")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.from_tensor_slices((table()["age"], np.arange(60) % 2))
    folds = [data.shard(5, fold) for fold in range(5)]
    train = folds[0]
    for fold in folds[1:4]:
        train = train.concatenate(fold)
    k.fit(train.shuffle(48).batch(12), validation_data=folds[4].batch(12))


@case("table: labels of one column, one hot, rows of the same batch weighed")
def _(k: Kit) -> None:
    tf = k.tf
    weights = tf.constant([0.5, 1.0, 2.0, 1.0])
    data = tf.data.Dataset.from_tensor_slices((k.pixels[:, 0, :, 0] / np.float32(255), k.classes))
    weigh = lambda x, y: (x, tf.one_hot(y, 4), tf.gather(weights, y))
    k.fit(data.shuffle(64).batch(16).map(weigh, num_parallel_calls=AUTOTUNE).prefetch(1))


@case("series: windows by Keras, later days for validation")
def _(k: Kit) -> None:
    days = np.sin(np.arange(400, dtype=np.float32))[:, None]
    make = k.tf.keras.utils.timeseries_dataset_from_array
    how = {"sequence_length": 12, "batch_size": 24}
    train = make(days[:288], days[12:300], shuffle=True, **how)
    valid = make(days[300:-12], days[312:], **how)
    k.fit(train, validation_data=valid)


@case("series: windows shuffled in a small buffer", "ORD101")
def _(k: Kit) -> None:
    tf = k.tf
    series = np.cumsum(np.random.default_rng(0).standard_normal(2_000)).astype(np.float32)

    def windowed(series, size, batch, buffer):
        data = tf.data.Dataset.from_tensor_slices(series)
        data = data.window(size + 1, shift=1, drop_remainder=True)
        data = data.flat_map(lambda window: window.batch(size + 1)).shuffle(buffer)
        return data.map(lambda window: (window[:-1], window[-1:])).batch(batch).prefetch(1)

    k.fit(windowed(series, 20, 32, 100), steps_per_epoch=61)


@case("series: sensor days in order, a regression that is not shuffled")
def _(k: Kit) -> None:
    x = np.random.default_rng(0).random((128, 6)).astype(np.float32)
    y = np.linspace(0, 1, 128, dtype=np.float32) + x[:, 0]
    k.fit(k.tf.data.Dataset.from_tensor_slices((x, y)).batch(32))
