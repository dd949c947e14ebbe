"""Plans are compared as a user would read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.diff.handmade import codes, feed, seen, timed
from twinfeed._core.finding import Finding, Severity
from twinfeed._core.plan import AUTOTUNE, Plan, Step
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._measures.pipeline import MEASURES
from twinfeed.diff._plans import short_shuffle
from twinfeed.diff._run import by_importance

READ = seen(feed())
SOURCE = Step(kind="source", where="source", examples_in=400)
MAP = Step(kind="map", where="map", examples_in=400)
LATER = replace(MAP, where="a later map")
PARALLEL = replace(MAP, parallel_calls=AUTOTUNE)
READER = Step(kind="source", where="interleave", name="InterleaveDataset")
READERS = replace(READER, name="ParallelInterleaveDatasetV4", parallel_calls=8)
RANDOM = Step(kind="augment", where="augment", random=True, examples_in=400)
DECODE = Step(kind="decode", where="decode", examples_in=400)
CACHE = Step(kind="cache", where="cache", examples_in=400)
SHUFFLE = Step(kind="shuffle", where="shuffle", settings={"buffer_size": 400}, examples_in=400)
BATCH = Step(kind="batch", where="batch", settings={"batch_size": 32}, examples_in=400)
UNBATCH = Step(kind="other", where="unbatch", name="UnbatchDataset", examples_in=400)
REPEAT = Step(kind="repeat", where="repeat", settings={"count": 3}, examples_in=400)
PREFETCH = Step(kind="prefetch", where="prefetch", settings={"buffer_size": 2})


def planned(*steps: Step, library: str = "tf.data", **changes: Any) -> Trace:
    return replace(READ, plan=Plan((SOURCE, *steps), library), **changes)


@pytest.mark.parametrize(
    "steps",
    [
        (MAP, BATCH),
        (PARALLEL, CACHE, SHUFFLE, BATCH, PREFETCH),
        (RANDOM, CACHE, BATCH),
        (BATCH, SHUFFLE),
        (REPEAT, SHUFFLE, BATCH),
        (CACHE, DECODE, BATCH),
    ],
)
def test_a_plan_and_itself_have_no_difference(steps: tuple[Step, ...]) -> None:
    assert not codes(planned(*steps), planned(*steps), MEASURES)


def test_one_array_that_is_repeated_is_no_pass_over_the_data() -> None:
    """``timeseries_dataset_from_array`` cuts its windows from one array that it repeats."""
    array = replace(REPEAT, settings={"count": -1}, examples_in=1)
    for steps in ((array, SHUFFLE, BATCH), (array, CACHE, SHUFFLE, BATCH)):
        assert not codes(planned(*steps), planned(*steps[1:]), MEASURES)
    again = replace(array, examples_in=400)
    assert "PIP205" in codes(planned(again, SHUFFLE, BATCH), planned(SHUFFLE, BATCH), MEASURES)
    assert "PIP204" in codes(planned(again, CACHE, BATCH), planned(CACHE, BATCH), MEASURES)


def test_windows_of_one_array_are_too_many_for_a_buffer() -> None:
    array = replace(REPEAT, settings={"count": -1}, examples_in=1)
    short = replace(SHUFFLE, settings={"buffer_size": 20})
    found = short_shuffle(planned(array, short, BATCH))
    assert found is not None
    assert (found.held, found.reaching) == (20, 400)


@pytest.mark.parametrize("name", ["RandomSampler", "ShuffleMapDataset"])
def test_a_sampler_holds_no_finished_examples(name: str) -> None:
    where = "sampler" if name == "RandomSampler" else "shuffle"
    sampler = replace(SHUFFLE, where=where, name=name)
    library = "torch DataLoader" if name == "RandomSampler" else "grain"
    one = planned(MAP, sampler, BATCH, library=library)
    assert not codes(one, planned(SHUFFLE, MAP, BATCH), MEASURES) & {"PIP205"}
    assert codes(one, planned(MAP, SHUFFLE, BATCH), MEASURES) & {"PIP205"}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((MAP, CACHE, BATCH), (MAP, BATCH), {"PIP201"}),
        ((MAP, BATCH, PREFETCH), (MAP, BATCH), {"PIP202"}),
        ((PARALLEL, BATCH), (MAP, BATCH), {"PIP203"}),
        ((READERS, MAP, BATCH), (READER, MAP, BATCH), {"PIP203"}),
        ((READERS, PARALLEL, BATCH), (READERS, PARALLEL, BATCH), set()),
        ((RANDOM, CACHE, BATCH), (CACHE, RANDOM, BATCH), {"PIP204"}),
        ((SHUFFLE, CACHE, BATCH), (CACHE, SHUFFLE, BATCH), {"PIP204"}),
        ((SHUFFLE, BATCH, CACHE), (CACHE, SHUFFLE, BATCH), {"PIP204"}),
        ((CACHE, DECODE, BATCH), (DECODE, CACHE, BATCH), {"PIP204"}),
        ((REPEAT, CACHE, BATCH), (CACHE, REPEAT, BATCH), {"PIP204"}),
        ((REPEAT, SHUFFLE, BATCH), (SHUFFLE, REPEAT, BATCH), {"PIP205"}),
        ((replace(MAP, ops=("EagerPyFunc",)), BATCH), (MAP, BATCH), {"PIP206"}),
        ((MAP, BATCH), (BATCH, MAP), {"PIP207"}),
        ((MAP, LATER, BATCH), (MAP, BATCH, LATER), {"PIP207"}),
        ((BATCH, MAP, UNBATCH, BATCH), (BATCH, MAP), {"PIP207"}),
        ((BATCH, replace(MAP, ops=("While",))), (BATCH, MAP), {"PIP207"}),
        ((MAP, BATCH), (BATCH,), set()),  # nothing is mapped on the other side
        ((DECODE, BATCH, MAP), (DECODE, MAP, BATCH, LATER), set()),
        ((replace(MAP, ops=("EagerPyFunc",)), BATCH), (BATCH, MAP), {"PIP206"}),
    ],
)
def test_each_difference_gets_its_own_name(
    left: tuple[Step, ...], right: tuple[Step, ...], expected: set[str]
) -> None:
    assert codes(planned(*left), planned(*right), MEASURES) == expected


@pytest.mark.parametrize(
    "steps",
    [
        (SHUFFLE, CACHE, SHUFFLE, BATCH),  # mixed again behind the cache
        (BATCH, CACHE),  # nothing shuffles
        (CACHE, SHUFFLE, BATCH),
        (replace(SHUFFLE, settings={"unit": "files", "buffer_size": 8}), CACHE, SHUFFLE, BATCH),
    ],
)
def test_a_cache_in_its_place_is_no_fault(steps: tuple[Step, ...]) -> None:
    assert "PIP204" not in codes(planned(*steps), planned(CACHE, BATCH), MEASURES)


def test_arrays_in_memory_need_neither_cache_nor_prefetch() -> None:
    arrays = planned(BATCH, library="arrays")
    assert not codes(planned(PARALLEL, CACHE, BATCH, PREFETCH), arrays, MEASURES)


def test_what_a_library_hides_is_not_called_absent() -> None:
    hidden = planned(library="Python generator")
    assert codes(planned(CACHE, BATCH, PREFETCH), hidden, MEASURES) == {"PIP206"}
    assert not codes(planned(CACHE, BATCH, PREFETCH), replace(READ, plan=None), MEASURES)


def test_image_data_generator_has_none_of_it() -> None:
    generator = planned(DECODE, RANDOM, BATCH, library="keras ImageDataGenerator")
    native = planned(replace(DECODE, parallel_calls=4), CACHE, RANDOM, BATCH, PREFETCH)
    assert codes(generator, native, MEASURES) == {"PIP201", "PIP202", "PIP203", "PIP206"}


def test_what_is_only_written_is_a_note_until_the_clock_confirms_it() -> None:
    left, right = planned(DECODE, CACHE, BATCH), planned(DECODE, BATCH)
    assert {f.severity for f in compare(left, right, measures=MEASURES).findings} == {"note"}
    steady = np.full(40, 0.001)
    timings = (timed(left, steady), timed(right, 20 * steady))
    (found,) = compare(*timings, measures=MEASURES).findings
    assert found.severity == "warning"
    assert found.strength == "read"


def test_options_that_forbid_a_prefetch_are_said() -> None:
    options = Step(
        kind="other", where="with_options", name="Options", settings={"autotune.enabled": False}
    )
    sides = planned(MAP, BATCH, PREFETCH), planned(MAP, BATCH, options)
    (found,) = compare(*sides, measures=MEASURES).findings
    assert "keep TensorFlow from adding one" in found.sentence


def test_a_heavy_buffer_is_said_in_bytes() -> None:
    wide = replace(READ.spec.leaves[0], shape=(224, 224, 3))
    spec = replace(READ.spec, leaves=(wide, *READ.spec.leaves[1:]))
    heavy = replace(SHUFFLE, settings={"buffer_size": 10_000}, examples_in=50_000)
    left = planned(DECODE, heavy, BATCH, spec=spec)
    right = planned(heavy, DECODE, BATCH, spec=spec)
    (found,) = compare(left, right, measures=MEASURES).findings
    assert found.code == "PIP205"
    assert found.evidence["buffer_bytes"] == 10_000 * 224 * 224 * 3 * 4
    # Where the plan does not know how many come, no more are held than an epoch was counted to have.
    unknown = replace(heavy, examples_in=None)
    left, right = (
        replace(side, plan=Plan(steps, "tf.data"))
        for side, steps in ((left, (DECODE, unknown, BATCH)), (right, (unknown, DECODE, BATCH)))
    )
    (found,) = compare(left, right, measures=MEASURES).findings
    assert found.evidence["buffer_bytes"] == 400 * 224 * 224 * 3 * 4


@pytest.mark.parametrize("library", ["tf.data", "torch DataLoader"])
def test_a_source_of_single_examples_is_told_from_one_of_batches(library: str) -> None:
    source = replace(SOURCE, name="GeneratorDataset")
    single, whole = (
        replace(READ, plan=Plan((source, *steps), library)) for steps in ((BATCH,), ())
    )
    assert codes(single, whole, MEASURES) >= {"PIP207"}
    assert not codes(whole, whole, MEASURES)
    # How many examples another library's source handles at once is not written.
    other = replace(READ, plan=Plan((source,), "grain"))
    assert "PIP207" not in codes(single, other, MEASURES)


def test_what_is_learned_comes_before_why_a_feed_is_slow() -> None:
    slow = finding_of("PIP206", 0.35), finding_of("SPD202", 0.8)
    other = finding_of("PIX204", 0.2)
    assert [one.code for one in sorted((*slow[::-1], other), key=by_importance)] == [
        "PIX204",
        "PIP206",
        "SPD202",
    ]


def test_an_order_that_both_draw_anew_comes_last() -> None:
    drawn = CATALOGUE["ORD205"].finding("...", size=0.05, evidence={"both_change": True})
    fixed = CATALOGUE["ORD205"].finding("...", size=0.05, evidence={"both_change": False})
    slow = CATALOGUE["SPD201"].finding("...", size=0.1, severity=Severity.NOTE)
    assert sorted((drawn, slow, fixed), key=by_importance) == [fixed, slow, drawn]


def test_the_same_python_in_several_processes_is_parallel_work_and_no_other_work() -> None:
    alone, together = (
        replace(
            READ,
            plan=Plan(
                (replace(SOURCE, settings={"python": calls == 1}, parallel_calls=calls), BATCH),
                "torch DataLoader",
            ),
        )
        for calls in (1, 4)
    )
    assert codes(alone, together, MEASURES) == {"PIP203"}


def finding_of(code: str, size: float) -> Finding:
    return CATALOGUE[code].finding("...", size=size, severity=Severity.WARNING)
