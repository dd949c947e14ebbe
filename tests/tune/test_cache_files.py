"""Caches on disk: within what is free, under a name that is new, and never of the user's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twinfeed as twf
from tests.tune.conftest import until_the_race
from twinfeed.graph.editing import open_chain
from twinfeed.tune._tuner import Tuner

COUNT = 4000


def batches(dataset: Any) -> list[Any]:
    return [np.asarray(value).tolist() for value in dataset.as_numpy_iterator()]


def tuner_of(dataset: Any, folder: Path, **given: Any) -> Tuner:
    chain = open_chain(dataset)
    assert not isinstance(chain, str)
    standard: dict[str, Any] = {
        "memory": 0, "cores": 2, "seconds": 2.0, "any_order": False, "unsafe": False,
        "cache_dir": str(folder), "say": lambda _what: None,
    }  # fmt: skip
    return Tuner(chain=chain, **{**standard, **given})


@pytest.fixture
def rows(tf: Any) -> Any:
    values = tf.data.Dataset.from_tensor_slices(np.arange(COUNT, dtype=np.float32))
    return values.map(lambda x: tf.fill([8], x)).batch(16)


@pytest.mark.slow
def test_a_cache_on_disk_is_measured_apart_and_whole_in_the_end(rows: Any, tmp_path: Path) -> None:
    tuner = tuner_of(rows, tmp_path)
    told = tuner.run()
    assert any("cache behind" in trial.name for trial in told.trials)
    # Nothing that was measured stays, and what is kept was not written yet.
    assert list(tmp_path.iterdir()) == []
    tuner.sample = (1, 40)
    on_disk = next(one for one in tuner.every() if one.cached)
    place = on_disk.recipe.index("cache")
    assert place is not None
    path = Path(str(on_disk.recipe.stages[place].arguments["filename"]))
    assert path.parent == tmp_path
    tuner.scratch = tmp_path / "scratch"
    tuner.scratch.mkdir()
    tuner.open(on_disk).warm(5.0)
    assert not Path(f"{path}.index").exists()
    built = tuner.chain.build(on_disk.recipe)
    assert batches(built) == batches(rows)
    assert Path(f"{path}.index").exists()
    assert batches(built) == batches(rows)


def test_every_call_has_a_name_of_its_own(rows: Any, tmp_path: Path) -> None:
    names = set[str]()
    for _ in range(2):
        tuner = tuner_of(rows, tmp_path, say=until_the_race)
        tuner.run()
        names |= {
            str(stage.arguments["filename"])
            for one in tuner.every()
            for stage in one.recipe.stages
            if stage.verb == "cache" and stage.arguments["filename"]
        }
    assert len(names) == 2


def test_no_cache_beyond_what_is_free(rows: Any, tmp_path: Path) -> None:
    tuner = tuner_of(rows, tmp_path, say=until_the_race)
    tuner.run()
    assert tuner._file_bytes(tuner.recipe, 2) == COUNT * 8 * 4
    # The same elements, so many that no disk holds them.
    stages = list(tuner.recipe.stages)
    stages[1] = type(stages[1])(
        kind="map", verb="map", origin=1, bytes_out=1 << 30, elements_out=1 << 40
    )
    assert tuner._file_bytes(type(tuner.recipe)(tuple(stages)), 2) is None


def test_the_users_own_cache_file_is_not_written_by_measuring(tf: Any, tmp_path: Path) -> None:
    path = tmp_path / "own"
    numbers = tf.data.Dataset.range(1000).map(lambda x: x + 1)
    dataset = numbers.cache(str(path)).map(lambda x: x * 2).batch(16)
    told = twf.tune(dataset, report=True, seconds=1.0)
    assert list(tmp_path.iterdir()) == []
    assert batches(told.dataset) == batches(numbers.map(lambda x: x * 2).batch(16))
    whole = batches(dataset)
    kept = Path(f"{path}.index").read_bytes()
    again = twf.tune(dataset, report=True, seconds=1.0)
    assert Path(f"{path}.index").read_bytes() == kept
    assert batches(again.dataset) == whole
