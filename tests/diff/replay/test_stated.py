"""Kernels that only the plans tell, since a random step stands behind the resize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diff.conftest import traced
from tests.diff.replay.material import jpegs, photograph
from twinfeed._core.finding import Finding, Strength
from twinfeed.diff import compare

KERNELS = {"PIX201", "PIX202"}
SIDE = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stated")
    jpegs(made, 24)
    return made


def flow(folder: Path, **how: Any) -> Any:
    image = pytest.importorskip("keras.src.legacy.preprocessing.image")
    generator = image.ImageDataGenerator(horizontal_flip=True)
    return generator.flow_from_directory(
        folder, target_size=(SIDE, SIDE), class_mode="sparse", shuffle=False, batch_size=8, **how
    )


def read(folder: Path, **how: Any) -> Any:
    keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")
    made = keras.utils.image_dataset_from_directory(
        folder, image_size=(SIDE, SIDE), shuffle=False, batch_size=8, verbose=False, **how
    )
    return made.map(lambda x, y: (tf.image.random_flip_left_right(x), y))


def kernels(a: Any, b: Any) -> list[Finding]:
    found = compare(traced(a), traced(b)).findings
    return [each for each in found if each.code in KERNELS]


def test_a_stated_kernel_is_named_beside_random_flips(folder: Path) -> None:
    for a, b in ((flow(folder), read(folder)), (read(folder), flow(folder))):
        (found,) = kernels(a, b)
        assert found.code == "PIX201"
        assert found.strength is Strength.READ
        assert {found.evidence["a_kernel"], found.evidence["b_kernel"]} >= {"tf-bilinear"}
        assert float(found.evidence["apart_levels"] or 0) > 1


def test_the_one_that_smooths_is_named(folder: Path) -> None:
    (found,) = kernels(flow(folder, interpolation="bilinear"), read(folder))
    assert (found.code, found.evidence["side"]) == ("PIX202", "B")


def test_one_kernel_is_no_difference(folder: Path) -> None:
    assert not kernels(read(folder), read(folder))


def test_a_kernel_with_nothing_to_do_is_no_difference(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for number in range(24):
        path = tmp_path / "ab"[number % 2] / f"{number:03}.png"
        path.parent.mkdir(exist_ok=True)
        image.fromarray(photograph(SIDE, SIDE, number)).save(path)
    assert not kernels(flow(tmp_path), read(tmp_path))


@pytest.mark.parametrize(("before", "codes"), [(2 * SIDE, ["PIX202"]), (SIDE, [])])
def test_shapes_on_the_way_stand_in_for_files(before: int, codes: list[str]) -> None:
    tf = pytest.importorskip("tensorflow")
    pictures = np.stack([photograph(before, before, number) for number in range(24)])

    def made(*, antialias: bool) -> Any:
        def change(x: Any, y: Any) -> Any:
            small = tf.image.resize(x, (SIDE, SIDE), antialias=antialias)
            return tf.image.random_flip_left_right(small), y

        rows = tf.data.Dataset.from_tensor_slices((pictures, np.arange(24) % 3))
        return rows.map(change).batch(8)

    assert [each.code for each in kernels(made(antialias=True), made(antialias=False))] == codes


def test_what_python_does_behind_the_graph_leaves_it_open(folder: Path) -> None:
    tf = pytest.importorskip("tensorflow")

    def again(x: Any) -> Any:
        return tf.ensure_shape(
            tf.numpy_function(lambda one: one, [x], tf.float32), (None, SIDE, SIDE, 3)
        )

    hidden = read(folder).map(lambda x, y: (again(x), y))
    assert not kernels(flow(folder), hidden)
