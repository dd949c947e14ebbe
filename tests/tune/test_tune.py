"""A tuned dataset feeds the same, and nothing is claimed that was not measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twinfeed as twf
from tests.tune.conftest import until_the_race
from twinfeed.errors import FeedReadError, UsageError
from twinfeed.graph.editing import open_chain
from twinfeed.tune._candidates import Candidate
from twinfeed.tune._race import Entry
from twinfeed.tune._tuner import Tuner

COUNT = 96


def batches(dataset: Any) -> list[Any]:
    return [np.asarray(value).tolist() for value in dataset.as_numpy_iterator()]


@pytest.fixture(scope="module")
def slow(tf: Any) -> Any:
    """Work that a cache saves whole: a chain of matrix products per example."""

    def work(x: Any) -> Any:
        for _ in range(12):
            x = tf.linalg.matmul(x, x) / 64.0
        return x

    values = np.random.default_rng(0).random((COUNT, 64, 64), dtype=np.float32)
    return tf.data.Dataset.from_tensor_slices(values).map(work).batch(8)


@pytest.fixture(scope="module")
def told(slow: Any) -> Any:
    return twf.tune(slow, report=True, seconds=4.0, cores=2)


@pytest.mark.slow
def test_a_cache_of_what_a_variable_gave_is_told(tf: Any) -> None:
    scale = tf.Variable(2.0)

    def work(x: Any) -> Any:
        for _ in range(12):
            x = tf.linalg.matmul(x, x) / 64.0
        return x * scale

    values = np.random.default_rng(0).random((COUNT, 64, 64), dtype=np.float32)
    done = twf.tune(
        tf.data.Dataset.from_tensor_slices(values).map(work).batch(8), report=True, seconds=4.0
    )
    warned = any("work reads a variable" in note for note in done.notes)
    assert warned == ("cache" in done.code and done.kind == "faster")


def test_what_the_users_code_raises_is_told_as_theirs(tf: Any) -> None:
    def check(number: Any) -> Any:
        tf.debugging.assert_less(number, tf.constant(40, tf.int64), "too large")
        return number

    with pytest.raises(FeedReadError, match=r"at batch 5: assertion failed: \[too large\]"):
        twf.tune(tf.data.Dataset.range(300).map(check).batch(8), seconds=1.0)


def test_a_cache_is_found_and_the_batches_are_the_same(slow: Any, told: Any) -> None:
    # How much faster is the machine's affair; what must hold is that a claim has an interval
    # above 1, and that its pipeline feeds the same.
    assert told.kind in {"faster", "as-it-is"}
    if told.kind == "faster":
        assert told.ratio.low > 1
        assert told.changes
        assert told.code.startswith("ds = (")
    assert batches(told.dataset) == batches(slow)
    assert told.dataset.element_spec == slow.element_spec


def test_what_each_step_costs_is_measured(told: Any) -> None:
    dearest = told.costs[0]
    assert dearest.step.startswith("map(work)")
    assert dearest.resource == "map"
    assert dearest.share > 0.5
    assert sum(cost.share for cost in told.costs) == pytest.approx(1)
    assert {"map", "memory", "all cores busy"} <= set(told.ceilings)
    assert "map(work)" in told.bottleneck
    assert any("cache behind work" in trial.name for trial in told.trials)


def test_without_memory_there_is_no_cache(slow: Any) -> None:
    told = twf.tune(slow, report=True, seconds=1.0, memory=0, progress=until_the_race)
    assert told.trials
    assert not any("cache" in trial.name for trial in told.trials)


def test_random_maps_and_shuffles_keep_their_distribution(tf: Any) -> None:
    values = tf.data.Dataset.range(COUNT)
    dataset = (
        values.map(lambda x: tf.cast(x, tf.float32) + tf.random.uniform([])).shuffle(8).batch(8)
    )
    told = twf.tune(dataset, report=True, seconds=1.0)
    first, second = batches(told.dataset), batches(told.dataset)
    assert first != second
    assert sorted(int(x) for batch in first for x in batch) == list(range(COUNT))


@pytest.mark.slow
def test_python_code_is_cached_only_if_it_repeats_itself(tf: Any) -> None:
    state = np.random.default_rng(0)

    def draw() -> Any:
        for _ in range(16):
            yield state.random(4, dtype=np.float32)

    def repeat() -> Any:
        for number in range(16):
            yield np.full(4, number, np.float32)

    spec = tf.TensorSpec((4,), tf.float32)
    drawn, repeated = (
        tf.data.Dataset.from_generator(generator, output_signature=spec).batch(4)
        for generator in (draw, repeat)
    )
    told = twf.tune(drawn, report=True, seconds=1.0, progress=until_the_race)
    assert told.trials
    assert not any("cache" in trial.name for trial in told.trials)
    told = twf.tune(repeated, report=True, seconds=1.0)
    assert any("cache" in trial.name for trial in told.trials)
    assert batches(told.dataset)[0][0] == [0.0] * 4


def test_maps_on_batches_are_offered_where_they_are_proved_equal(tf: Any) -> None:
    values = tf.data.Dataset.from_tensor_slices(
        np.arange(COUNT * 4, dtype=np.float32).reshape(-1, 4)
    )
    told = [
        twf.tune(values.map(work).batch(8), report=True, seconds=1.0, progress=until_the_race)
        for work in (lambda x: x * 2, lambda x: x - tf.reduce_mean(x))
    ]
    names = [[trial.name for trial in one.trials] for one in told]
    assert any("maps on batches" in name for name in names[0])
    assert not any("maps on batches" in name for name in names[1])
    assert any("maps vectorised" in name for name in names[1])


def test_an_interruption_leaves_your_own_or_the_best_so_far(slow: Any) -> None:
    # However busy the machine is, a first form is tried; whether one is faster is its affair.
    def stop(what: str) -> None:
        if "prefetch" in what:
            raise KeyboardInterrupt

    told = twf.tune(slow, report=True, seconds=3.0, progress=stop)
    assert not told.complete
    assert told.kind == "partial"
    assert told.text.startswith("Interrupted")
    assert batches(told.dataset.take(1)) == batches(slow.take(1))


@pytest.mark.parametrize(
    ("ratios", "kept"), [([2.0, 3.0], True), ([2.0, 0.9], False), ([2.0], False)]
)
def test_what_was_faster_in_each_turn_is_the_best_so_far(
    slow: Any, ratios: list[float], kept: bool
) -> None:
    def stop(_what: str) -> None:
        raise KeyboardInterrupt

    chain = open_chain(slow)
    assert not isinstance(chain, str)
    tuner = Tuner(
        chain=chain, memory=1 << 30, cores=2, seconds=1.0, any_order=False, unsafe=False,
        cache_dir=None, say=stop,
    )  # fmt: skip
    form = Candidate(name="cached", recipe=chain.recipe, changes=("a cache",))
    tuner.entries = [Entry(form, ratios=ratios)]
    told = tuner.run()
    assert (told.kind, told.complete) == ("partial", False)
    assert told.changes == (("a cache",) if kept else ())
    assert ("2.50 times as fast in 2 turns" in told.text) == kept
    assert batches(told.dataset.take(1)) == batches(slow.take(1))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"seconds": 0}, "seconds=0"), ({"cores": 0}, "cores=0"), ({"memory": -1}, "memory=-1")],
)
def test_numbers_that_mean_nothing(slow: Any, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        twf.tune(slow, **arguments)


def test_arrays_are_said_to_have_no_graph() -> None:
    arrays = np.zeros((4, 2)), np.zeros(4)
    told = twf.tune(arrays, report=True)
    assert told.kind == "cannot"
    assert told.dataset is arrays
    assert "from_tensor_slices" in told.code
    assert twf.tune([1, 2], report=True).text.startswith("Nothing was measured")


def pictures(tf: Any, folder: Path) -> Any:
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    picture = tf.cast(tf.image.resize(small, (300, 400)), tf.uint8)
    path = str(folder / "one.jpg")
    tf.io.write_file(path, tf.io.encode_jpeg(picture, quality=95))
    made = tf.data.Dataset.from_tensors(path).repeat(64)
    return made.map(lambda name: tf.io.decode_jpeg(tf.io.read_file(name))[:8, :8, :1]).batch(8)


def files(tf: Any, folder: Path) -> Any:
    (folder / "one.bin").write_bytes(bytes(2 << 20))
    made = tf.data.Dataset.from_tensors(str(folder / "one.bin")).repeat(64)
    return made.map(tf.io.read_file).map(tf.strings.length).batch(8)


def computed(tf: Any, folder: Path) -> Any:
    def rows() -> Any:
        for _ in range(32):
            yield np.sort(np.random.default_rng(0).random(50_000, dtype=np.float32))[:4]

    spec = tf.TensorSpec((4,), tf.float32)
    return tf.data.Dataset.from_generator(rows, output_signature=spec).batch(8)


def copied(tf: Any, folder: Path) -> Any:
    return tf.data.Dataset.from_tensors(np.zeros(1 << 20, np.float32)).repeat(64).batch(8)


@pytest.mark.parametrize(
    ("make", "resource"),
    [(pictures, "decode"), (files, "disk"), (computed, "python"), (copied, "memory")],
)
def test_the_dearest_step_is_the_one_that_was_made_dear(
    tf: Any, tmp_path: Path, make: Any, resource: str
) -> None:
    told = twf.tune(make(tf, tmp_path), report=True, seconds=1.0, progress=until_the_race)
    assert told.costs[0].resource == resource, told.costs
    assert resource in told.ceilings
    assert told.costs[0].step in told.bottleneck
    # A resource allows no more than the dearest of its steps on every core.
    assert told.ceilings[resource] <= told.costs[0].ceiling_on_all_cores * 1.001 or (
        resource == "memory"
    )
