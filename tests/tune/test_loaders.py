"""Loaders without a graph: what is tried of each, and that it feeds the same."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twinfeed as twf
from twinfeed.feeds import as_feed
from twinfeed.tune._loaders import forms_of

COUNT = 24


def batches(loader: Any) -> list[list[Any]]:
    return [[leaf.tolist() for _, leaf in batch.leaves()] for batch in as_feed(loader).open_epoch()]


def rows() -> Any:
    import torch

    class Rows(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return COUNT

        def __getitem__(self, index: int) -> Any:
            return np.full(3, index, np.float32), index % 2

    return Rows()


def torch_workers_feed_the_same() -> None:
    import torch

    loader = torch.utils.data.DataLoader(rows(), batch_size=5, drop_last=True)
    forms = forms_of(loader, 2, unsafe=False)
    assert forms is not None
    names = [form.name for form in forms.forms]
    assert "2 worker processes, 2 batches ahead each" in names
    assert "no worker process" not in names
    wanted = batches(loader)
    form = forms.forms[0]
    scope = {"torch": torch, "loader": loader}
    exec(form.code, scope)
    assert scope["loader"].num_workers == form.build().num_workers == 2
    assert batches(form.build()) == batches(scope["loader"]) == wanted
    assert forms.differs(form.build()) == ""
    other = torch.utils.data.DataLoader(rows(), batch_size=5, drop_last=True, sampler=range(5, 24))
    assert forms.differs(other)


def tuning_a_torch_loader_answers() -> None:
    import torch

    loader = torch.utils.data.DataLoader(rows(), batch_size=4)
    before = torch.get_rng_state().clone()
    told = twf.tune(loader, report=True, seconds=2.0, cores=1)
    # Workers cost more than these rows do, so most machines leave it as it is.
    assert told.kind in {"as-it-is", "faster"}
    assert told.trials
    assert told.examples_per_step == 4
    assert told.step_ms
    assert batches(told.dataset) == batches(loader)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
@pytest.mark.parametrize("what", [torch_workers_feed_the_same, tuning_a_torch_loader_answers])
def test_torch(what: Callable[[], None]) -> None:
    pytest.importorskip("torch")
    # In a process of its own: others in this one may have threads, and forking them may hang.
    code = f"from {__name__} import {what.__name__} as run; run()"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=300)


def test_an_iterable_dataset_is_left_alone() -> None:
    torch = pytest.importorskip("torch")

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(COUNT))

    loader = torch.utils.data.DataLoader(Stream(), batch_size=4)
    told = twf.tune(loader, report=True, seconds=1.0)
    assert told.kind == "as-it-is"
    assert told.dataset is loader
    assert "every worker would give all" in told.text


@pytest.fixture
def sequence() -> type:
    keras = pytest.importorskip("keras")

    class Rows(keras.utils.PyDataset):
        def __init__(self, noise: bool = False, **given: Any) -> None:
            super().__init__(**given)
            self.noise = noise
            self.order = np.arange(COUNT)

        def __len__(self) -> int:
            return math.ceil(COUNT / 5)

        def __getitem__(self, index: int) -> Any:
            chosen = self.order[5 * index : 5 * index + 5]
            rows = np.repeat(chosen[:, None], 3, 1).astype(np.float32)
            return rows + (np.random.default_rng().random() if self.noise else 0), chosen % 2

        def on_epoch_end(self) -> None:
            np.random.default_rng(3).shuffle(self.order)

    return Rows


def test_a_pydataset_is_given_workers(sequence: type) -> None:
    dataset = sequence()
    forms = forms_of(dataset, 2, unsafe=False)
    assert forms is not None
    assert [form.name for form in forms.forms] == ["2 workers"]
    made = forms.forms[0].build()
    assert (made.workers, dataset.workers) == (2, 1)
    read, wanted = (forms.open_epoch(one) for one in (made, dataset))
    for _ in range(2):
        for left, right in zip(read(), wanted(), strict=True):
            assert np.array_equal(left[0], right[0])
    assert dataset.order.tolist() == list(range(COUNT))
    assert forms.differs(made) == ""
    told = twf.tune(dataset, report=True, seconds=1.0, cores=2)
    assert told.kind in {"as-it-is", "faster"}
    assert batches(told.dataset) == batches(dataset)


def test_a_pydataset_that_draws_keeps_its_worker(sequence: type) -> None:
    dataset = sequence(noise=True)
    told = twf.tune(dataset, report=True, seconds=1.0, cores=2)
    assert told.kind == "as-it-is"
    assert "unsafe=True" in told.text
    forms = forms_of(dataset, 2, unsafe=True)
    assert forms is not None
    assert forms.forms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    image = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(0)
    for number in range(12):
        inner = tmp_path / f"class{number % 2}"
        inner.mkdir(exist_ok=True)
        pixels = random.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        image.fromarray(pixels).save(inner / f"{number}.jpg")
    return tmp_path


def test_an_iterator_of_keras_becomes_that_of_the_drop_in(folder: Path) -> None:
    legacy = pytest.importorskip("keras.src.legacy.preprocessing.image")
    generator = legacy.ImageDataGenerator(
        rescale=1 / 255, horizontal_flip=True, zoom_range=0.2, rotation_range=10,
        width_shift_range=0.1, validation_split=0.25,
    )  # fmt: skip
    flow = generator.flow_from_directory(
        folder, target_size=(16, 16), batch_size=4, seed=5, subset="training"
    )
    told = twf.tune(flow, report=True, seconds=2.0)
    assert told.kind in {"as-it-is", "faster"}
    forms = forms_of(flow, 2, unsafe=False)
    assert forms is not None
    made = forms.forms[0].build()
    assert type(made).__module__.startswith("twinfeed.images")
    assert forms.differs(made) == ""
    assert batches(made) == batches(flow)
    assert "twinfeed.images" in forms.forms[0].code


def test_an_iterator_over_arrays_becomes_that_of_the_drop_in() -> None:
    legacy = pytest.importorskip("keras.src.legacy.preprocessing.image")
    pictures = np.random.default_rng(1).integers(0, 256, (10, 8, 8, 3)).astype(np.float32)
    generator = legacy.ImageDataGenerator(featurewise_center=True, brightness_range=(0.5, 1.5))
    generator.fit(pictures)
    flow = generator.flow(pictures, np.arange(10), batch_size=4, seed=2)
    forms = forms_of(flow, 2, unsafe=False)
    assert forms is not None
    assert batches(forms.forms[0].build()) == batches(flow)


def test_what_an_iterator_does_not_keep_is_said() -> None:
    legacy = pytest.importorskip("keras.src.legacy.preprocessing.image")
    flow = legacy.ImageDataGenerator().flow(np.zeros((4, 8, 8, 3)))
    flow.__class__ = type("OwnIterator", (type(flow),), {})
    told = twf.tune(flow, report=True, seconds=1.0)
    assert told.kind == "as-it-is"
    assert "the drop-in was not built from it" in told.text
    assert "twinfeed.images" in told.text


def test_grain_is_read_with_other_threads() -> None:
    grain = pytest.importorskip("grain")
    dataset = grain.MapDataset.range(COUNT).map(lambda x: np.full(3, x)).batch(4)
    forms = forms_of(dataset, 2, unsafe=False)
    assert forms is not None
    assert [form.name for form in forms.forms] == ["2 threads", "1 thread", "no threads"]
    scope = {"grain": grain, "dataset": dataset}
    exec(forms.forms[0].code, scope)
    assert batches(forms.forms[0].build()) == batches(scope["dataset"]) == batches(dataset)
    told = twf.tune(dataset, report=True, seconds=1.0, cores=2)
    assert told.kind in {"as-it-is", "faster"}
    assert batches(told.dataset) == batches(dataset)
