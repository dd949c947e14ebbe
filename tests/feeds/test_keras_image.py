"""ImageDataGenerator's iterators: the batches of the real run, and nothing of it is moved."""
# ruff: noqa: NPY002, TID251 - NumPy's global state is what a reader must not move

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import EXAMPLES, X, Y, image_folder, image_generator
from twinfeed.feeds import as_feed

# Keras 3.15 rotates through a name that SciPy has retired.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Please import `affine_transform`:DeprecationWarning"
)
STRONG: dict[str, Any] = {
    "rotation_range": 20,
    "zoom_range": 0.2,
    "brightness_range": (0.5, 1.5),
    "horizontal_flip": True,
}


def directory(generator: Any, **arguments: Any) -> Any:
    return generator.flow_from_directory(
        image_folder(), target_size=(8, 8), batch_size=4, **arguments
    )


def epochs_by_index(iterator: Any, number: int = 2) -> list[np.ndarray[Any, Any]]:
    """What ``Model.fit`` reads: each index, then the end of the epoch."""
    read: list[np.ndarray[Any, Any]] = []
    for _ in range(number):
        read += [iterator[index][0] for index in range(len(iterator))]
        iterator.on_epoch_end()
    return read


@pytest.mark.parametrize("seed", [None, 7])
def test_batches_are_those_of_the_real_epochs(seed: int | None) -> None:
    np.random.seed(1)
    iterator = image_generator(**STRONG).flow(X, Y, batch_size=4, seed=seed)
    feed = as_feed(iterator)
    read = [batch.x for _ in range(2) for batch in feed.open_epoch()]
    for mine, real in zip(read, epochs_by_index(iterator), strict=True):
        np.testing.assert_array_equal(mine, real)


@pytest.mark.parametrize("seed", [None, 7])
def test_the_users_iterator_gives_the_same_whether_or_not_someone_looked(seed: int | None) -> None:
    def run(*, look: bool) -> list[np.ndarray[Any, Any]]:
        np.random.seed(1)
        iterator = directory(image_generator(**STRONG), seed=seed)
        next(iterator)  # a run that has already begun
        if look:
            feed = as_feed(iterator)
            list(islice(feed.open_epoch(), 2))
            list(feed.open_epoch())
            assert feed.plain is not None
            list(feed.plain().open_epoch())
        return [*epochs_by_index(iterator), *(batch for batch, _ in islice(iterator, 7))]

    for looked, untouched in zip(run(look=True), run(look=False), strict=True):
        np.testing.assert_array_equal(looked, untouched)


def test_ids_are_the_names_of_the_files_in_the_order_read() -> None:
    iterator = directory(image_generator(), class_mode="sparse")
    feed = as_feed(iterator)
    for batch in feed.open_epoch():
        assert batch.ids is not None
        names = [Path(name) for name in batch.ids.tolist()]
        np.testing.assert_allclose(
            np.asarray(batch.x) * 255, X[[int(name.stem) for name in names]], rtol=1e-6
        )
        assert [iterator.class_indices[name.parent.name] for name in names] == batch.y.tolist()


def test_ids_of_arrays_are_their_places_in_these_arrays_alone() -> None:
    origins: list[set[str]] = []
    for arrays in (X, X[::-1]):
        names: list[str] = []
        for batch in as_feed(image_generator().flow(arrays, Y, batch_size=4)).open_epoch():
            assert batch.ids is not None
            names += batch.ids.tolist()
            places = [int(name.partition("/")[2]) for name in batch.ids.tolist()]
            np.testing.assert_array_equal(places, batch.y)
        origins.append(set(names))
    assert not origins[0] & origins[1]


def test_plain_is_the_same_without_augmentation_and_in_order() -> None:
    iterator = image_generator(**STRONG, zca_epsilon=1e-5).flow(X, Y, batch_size=4)
    feed = as_feed(iterator)
    assert feed.plain is not None
    read = list(feed.plain().open_epoch())
    np.testing.assert_allclose(np.concatenate([b.x for b in read]), X / 255, rtol=1e-6)
    places = [int(name.partition("/")[2]) for b in read for name in b.ids.tolist()]
    assert places == list(range(EXAMPLES))


def test_a_zoom_of_one_value_is_no_augmentation() -> None:
    feed = as_feed(image_generator(zoom_range=(0.8, 0.8)).flow(X, Y, batch_size=4, shuffle=False))
    assert feed.plain is not None
    assert feed.plan is not None
    for real, plain in zip(feed.open_epoch(), feed.plain().open_epoch(), strict=True):
        np.testing.assert_array_equal(real.x, plain.x)
    assert [step.random for step in feed.plan.of_kind("augment")] == [False]


def test_a_fresh_build_repeats_a_seeded_run_only() -> None:
    np.random.set_state(np.random.RandomState().get_state())
    for seed, repeats in ((3, True), (None, False)):
        bits = np.random.get_bit_generator()
        np.random.set_bit_generator(np.random.MT19937())  # as in a new process
        feed = as_feed(image_generator(**STRONG).flow(X, Y, batch_size=4, seed=seed))
        np.random.set_bit_generator(bits)
        assert feed.fresh is not None
        first, again = next(feed.open_epoch()), next(feed.fresh().open_epoch())
        assert np.array_equal(first.x, again.x) is repeats


def test_nothing_is_written_beside_the_users_data(tmp_path: Path) -> None:
    iterator = image_generator().flow(X, Y, batch_size=4, save_to_dir=str(tmp_path))
    feed = as_feed(iterator)
    list(feed.open_epoch())
    assert not list(tmp_path.iterdir())
    assert "save_to_dir" in feed.notes[0]


def test_plan_has_every_argument_in_the_order_in_which_it_acts() -> None:
    generator = image_generator(shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    plan = as_feed(directory(generator, seed=2)).plan
    assert plan is not None
    kinds = [step.kind for step in plan.steps]
    assert kinds == ["source", "shuffle", "decode", "resize", "augment", "map", "batch"]
    shuffle, resize, augment, rescale, batch = (plan.steps[place] for place in (1, 3, 4, 5, 6))
    assert shuffle.settings == {"buffer_size": EXAMPLES, "seed": 2}
    assert resize.settings["interpolation"] == "nearest"
    assert augment.settings == {"shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True}
    assert augment.random
    assert rescale.settings == {"rescale": 1 / 255}
    assert batch.integer("batch_size") == 4


def test_a_mean_that_was_never_fitted_is_said() -> None:
    iterator = image_generator(featurewise_center=True).flow(X, Y)
    plan = as_feed(iterator).plan
    assert plan is not None
    assert [step.settings.get("fitted") for step in plan.of_kind("map")] == [None, False]


def test_the_drop_in_is_read_without_keras(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["keras"] = sys.modules["tensorflow"] = None  # as if they were not installed
import numpy as np
from twinfeed.feeds import as_feed
from twinfeed.images import ImageDataGenerator
images = np.arange(10 * 4 * 4 * 3, dtype="float32").reshape(10, 4, 4, 3)
flow = ImageDataGenerator(rescale=0.5).flow(images, np.arange(10), batch_size=4, shuffle=False)
feed = as_feed(flow)
read = np.concatenate([next(iter(dict(batch.leaves()).values())) for batch in feed.open_epoch()])
assert np.array_equal(read, images * 0.5)
print(feed.plan.library, flow.total_batches_seen)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ended.stdout.split("\n")[0] == "twinfeed ImageDataGenerator 0", ended.stderr
