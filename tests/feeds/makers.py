"""One small pipeline per library and kind, with what is random about it."""
# ruff: noqa: NPY002 - NumPy's global state is what a reader must not move

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = 22
X = np.random.default_rng(0).integers(0, 256, (EXAMPLES, 8, 8, 3)).astype(np.float32)
Y = np.arange(EXAMPLES)


@dataclass(frozen=True)
class Maker:
    """How to build a pipeline.

    Attributes:
        make: Builds it anew; skips the test where its library is missing.
        random: Whether its values are drawn at random.
        seeded: Whether a new build gives the same first epoch.
    """

    make: Callable[[], Any]
    random: bool = False
    seeded: bool = False


def tf_dataset() -> Any:
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)


def tf_shuffled() -> Any:
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(EXAMPLES).batch(4)


def image_generator(**augmentation: Any) -> Any:
    pytest.importorskip("scipy")
    keras_image = pytest.importorskip("keras.src.legacy.preprocessing.image")
    return keras_image.ImageDataGenerator(rescale=1 / 255, **augmentation)


def flow() -> Any:
    return image_generator().flow(X, Y, batch_size=4)


def flow_augmented() -> Any:
    augmented = image_generator(rotation_range=20, zoom_range=0.2, horizontal_flip=True)
    return augmented.flow(X, Y, batch_size=4)


def flow_seeded() -> Any:
    return image_generator(horizontal_flip=True).flow(X, Y, batch_size=4, seed=3)


def flow_from_directory() -> Any:
    return image_generator(width_shift_range=0.2).flow_from_directory(
        image_folder(), target_size=(8, 8), batch_size=4, class_mode="sparse"
    )


def flow_from_dataframe() -> Any:
    pandas = pytest.importorskip("pandas")
    folder = image_folder()
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))
    frame = pandas.DataFrame(
        {"filename": names, "class": [Path(name).parent.name for name in names]}
    )
    return image_generator().flow_from_dataframe(frame, folder, target_size=(8, 8), batch_size=4)


def py_dataset(**arguments: Any) -> Any:
    """The data set of the Keras guides: its list of indices is shuffled in place."""
    keras = pytest.importorskip("keras")

    class Batches(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__(**arguments)
            self.order = np.arange(EXAMPLES)

        def __len__(self) -> int:
            return (EXAMPLES + 3) // 4

        def __getitem__(self, index: int) -> Any:
            picks = self.order[4 * index : 4 * index + 4]
            return X[picks], Y[picks]

        def on_epoch_end(self) -> None:
            np.random.shuffle(self.order)

    return Batches()


def torch_loader(**arguments: Any) -> Any:
    torch = pytest.importorskip("torch")
    dataset = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(dataset, 4, **arguments)


def torch_seeded() -> Any:
    torch = pytest.importorskip("torch")
    return torch_loader(shuffle=True, generator=torch.Generator().manual_seed(5))


def grain_map() -> Any:
    grain = pytest.importorskip("grain")
    return grain.MapDataset.source(list(zip(X, Y, strict=True))).shuffle(seed=1).batch(4)


def grain_iter() -> Any:
    grain = pytest.importorskip("grain")
    source = grain.MapDataset.source(list(zip(X, Y, strict=True)))
    noisy = source.random_map(lambda pair, rng: (pair[0] + rng.random(), pair[1]), seed=2)
    return noisy.to_iter_dataset().batch(4)


def grain_loader() -> Any:
    grain = pytest.importorskip("grain")
    return grain.DataLoader(
        data_source=list(zip(X, Y, strict=True)),
        sampler=grain.samplers.IndexSampler(EXAMPLES, shuffle=True, seed=1, num_epochs=1),
        operations=[grain.transforms.Batch(4)],
    )


def grain_folder() -> Any:
    pytest.importorskip("grain")
    keras = pytest.importorskip("keras")
    return keras.utils.image_dataset_from_directory(
        image_folder(), image_size=(8, 8), batch_size=4, seed=1, format="grain", verbose=False
    )


def arrays() -> Any:
    return X, Y


def batches() -> Iterator[Any]:
    for low in range(0, EXAMPLES, 4):
        yield X[low : low + 4], Y[low : low + 4]


def noisy_batches() -> Iterator[Any]:
    for x, y in batches():
        yield x + np.random.rand(), y


@cache
def image_folder() -> Path:
    """22 PNG images of 8 x 8 in two classes; removed when the tests end."""
    image = pytest.importorskip("PIL.Image")
    kept = tempfile.TemporaryDirectory()
    _KEEP.append(kept)
    for number, pixels in enumerate(X.astype(np.uint8)):
        place = Path(kept.name, "cat" if number < 10 else "dog")
        place.mkdir(exist_ok=True)
        image.fromarray(pixels).save(place / f"{number:02}.png")
    return Path(kept.name)


_KEEP: list[Any] = []

MAKERS = {
    "tf.data": Maker(tf_dataset, seeded=True),
    "tf.data shuffled": Maker(tf_shuffled),
    "flow": Maker(flow),
    "flow augmented": Maker(flow_augmented, random=True),
    "flow seeded": Maker(flow_seeded, random=True, seeded=True),
    "flow_from_directory": Maker(flow_from_directory, random=True),
    "flow_from_dataframe": Maker(flow_from_dataframe),
    "PyDataset": Maker(py_dataset, seeded=True),
    "torch": Maker(torch_loader, seeded=True),
    "torch shuffled": Maker(lambda: torch_loader(shuffle=True)),
    "torch seeded": Maker(torch_seeded, seeded=True),
    "grain MapDataset": Maker(grain_map, seeded=True),
    "grain IterDataset": Maker(grain_iter, seeded=True),
    "grain DataLoader": Maker(grain_loader, seeded=True),
    "grain folder": Maker(grain_folder, seeded=True),
    "arrays": Maker(arrays, seeded=True),
    "generator": Maker(lambda: batches, seeded=True),
    "noisy generator": Maker(lambda: noisy_batches, random=True),
    "folder": Maker(image_folder, seeded=True),
}
