"""What is tried, what is predicted, and what is kept: on numbers, without a pipeline that runs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from twinfeed.graph.recipe import Recipe, Stage, cut, place_to_cut
from twinfeed.stats.resample import Interval, paired_ratio
from twinfeed.tune._candidates import Candidate, Knobs, candidates, predict
from twinfeed.tune._costs import ceilings, costs, seconds_per_example
from twinfeed.tune._race import Entry, Race
from twinfeed.tune._tell import bottleneck
from twinfeed.tune._training import not_bound
from twinfeed.tune.outcome import Training, Tuned
from twinfeed.tune.render import to_json, to_text

NAIVE = Recipe(
    (
        Stage(kind="source", verb="from_tensor_slices", origin=0),
        Stage(kind="decode", verb="map", origin=1, function="load", size_in=1),
        Stage(kind="augment", verb="map", origin=2, function="augment", random=True, size_in=1),
        Stage(kind="shuffle", verb="shuffle", origin=3, arguments={"buffer_size": 9}, size_in=1),
        Stage(kind="batch", verb="batch", origin=4, arguments={"batch_size": 8}, size_in=1),
    )
)
SPENT = (0.0, 1e-3, 1e-4, 1e-6, 1e-5)


def knobs(**given: Any) -> Knobs:
    standard: dict[str, Any] = {
        "cores": 2, "any_order": False, "unsafe": False, "cache_bytes": lambda _recipe, _place: 1000,
    }  # fmt: skip
    return Knobs(**{**standard, **given})


@dataclass
class Told:
    seconds: float
    elements: int


@dataclass
class Steady:
    """Something that always takes the same time per element."""

    pace_s: float
    warmed: bool = False
    turns: list[float] = field(default_factory=list[float])

    def warm(self, _seconds: float) -> bool:
        self.warmed = True
        return True

    def turn(self, seconds: float) -> Told:
        self.turns.append(seconds)
        return Told(self.pace_s * 100, 100)


def race(paces: dict[str, float], *, original: float = 1.0, left_s: float = 60.0) -> Race:
    entries = [
        Entry(Candidate(name=name, recipe=NAIVE, changes=(name,) * len(name))) for name in paces
    ]
    return Race(
        original=Steady(original),
        entries=entries,
        open_one=lambda one: Steady(paces[one.name]),
        turn_s=0.001,
        warm_s=0.001,
        deadline=time.perf_counter() + left_s,
        say=lambda _what: None,
    )


@dataclass
class Clocked(Steady):
    """A runner whose warm-up and turns move a clock on."""

    now: list[float] = field(default_factory=lambda: [0.0])

    def warm(self, seconds: float) -> bool:
        self.now[0] += seconds
        return super().warm(seconds)

    def turn(self, seconds: float) -> Told:
        self.now[0] += seconds
        return super().turn(seconds)


def test_where_time_is_short_few_have_many_turns_rather_than_many_one() -> None:
    now = [0.0]
    names = [f"form{number}" for number in range(20)]
    hurried = Race(
        original=Clocked(1.0, now=now),
        entries=[Entry(Candidate(name=name, recipe=NAIVE)) for name in names],
        open_one=lambda _one: Clocked(0.5, now=now),
        turn_s=0.1, warm_s=1.0, deadline=15.0, say=lambda _what: None, clock=lambda: now[0],
    )  # fmt: skip
    hurried.rank()
    turns = [len(entry.ratios) for entry in hurried.entries]
    assert turns[12:] == [0] * 8
    assert sorted(turns)[-3] >= 5


def test_a_cache_is_proposed_behind_what_is_the_same_each_epoch_only() -> None:
    found = candidates(NAIVE, knobs(), SPENT)
    places = {
        [stage.verb for stage in one.recipe.stages].index("cache") for one in found if one.cached
    }
    assert places == {2}
    assert all("cache behind load" in one.name for one in found if one.cached)


def test_no_cache_where_memory_does_not_allow_it() -> None:
    found = candidates(NAIVE, knobs(cache_bytes=lambda _recipe, _place: None), SPENT)
    assert found
    assert not any(one.cached for one in found)


def test_every_candidate_is_another_pipeline_and_not_the_original() -> None:
    found = candidates(NAIVE, knobs(), SPENT)
    told = [str(one.recipe) for one in found]
    assert len(set(told)) == len(told)
    assert str(NAIVE) not in told


def test_what_stands_in_front_of_a_full_cache_makes_no_other_form() -> None:
    cached = [one for one in candidates(NAIVE, knobs(), SPENT) if one.cached]
    running = [str(one.recipe.stages[one.recipe.index("cache") or 0 :]) for one in cached]
    assert len(set(running)) == len(running)
    assert any(one.recipe.stages[1].is_parallel for one in cached)
    full = NAIVE.put(2, Stage(kind="cache", verb="cache", origin=9))
    forms = candidates(full, knobs(), (*SPENT[:2], 0.0, *SPENT[2:]))
    assert forms
    assert not any(str(one.recipe.stages[3:]) == str(full.stages[3:]) for one in forms)


def test_what_draws_in_order_is_told_from_what_runs_at_once() -> None:
    stages = list(NAIVE.stages)
    stages[2] = Stage(
        kind="augment", verb="map", origin=2, function="augment", random=True, seeded=True,
        size_in=1,
    )  # fmt: skip
    seeded = Recipe(tuple(stages))
    whole = candidates(seeded, knobs(), SPENT)
    assert not any(stage.is_parallel for one in whole for stage in one.recipe.stages[2:4])
    apart = [one for one in candidates(seeded, knobs(separable=(2,)), SPENT) if "apart" in one.name]
    assert apart
    for one in apart:
        pair = [stage for stage in one.recipe.stages if stage.origin == 2]
        assert [stage.is_parallel for stage in pair] == [False, True]
    assert apart[0].predicted_s < whole[0].predicted_s


def test_what_is_expected_to_be_fastest_comes_first() -> None:
    found = candidates(NAIVE, knobs(), SPENT)
    assert [one.predicted_s for one in found] == sorted(one.predicted_s for one in found)
    assert found[0].cached


def test_a_shuffle_of_names_does_not_keep_a_cache_away() -> None:
    stages = NAIVE.stages
    names_first = Recipe((stages[0], stages[3], stages[1], stages[2], stages[4]))
    verbs = [
        [stage.verb for stage in one.recipe.stages]
        for one in candidates(names_first, knobs(), SPENT)
        if one.cached
    ]
    assert verbs
    assert all(one.index("cache") == 2 < one.index("shuffle") for one in verbs)


@pytest.mark.parametrize("allowed", [True, False])
def test_order_changes_with_leave_only(allowed: bool) -> None:
    found = candidates(NAIVE, knobs(any_order=allowed), SPENT)
    assert any("any order" in one.name for one in found) is allowed


def test_python_code_is_not_run_in_threads_without_leave() -> None:
    stages = list(NAIVE.stages)
    stages[1] = Stage(kind="map", verb="map", origin=1, function="slow", python=True, size_in=1)
    stages[2] = Stage(kind="map", verb="map", origin=2, function="more", size_in=1)
    recipe = Recipe(tuple(stages))
    careful = candidates(recipe, knobs(), SPENT)
    assert not any(one.recipe.stages[1].is_parallel for one in careful)
    bold = candidates(recipe, knobs(unsafe=True), SPENT)
    assert any(one.recipe.stages[1].is_parallel for one in bold)


def test_prediction_adds_what_waits_and_shares_what_runs_at_once() -> None:
    spent = {stage.origin: cost for stage, cost in zip(NAIVE.stages, SPENT, strict=True)}
    assert predict(NAIVE, spent, 2) == pytest.approx(sum(SPENT))
    parallel = NAIVE.having(1, num_parallel_calls=2)
    assert predict(parallel, spent, 2) == pytest.approx((sum(SPENT) + 15e-6) / 2)
    cached = NAIVE.put(2, Stage(kind="cache", verb="cache"))
    assert predict(cached, spent, 2) < 2e-4


@dataclass(frozen=True)
class Counted:
    name: str
    elements: int
    seconds: float


def test_what_tensorflow_counts_is_given_to_the_step_that_did_it() -> None:
    nodes = [
        Counted("BatchV2", 10, 0.08),
        Counted("Shuffle", 80, 0.008),
        Counted("ParallelMapV2", 80, 0.8),
        Counted("MemoryCache", 80, 0.008),
        Counted("MemoryCacheImpl", 80, 0.008),
        Counted("Map", 80, 1.6),
        Counted("TensorSlice", 80, 0.08),
    ]
    recipe = NAIVE.put(2, Stage(kind="cache", verb="cache"))
    spent = seconds_per_example(recipe, nodes, (1, 1, 1, 1, 1, 8))
    assert spent == pytest.approx((0.001, 0.02, 0.0002, 0.01, 0.0001, 0.001))


def test_all_nodes_of_a_source_are_the_source() -> None:
    nodes = [
        Counted("BatchV2", 10, 0.08),
        Counted("FlatMap", 80, 1.6),
        Counted("FromTensor", 1, 0.1),
    ]
    generator = Recipe((Stage(kind="source", verb="from_generator", origin=0), NAIVE.stages[-1]))
    spent = seconds_per_example(generator, nodes, (1, 8))
    assert spent == pytest.approx((0.12, 0.001))


def test_ceilings_follow_from_costs() -> None:
    found = ceilings(NAIVE, SPENT, 4, example_bytes=1000.0)
    assert found["decode"] == pytest.approx(4000)
    assert found["map"] == pytest.approx(40_000)
    assert found["all cores busy"] == pytest.approx(4 / sum(SPENT))
    assert found["memory"] > 0
    told = costs(NAIVE, SPENT, 4)
    assert told[0].step == "map(load), step 2 of 5"
    assert told[0].ceiling == pytest.approx(1000)
    assert "1,000 examples/s as it is written" in bottleneck(told, found, 4)


def test_python_code_has_the_ceiling_of_one_core() -> None:
    stages = list(NAIVE.stages)
    stages[1] = Stage(
        kind="map", verb="map", origin=1, python=True, arguments={"num_parallel_calls": -1}
    )
    recipe = Recipe(tuple(stages))
    assert ceilings(recipe, SPENT, 8, 0.0)["python"] == pytest.approx(1000)
    assert costs(recipe, SPENT, 8)[0].ceiling_on_all_cores == pytest.approx(1000)


def test_the_fastest_wins_and_losers_leave_early() -> None:
    run = race({letter: 1.0 - 0.05 * place for place, letter in enumerate("abcdefgh")})
    ranked = run.rank()
    assert ranked[0].candidate.name == "h"
    turns = {one.candidate.name: len(one.ratios) for one in run.entries}
    assert turns["a"] == 1 < turns["h"]


def test_of_equally_fast_ones_that_with_fewer_changes_is_taken() -> None:
    assert race({"aaaa": 0.500, "b": 0.505, "cc": 0.9}).rank()[0].candidate.name == "b"


def test_a_pipeline_that_fails_is_out_of_the_race() -> None:
    run = race({"a": 0.5, "b": 0.6})

    def fails(one: Candidate) -> Any:
        if one.name == "a":
            raise RuntimeError("no such file\nand more")
        return Steady(0.6)

    run.open_one = fails
    ranked = run.rank()
    assert ranked[0].candidate.name == "b"
    assert ranked[-1].note == "it failed: no such file"


def test_a_duel_compares_in_turn() -> None:
    run = race({"a": 0.25})
    duel = run.duel(run.rank()[0])
    assert duel.ratio == Interval(4.0, 4.0, 4.0)
    assert duel.elements_per_s == (1.0, 4.0)
    assert [one.value for one in duel.step_ms] == [1000.0, 250.0]


def test_out_of_time_there_is_still_an_answer() -> None:
    run = race({"a": 0.5, "b": 0.6}, left_s=-1.0)
    ratio = run.duel(run.rank()[0]).ratio
    assert ratio.value == pytest.approx(2.0)


def test_an_interval_of_noise_holds_one() -> None:
    random = np.random.default_rng(1)
    found = paired_ratio(*np.exp(random.normal(0, 0.2, (2, 12))))
    assert found.low < 1 < found.high


@pytest.mark.parametrize(
    ("verbs", "place"),
    [
        (("map", "batch"), 1),
        (("interleave", "map", "batch"), 2),
        (("shuffle", "interleave"), None),
        (("cache", "flat_map"), None),
    ],
)
def test_where_a_source_is_cut(verbs: tuple[str, ...], place: int | None) -> None:
    stages = [Stage(kind="other", verb=verb, origin=n) for n, verb in enumerate(verbs, 1)]
    recipe = Recipe((NAIVE.stages[0], *stages))
    assert place_to_cut(recipe) == place
    shorter = cut(recipe, recipe, 7)
    assert (shorter == recipe) is (place is None)


def training(low: float, high: float) -> Training:
    share = Interval((low + high) / 2, low, high)
    return Training(wait_ms=1, step_ms=9, waiting=share, steps=50, input_bound=high > 0.05)


def test_a_training_that_does_not_wait_is_not_input_bound() -> None:
    done = not_bound(training(0.01, 0.02))
    assert done.kind == "not-input-bound"
    assert "1.02 times as fast at most" in done.text


@pytest.fixture
def answer() -> Tuned:
    return Tuned(
        kind="faster",
        text="2.00 times as fast",
        code="ds = (\n    source\n)",
        ratio=Interval(2.0, 1.9, 2.1),
        costs=costs(NAIVE, SPENT, 2),
        ceilings={"decode": 10.0, "memory": float("inf")},
        training=training(0.2, 0.3),
        notes=("measured \x1b[31mhere",),
    )


def test_text_says_it_all_and_nothing_a_terminal_obeys(answer: Tuned) -> None:
    text = to_text(answer, name="a.py:f", width=60)
    for part in ("FASTER", "map(load), step 2 of 5", "Ceilings", "Write it so", "25.0%"):
        assert part in text
    assert "\x1b" not in text
    assert text.startswith("twinfeed report")


def test_json_has_every_key_and_no_bare_infinity(answer: Tuned) -> None:
    import json

    def refuse(word: str) -> Any:
        raise AssertionError(word)

    told = json.loads(to_json(answer, name="a.py:f"), parse_constant=refuse)
    assert told["verdict"]["kind"] == "faster"
    assert told["ceilings"]["memory"] == "Infinity"
    empty = json.loads(to_json(Tuned(kind="cannot", text="no"), name="a.py:f"))
    assert set(empty) == set(told)
