"""Feeds of other libraries: torch, Grain, PyDataset, ImageDataGenerator, TensorFlow Datasets."""

# ruff: noqa: NPY002 - as people write them
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


def tensors(k: Kit, order: Any = slice(None)) -> Any:
    """The pictures and classes as a torch data set, in an order."""
    import torch
    from torch.utils.data import TensorDataset

    pixels = k.pixels[order].transpose(0, 3, 1, 2).astype(np.float32) / 255
    return TensorDataset(torch.from_numpy(pixels), torch.from_numpy(k.classes[order].copy()))


@case("torch: sorted by class and not shuffled", "ORD105")
def _(k: Kit) -> None:
    from torch.utils.data import DataLoader

    k.fit(DataLoader(tensors(k, np.argsort(k.classes, kind="stable")), batch_size=8))


@case("torch: a stream that each of three workers reads", "BAT109")
def _(k: Kit) -> Any:
    from torch.utils.data import DataLoader, IterableDataset

    class Lines(IterableDataset[Any]):
        def __init__(self, path):
            self.path = path

        def __iter__(self):
            with open(self.path) as lines:  # noqa: PTH123
                for line in lines:
                    yield np.float32(line), int(line) % 2

    place = k.folder / "numbers.txt"
    place.write_text("".join(f"{number}\n" for number in range(40)))
    return DataLoader(Lines(place), batch_size=8, num_workers=3)


@case("torch: a stream whose workers take turns")
def _(k: Kit) -> Any:
    from torch.utils.data import DataLoader, IterableDataset, get_worker_info

    class Lines(IterableDataset[Any]):
        def __init__(self, path):
            self.path = path

        def __iter__(self):
            info = get_worker_info()
            first, step = (info.id, info.num_workers) if info else (0, 1)
            for number, line in enumerate(self.path.read_text().splitlines()):
                if number % step == first:
                    yield np.float32(line), int(line) % 2

    place = k.folder / "numbers.txt"
    place.write_text("".join(f"{number}\n" for number in range(40)))
    return DataLoader(Lines(place), batch_size=8, num_workers=3)


@case("torch: the training loader is the validation loader", "BAT106")
def _(k: Kit) -> None:
    from torch.utils.data import DataLoader

    loader = DataLoader(tensors(k), batch_size=16, shuffle=True)
    k.fit(loader, validation_data=loader)


@case("torch: random_split, the test part drops its last batch", "BAT104")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, random_split

    parts = random_split(tensors(k), [44, 20], generator=torch.Generator().manual_seed(0))
    k.fit(DataLoader(parts[0], batch_size=11, shuffle=True))
    k.model.evaluate(DataLoader(parts[1], batch_size=8, drop_last=True))


@case("torch: random_split, both parts whole")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, random_split

    parts = random_split(tensors(k), [48, 16], generator=torch.Generator().manual_seed(0))
    k.fit(
        DataLoader(parts[0], batch_size=12, shuffle=True),
        validation_data=DataLoader(parts[1], batch_size=8),
    )


@case("torch: a weighted sampler balances the classes")
def _(k: Kit) -> None:
    from torch.utils.data import DataLoader, WeightedRandomSampler

    weights = 1.0 / np.bincount(k.classes)[k.classes]
    sampler = WeightedRandomSampler(weights.tolist(), num_samples=64)
    k.fit(DataLoader(tensors(k), batch_size=16, sampler=sampler))


@case("torch: a generator for the shuffle, a collate function of its own")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader

    def collate(rows):
        x, y = zip(*rows, strict=True)
        return torch.stack(x).permute(0, 2, 3, 1), torch.stack(y)

    generator = torch.Generator().manual_seed(1)
    k.fit(
        DataLoader(tensors(k), batch_size=16, shuffle=True, generator=generator, collate_fn=collate)
    )


@case("grain: rows batched behind the threads", "SPD108")
def _(k: Kit) -> None:
    import grain

    class Source:
        def __len__(self):
            return 64

        def __getitem__(self, index):
            return {"x": k.pixels[index].astype(np.float32) / 255, "y": k.classes[index]}

    data = grain.MapDataset.source(Source()).seed(3).shuffle()
    data = data.map(lambda row: (row["x"], row["y"]))
    k.fit(data.to_iter_dataset(grain.ReadOptions(num_threads=2)).batch(16))


@case("grain: rows batched in front of the threads")
def _(k: Kit) -> None:
    import grain

    data = grain.MapDataset.source(list(zip(k.pixels / np.float32(255), k.classes, strict=True)))
    k.fit(data.seed(3).shuffle().batch(16).to_iter_dataset())


@case("grain: sorted rows in the order of the source", "ORD105")
def _(k: Kit) -> None:
    import grain

    order = np.argsort(k.classes, kind="stable")
    rows = list(zip(k.pixels[order] / np.float32(255), k.classes[order], strict=True))
    k.fit(grain.MapDataset.source(rows).batch(16).to_iter_dataset())


@case("grain: repeated without an end, no steps", "BAT101")
def _(k: Kit) -> None:
    import grain

    rows = list(zip(k.pixels / np.float32(255), k.classes, strict=True))
    k.fit(grain.MapDataset.source(rows).seed(1).shuffle().repeat().batch(16).to_iter_dataset())


@case("grain: one map with a random transform, read twice")
def _(k: Kit) -> None:
    import grain

    class Flip(grain.transforms.RandomMap):
        def random_map(self, element, rng):  # pyright: ignore[reportIncompatibleMethodOverride]
            x, y = element
            return (x[:, ::-1] if rng.random() < 0.5 else x), y

    rows = list(zip(k.pixels / np.float32(255), k.classes, strict=True))
    data = grain.MapDataset.source(rows).seed(1).shuffle().random_map(Flip())
    k.fit(data.batch(16).to_iter_dataset())


@case("grain: the test part is the head of the training part", "BAT106")
def _(k: Kit) -> None:
    import grain

    rows = list(zip(k.pixels / np.float32(255), k.classes, strict=True))
    data = grain.MapDataset.source(rows)
    k.fit(
        data.seed(1).shuffle().batch(16).to_iter_dataset(),
        validation_data=data[:20].batch(10).to_iter_dataset(),
    )


@case("PyDataset: told a batch size", "FIT101")
def _(k: Kit) -> None:
    class Batches(k.tf.keras.utils.PyDataset):  # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, x, y, size, **how):
            super().__init__(**how)
            self.x, self.y, self.size = x, y, size
            self.order = np.random.default_rng(0).permutation(len(x))

        def __len__(self):
            return int(np.ceil(len(self.x) / self.size))

        def __getitem__(self, index):
            rows = self.order[index * self.size : (index + 1) * self.size]
            return self.x[rows] / np.float32(255), self.y[rows]

        def on_epoch_end(self):
            np.random.default_rng().shuffle(self.order)

    k.fit(Batches(k.pixels, k.classes, 16), batch_size=64)


@case("PyDataset: shuffles itself, workers of Keras")
def _(k: Kit) -> None:
    class Batches(k.tf.keras.utils.PyDataset):  # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, part, **how):
            super().__init__(**how)
            self.part = part

        def __len__(self):
            return len(self.part) // 8

        def __getitem__(self, index):
            rows = self.part[index * 8 : (index + 1) * 8]
            x = k.pixels[rows] / np.float32(255)
            return (x[:, :, ::-1] if np.random.rand() < 0.5 else x), k.classes[rows]

        def on_epoch_end(self):
            np.random.shuffle(self.part)

    k.fit(
        Batches(np.random.default_rng(0).permutation(48), workers=2, use_multiprocessing=False),
        validation_data=(k.pixels[48:] / np.float32(255), k.classes[48:]),
    )


@case("PyDataset: sorted rows, and fit told not to shuffle", "ORD105")
def _(k: Kit) -> None:
    order = np.argsort(k.classes, kind="stable")

    class Batches(k.tf.keras.utils.PyDataset):  # pyright: ignore[reportUntypedBaseClass]
        def __len__(self):
            return 8

        def __getitem__(self, index):
            rows = order[index * 8 : (index + 1) * 8]
            return k.pixels[rows] / np.float32(255), k.classes[rows]

    k.fit(Batches(), shuffle=False)


@case("generator: whitened, and never fitted", "VAL106", "SPD103")
def _(k: Kit) -> None:
    made = k.generator(featurewise_center=True, zca_whitening=True, horizontal_flip=True)
    k.fit(made.flow(k.pixels.astype(np.float32), k.classes, batch_size=16))


@case("generator: VGG's preprocess_input and rescale", "VAL101", "SPD103")
def _(k: Kit) -> None:
    prepare = k.tf.keras.applications.vgg16.preprocess_input
    made = k.generator(preprocessing_function=prepare, rescale=1.0 / 255)
    place = k.photos(each=8)
    k.fit(made.flow_from_directory(place, (16, 16), batch_size=4, interpolation="bilinear"))


@case("generator: one split in two subsets, both turned", "AUG101", "SPD103", "PIX103")
def _(k: Kit) -> None:
    made = k.generator(rescale=1 / 255, rotation_range=20, validation_split=0.25)
    place = k.photos(each=8)
    parts = [
        made.flow_from_directory(place, (24, 24), batch_size=4, subset=part, class_mode="binary")
        for part in ("training", "validation")
    ]
    k.fit(parts[0], validation_data=parts[1])


@case("generator: a data frame of test files, shuffled", "ORD110", "SPD103", "PIX103")
def _(k: Kit) -> None:
    import pandas as pd

    place = k.photos(each=8)
    names = sorted(str(path.relative_to(place)) for path in place.rglob("*.png"))
    frame = pd.DataFrame({"file": names})
    k.model.predict(
        k.generator(rescale=1 / 255).flow_from_dataframe(
            frame, str(place), x_col="file", class_mode=None, target_size=(24, 24), batch_size=4
        )
    )


@case("generator: shear in degrees taken for a share", "AUG105", "SPD103")
def _(k: Kit) -> None:
    made = k.generator(rescale=1 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    k.fit(made.flow(k.pixels.astype(np.float32), k.classes, batch_size=16))


@case("generator: wrapped in from_generator, with steps", "SPD103")
def _(k: Kit) -> None:
    tf = k.tf
    flow = k.generator(rescale=1 / 255).flow(k.pixels.astype(np.float32), k.classes, batch_size=16)
    spec = (tf.TensorSpec((None, 8, 8, 3), tf.float32), tf.TensorSpec((None,), tf.int64))
    data = tf.data.Dataset.from_generator(lambda: flow, output_signature=spec)
    k.fit(data.prefetch(AUTOTUNE), steps_per_epoch=4)


@cache
def squares() -> Any:
    """A data set of TFDS, which may be named only once: 40 pictures of the kit."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    k = Kit(tf, Path())

    class LintSquares(tfds.core.GeneratorBasedBuilder):
        """Squares."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {
                "image": tfds.features.Image(shape=(8, 8, 3)),
                "label": tfds.features.ClassLabel(num_classes=4),
            }
            return self.dataset_info_from_configs(
                features=tfds.features.FeaturesDict(features), supervised_keys=("image", "label")
            )

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for number in range(40):
                yield number, {"image": k.pixels[number], "label": int(k.classes[number])}

    return LintSquares


def builder(k: Kit) -> Any:
    made = squares()(data_dir=str(k.folder))
    made.download_and_prepare()
    return made


@case("TFDS: by the guide")
def _(k: Kit) -> None:
    data = builder(k).as_dataset(split="train", as_supervised=True, shuffle_files=True)
    data = data.map(k.scale, num_parallel_calls=AUTOTUNE).cache().shuffle(40)
    k.fit(data.batch(8).prefetch(AUTOTUNE))


@case("TFDS: slices that overlap", "BAT106")
def _(k: Kit) -> None:
    made = builder(k)
    train, valid = (
        made.as_dataset(split=part, as_supervised=True) for part in ("train[:80%]", "train[60%:]")
    )
    k.fit(
        train.map(k.scale, num_parallel_calls=AUTOTUNE).shuffle(32).batch(8),
        validation_data=valid.map(k.scale, num_parallel_calls=AUTOTUNE).batch(8),
    )


@case("TFDS: a read config with options, examples flipped and cached", "CCH101")
def _(k: Kit) -> None:
    import tensorflow_datasets as tfds

    config = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
    data = builder(k).as_dataset(split="train", as_supervised=True, read_config=config)
    data = data.map(k.scale, AUTOTUNE).map(k.flip, AUTOTUNE).cache().shuffle(40)
    k.fit(data.batch(8))


@case("TFDS: batched by the loader, batches shuffled", "ORD102")
def _(k: Kit) -> None:
    data = builder(k).as_dataset(split="train", as_supervised=True, batch_size=8)
    k.fit(data.map(k.scale, num_parallel_calls=AUTOTUNE).shuffle(10).prefetch(AUTOTUNE))


@case("Keras: split_dataset, the left part mixed each epoch")
def _(k: Kit) -> None:
    left, right = k.tf.keras.utils.split_dataset(
        (k.pixels / np.float32(255), k.classes), left_size=0.75, shuffle=True, seed=1
    )
    k.fit(left.shuffle(48).batch(16), validation_data=right.batch(16))


@case("arrays: 65 rows by 16", "BAT102")
def _(k: Kit) -> None:
    x = np.concatenate([k.pixels, 1 - k.pixels[:1]]) / np.float32(255)
    k.model.fit(x, np.append(k.classes, 0), batch_size=16, epochs=5)


@case("arrays: a share kept for validation, rows mixed")
def _(k: Kit) -> None:
    k.model.fit(
        k.pixels / np.float32(255), k.classes, batch_size=16, epochs=5, validation_split=0.25
    )
