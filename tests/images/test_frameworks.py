"""``Model.fit`` and ``tf.data`` get the same batches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.project.tools import run
from twinfeed.images import ImageDataGenerator

pytest.importorskip("PIL")
keras: Any = pytest.importorskip("keras")
MOVES: dict[str, Any] = {
    "shear_range": 9,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "rescale": 0.01,
}
HOW: dict[str, Any] = {"target_size": (12, 15), "batch_size": 5, "seed": 3}


def _weights(kind: Any, pictures: Path, **attributes: Any) -> Any:
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Input((12, 15, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse")
    iterator = kind(**MOVES).flow_from_directory(str(pictures), **HOW)
    for name, value in attributes.items():
        setattr(iterator, name, value)
    model.fit(iterator, epochs=3, verbose=0)
    return model.get_weights()[0], iterator.total_batches_seen


def test_fit_gives_the_weights_of_keras_whatever_the_workers(pictures: Path) -> None:
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

    expected, seen = _weights(Theirs, pictures)
    for attributes in ({}, {"workers": 3}, {"workers": 2, "use_multiprocessing": True}):
        got, counted = _weights(ImageDataGenerator, pictures, **attributes)
        assert np.array_equal(got, expected)
        assert counted == seen


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_fit_gives_the_weights_of_keras_on_other_backends(backend: str, pictures: Path) -> None:
    pytest.importorskip(backend)
    code = f"""
import numpy as np, keras
from pathlib import Path
from tests.images import test_frameworks as here
from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs
assert keras.backend.backend() == {backend!r}
folder = Path({str(pictures)!r})
ours, theirs = (here._weights(kind, folder) for kind in (here.ImageDataGenerator, Theirs))
assert np.array_equal(ours[0], theirs[0]) and ours[1] == theirs[1]
"""
    done = run(sys.executable, "-c", code, KERAS_BACKEND=backend)
    assert done.returncode == 0, done.stderr


def test_preprocess_input_of_keras_is_called_by_threads_with_the_same_result(
    pictures: Path,
) -> None:
    from keras.applications.mobilenet_v2 import preprocess_input as scaled
    from keras.applications.vgg16 import preprocess_input as caffe
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

    for function in (scaled, caffe):
        how = {**MOVES, "preprocessing_function": function, "channel_shift_range": 9.0}
        generators = [kind(**how) for kind in (ImageDataGenerator, Theirs)]
        assert generators[0].draws_apart
        x = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3)).astype("float32")
        for flows in (
            [each.flow_from_directory(str(pictures), **HOW) for each in generators],
            [each.flow(x, np.arange(9), batch_size=4, seed=2) for each in generators],
        ):
            for _ in range(4):
                (ours, _), (theirs, _) = (next(flow) for flow in flows)
                assert np.array_equal(ours, theirs)


def test_an_iterator_is_a_pydataset_and_a_feed(pictures: Path) -> None:
    from twinfeed import as_feed

    iterator = ImageDataGenerator(**MOVES).flow_from_directory(str(pictures), **HOW)
    assert isinstance(iterator, keras.utils.PyDataset)
    feed = as_feed(iterator)
    assert feed.name == "ImageDataGenerator"
    assert next(feed.open_epoch()).ids is not None
    assert iterator.total_batches_seen == 0


@pytest.mark.parametrize(
    "more", [{}, {"class_mode": None}, {"class_mode": "sparse", "batch_size": 4}]
)
def test_tf_data_gives_the_epochs_of_next(more: dict[str, Any], pictures: Path) -> None:
    tf: Any = pytest.importorskip("tensorflow")

    def flow() -> Any:
        return ImageDataGenerator(**MOVES).flow_from_directory(str(pictures), **{**HOW, **more})

    source = flow()
    dataset = source.to_tf_data()
    reference = flow()
    epochs = [[next(reference) for _ in range(len(reference))] for _ in range(2)]
    np.random.seed(9)  # noqa: NPY002, TID251
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    for read in (dataset, dataset):
        for batch, wanted in zip(read, epochs.pop(0), strict=True):
            for a, b in zip(tf.nest.flatten(batch), tf.nest.flatten(wanted), strict=True):
                assert np.array_equal(a, b)
    assert source.total_batches_seen == 0
    assert np.array_equal(np.random.get_state()[1], before)  # type: ignore[index]  # noqa: NPY002
    assert int(dataset.cardinality()) == len(source)
    first = tf.nest.flatten(dataset.element_spec)[0]
    assert first.shape[1:] == (12, 15, 3)
    assert first.shape[0] == (4 if more.get("batch_size") == 4 else None)
    assert int(dataset.repeat(2).cardinality()) == 2 * len(source)


def test_tf_data_serves_replicas_and_subclasses(pictures: Path) -> None:
    tf: Any = pytest.importorskip("tensorflow")
    from twinfeed.images import DirectoryIterator

    class Named(DirectoryIterator):
        def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
            images, labels = super()._get_batches_of_transformed_samples(index_array)
            return {"images": images}, labels

    source = Named(str(pictures), ImageDataGenerator(**MOVES), **HOW)
    assert source.n % 5
    dataset = source.to_tf_data(drop_remainder=True)
    assert dataset.element_spec[0]["images"].shape == (5, 12, 15, 3)
    assert int(dataset.cardinality()) == len(source) - 1
    ours = tf.distribute.OneDeviceStrategy("CPU:0").experimental_distribute_dataset(dataset)
    twice = [x["images"].numpy() for x, _ in [*ours, *ours]]
    reference = ImageDataGenerator(**MOVES).flow_from_directory(str(pictures), **HOW)
    epochs = [next(reference)[0] for _ in range(2 * len(source))]
    expected = [batch for batch in epochs if len(batch) == 5]
    assert len(twice) == len(expected)
    assert all(np.array_equal(a, b) for a, b in zip(twice, expected, strict=True))


def test_tf_data_holds_tables_and_several_arrays(pictures: Path) -> None:
    pytest.importorskip("tensorflow")
    pandas: Any = pytest.importorskip("pandas")
    x, extra, y = np.ones((6, 4, 4, 1)), np.arange(6), np.arange(6)
    dataset = ImageDataGenerator().flow((x, [extra]), y, batch_size=4, seed=1).to_tf_data()
    (image, more), label = next(iter(dataset))
    assert image.shape == (4, 4, 4, 1)
    assert np.array_equal(more, label)
    files = sorted(str(path) for path in pictures.rglob("*.png"))
    table = pandas.DataFrame({"filename": files, "class": ["a"] * len(files)})
    made = ImageDataGenerator().flow_from_dataframe(table, class_mode="raw", **HOW).to_tf_data()
    assert next(iter(made))[1].numpy()[0] == b"a"
