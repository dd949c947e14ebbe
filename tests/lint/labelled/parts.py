"""Lengths, batches, splits, shards, mixes, and what Keras is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


@case("endless, and no steps", "BAT101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).repeat().batch(16))


@case("endless validation, and no steps", "BAT101")
def _(k: Kit) -> None:
    train = k.raw.take(48).map(k.scale).shuffle(48).batch(16)
    k.model.fit(train, validation_data=k.raw.skip(48).map(k.scale).repeat().batch(16))


@case("of a length that nobody knows", "BAT101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).filter(lambda _x, y: y < 3).batch(16))


@case("of a length that is stated")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).filter(lambda _x, y: y < 3).batch(16)
    k.fit(data.apply(k.tf.data.experimental.assert_cardinality(3)))


@case("of an unknown length, with steps")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).filter(lambda _x, y: y < 3).repeat().batch(16)
    k.fit(data, steps_per_epoch=3)


@case("a last batch of one", "BAT102")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(21))


@case("a last batch of half")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(25))


@case("a last batch of one, left out")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(21, drop_remainder=True))


@case("a last batch of one that is evaluated")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.batch(21))


@case("more steps than batches", "BAT103")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), steps_per_epoch=5, epochs=1)


@case("steps that cut a pass in the middle", "BAT103")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), steps_per_epoch=3)


@case("as many steps as batches")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), steps_per_epoch=4)


@case("an evaluation that drops its tail", "BAT104")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.batch(20, drop_remainder=True))


@case("a validation of a part", "BAT104")
def _(k: Kit) -> None:
    train = k.raw.take(32).map(k.scale).shuffle(32).batch(16)
    test = k.raw.skip(32).map(k.scale).batch(8)
    k.model.fit(train, validation_data=test, validation_steps=2)


@case("a prediction that drops its tail", "BAT104")
def _(k: Kit) -> None:
    k.model.predict(k.scaled.batch(20, drop_remainder=True))


@case("an evaluation of whole batches")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.batch(16, drop_remainder=True))


@case("both parts of an order that changes", "BAT105", "BAT106")
def _(k: Kit) -> None:
    mixed = k.scaled.shuffle(64)
    k.fit(mixed.skip(16).batch(16), validation_data=mixed.take(16).batch(16))


@case("both parts of an order that stays")
def _(k: Kit) -> None:
    mixed = k.scaled.shuffle(64, seed=1, reshuffle_each_iteration=False)
    k.fit(mixed.skip(16).shuffle(48, seed=2).batch(16), validation_data=mixed.take(16).batch(16))


@case("parts of the storage, one of them shuffled")
def _(k: Kit) -> None:
    k.fit(k.scaled.skip(16).shuffle(48).batch(16), validation_data=k.scaled.take(16).batch(16))


@case("twelve examples in both parts", "BAT106")
def _(k: Kit) -> None:
    def part(start: int, end: int) -> Any:
        arrays = k.pixels[start:end], k.classes[start:end]
        return k.tf.data.Dataset.from_tensor_slices(arrays).map(k.scale)

    k.fit(part(0, 48).shuffle(48).batch(16), validation_data=part(36, 64).batch(16))


@case("the last part of what lies sorted by class", "BAT111")
def _(k: Kit) -> None:
    rows = np.random.default_rng(0).random((120, 3), np.float32), np.repeat(np.arange(3), 40)
    data = k.tf.data.Dataset.from_tensor_slices(rows)
    k.fit(data.take(90).shuffle(90).batch(30), validation_data=data.skip(90).batch(30))


@case("the last part of what lies mixed")
def _(k: Kit) -> None:
    k.fit(k.scaled.take(40).shuffle(40).batch(8), validation_data=k.scaled.skip(40).batch(8))


@case("more workers than files", "BAT107")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).shard(4, 0)
    return files.interleave(k.tf.data.TFRecordDataset, cycle_length=2).map(k.parse).batch(4)


@case("three batches for two workers", "BAT107")
def _(k: Kit) -> None:
    return k.scaled.take(48).batch(16).shard(2, 0)


@case("examples for two workers")
def _(k: Kit) -> None:
    return k.scaled.shard(2, 0).batch(16)


@case("a mix whose rare part ends first", "BAT108")
def _(k: Kit) -> None:
    few, many = k.scaled.take(8), k.scaled.skip(8)
    data = k.tf.data.Dataset.sample_from_datasets(
        [few, many], [0.5, 0.5], seed=1, stop_on_empty_dataset=False
    )
    return data.batch(16)


@case("a mix of parts that repeat")
def _(k: Kit) -> None:
    few, many = k.scaled.take(8).repeat(), k.scaled.skip(8).repeat()
    data = k.tf.data.Dataset.sample_from_datasets([few, many], [0.5, 0.5], seed=1)
    k.fit(data.batch(16), steps_per_epoch=4)


@case("a mix that stops with its shortest part")
def _(k: Kit) -> None:
    few, many = k.scaled.take(8), k.scaled.skip(8)
    data = k.tf.data.Dataset.sample_from_datasets(
        [few, many], [0.5, 0.5], seed=1, stop_on_empty_dataset=True
    )
    return data.batch(16)


class Everything:
    def __new__(cls) -> Any:
        from torch.utils.data import IterableDataset

        class Numbers(IterableDataset[Any]):
            def __iter__(self) -> Iterator[Any]:
                yield from np.arange(10, dtype=np.float32)

        return Numbers()


@case("torch workers that each read everything", "BAT109")
def _(k: Kit) -> Any:
    from torch.utils.data import DataLoader

    return DataLoader(Everything(), batch_size=2, num_workers=2)


@case("one torch process that reads everything")
def _(k: Kit) -> Any:
    from torch.utils.data import DataLoader

    return DataLoader(Everything(), batch_size=2)


@case("a torch loader that shuffles")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.zeros(64, 3), torch.arange(64) % 4)
    k.fit(DataLoader(data, batch_size=16, shuffle=True))


@case("a torch loader of batches with one example left", "BAT102")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.zeros(64, 3), torch.arange(64) % 4)
    k.fit(DataLoader(data, batch_size=21, shuffle=True))


@case("record files in turn, mixed a little", "BAT110", "BAT101", "ORD101")
def _(k: Kit) -> None:
    data = k.tf.data.TFRecordDataset(k.records()).map(k.parse)
    k.fit(data.shuffle(3).batch(4))


@case("record files read at once, their names in order", "BAT101")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records())
    data = files.interleave(k.tf.data.TFRecordDataset, cycle_length=3).map(k.parse)
    k.fit(data.shuffle(12).batch(4))


@case("record files mixed and read at once", "BAT101")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    data = files.interleave(k.tf.data.TFRecordDataset, cycle_length=3).map(k.parse)
    k.fit(data.shuffle(12).batch(4))


@case("a batch size for what is batched", "FIT101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), batch_size=64)


@case("the batch size that it has")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), batch_size=16)


@case("arrays with a batch size")
def _(k: Kit) -> None:
    k.model.fit(k.pixels, k.classes, batch_size=16, epochs=5)


@case("told not to shuffle what shuffles", "FIT101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16), shuffle=False)


def batches() -> Iterator[Any]:
    for _ in range(4):
        yield np.zeros((16, 3), np.float32), np.zeros(16)


@case("a generator for five epochs", "FIT102")
def _(k: Kit) -> None:
    k.fit(batches())


@case("a generator for one epoch")
def _(k: Kit) -> None:
    k.fit(batches(), epochs=1)


@case("a generator that can be begun again", "SPD103", "BAT101")
def _(k: Kit) -> None:
    kind = (k.tf.TensorSpec((16, 3), k.tf.float32), k.tf.TensorSpec((16,), k.tf.float64))
    k.fit(k.tf.data.Dataset.from_generator(batches, output_signature=kind))
