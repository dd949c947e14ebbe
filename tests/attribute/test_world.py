"""Each cause is taken away from B by a change of its batches, and looking again sees it gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding, Severity, Strength
from twinfeed.attribute._causes import KINDS, causes_of, separable
from twinfeed.attribute._evaluation import held_out, hold_out
from twinfeed.attribute._feeds import Pair
from twinfeed.attribute._identity import trace_of
from twinfeed.attribute._prepare import forms_of
from twinfeed.attribute._prove import fitting, prove
from twinfeed.attribute._world import World, batching, cut
from twinfeed.train.recording import Recording, record

COUNT, CLASSES = 160, 4


@dataclass(frozen=True)
class Recipe:
    scale: float = 1 / 255
    bgr: bool = False
    mirrored: bool = False
    one_hot: bool = False
    rotated: bool = False
    shuffled: bool = True
    batch: int = 16
    drop: bool = False
    left_out: int = 0
    large: bool = False

    def feed(self, seed: int) -> Feed:
        rng = np.random.default_rng(7)
        y = np.sort(rng.integers(0, CLASSES, COUNT))
        x = rng.integers(0, 256, (COUNT, 8, 8, 3)).astype(np.float32)
        x[..., 0] *= 0.5
        count = COUNT - self.left_out
        x, y = x[:count] * self.scale, y[:count]
        x = x.repeat(2, axis=1).repeat(2, axis=2) if self.large else x
        x = x[..., ::-1] if self.bgr else x
        x = x[:, :, ::-1] if self.mirrored else x
        y = (y + 1) % CLASSES if self.rotated else y
        labels = np.eye(CLASSES, dtype=np.float32)[y] if self.one_hot else y
        epochs = iter(range(1 << 20))

        def open_epoch() -> Iterator[Batch]:
            number = next(epochs)
            order = np.arange(count)
            if self.shuffled:
                order = np.random.default_rng((seed, number)).permutation(count)
            for low in range(0, count, self.batch):
                rows = order[low : low + self.batch]
                if self.drop and len(rows) < self.batch:
                    return
                yield Batch(np.ascontiguousarray(x[rows]), labels[rows])

        return Feed(name="made", open_epoch=open_epoch, fresh=lambda: replace(self.feed(seed + 1)))


def world_of(other: Recipe, codes: list[str]) -> tuple[World, list]:
    findings = [
        Finding(
            code=code, name=code, tags=(), severity=Severity.WARNING,
            strength=Strength.MEASURED, sentence=code,
        )
        for code in codes
    ]  # fmt: skip
    causes = separable(causes_of(findings)[0], can_thaw=False)
    pair = Pair(
        a=Recipe().feed(1), b=other.feed(100), epochs=2, examples=COUNT + 1,
        say=lambda _what, _count: None,
    )  # fmt: skip
    drawn = pair.recordings(0)
    traces = trace_of(drawn[0], "A"), trace_of(drawn[1], "B")
    forms = forms_of(traces, drawn, causes)
    return pair.made(drawn, traces, 0, forms, both_frozen=False), causes


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (Recipe(scale=1.0), ["VAL203"]),
        (Recipe(bgr=True), ["GEO202"]),
        (Recipe(one_hot=True), ["LBL201"]),
        (Recipe(rotated=True), ["LBL202"]),
        (Recipe(shuffled=False), ["ORD201", "ORD204"]),
        (Recipe(batch=8), ["BAT201"]),
        (Recipe(left_out=20), ["BAT205", "BAT202"]),
        (
            Recipe(scale=1.0, bgr=True, batch=8, shuffled=False),
            ["VAL203", "GEO202", "ORD201", "BAT201"],
        ),
    ],
    ids=lambda given: "+".join(given) if isinstance(given, list) else "",
)
def test_a_cause_is_taken_away_and_proved(other: Recipe, codes: list[str]) -> None:
    world, causes = world_of(other, codes)
    proofs = prove(world, causes, lambda _text: None)
    assert {cause.key: proofs[cause.key].proof for cause in causes} == {
        cause.key: "proven" for cause in causes
    }, proofs
    without = frozenset(cause.key for cause in causes)
    for mine, theirs in zip(world.of_b(without), world.of_a(), strict=True):
        if "order" not in without:
            assert sorted(mine.y.reshape(len(mine.y), -1).sum(1)) == sorted(
                theirs.y.reshape(len(theirs.y), -1).sum(1)
            )
        else:
            assert np.allclose(mine.x, theirs.x, atol=1e-5)
            assert np.array_equal(mine.y, theirs.y)
        assert mine.sizes == theirs.sizes


def test_what_no_change_takes_away_is_told_and_never_proven() -> None:
    world, causes = world_of(Recipe(), ["FIT203"])
    proved = prove(world, causes, lambda _text: None)["FIT203"]
    assert proved.proof == "unbuilt"
    assert "your code" in proved.text


def test_a_change_that_leaves_its_finding_is_refuted() -> None:
    world, causes = world_of(Recipe(scale=1.0), ["VAL203"])
    world.forms = replace(world.forms, gain=(1.0,), bias=(0.0,))
    proved = prove(world, causes, lambda _text: None)["values"]
    assert proved.proof == "refuted"
    assert "still there" in proved.text


def test_what_the_own_model_of_b_cannot_take_is_not_called_taken_away() -> None:
    world, causes = world_of(Recipe(scale=1.0), ["VAL203"])
    proved = prove(world, causes, lambda _: None)["values"]
    assert fitting(world, "values", proved, (8, 8, 3)) == proved
    assert fitting(world, "values", proved, (None, None, 3)) == proved
    refused = fitting(world, "values", proved, (8, 8, 1))
    assert refused.proof == "unbuilt"
    assert "(8, 8, 1)" in refused.text


def test_held_out_examples_are_trained_on_by_neither() -> None:
    world, _ = world_of(Recipe(shuffled=False), ["ORD201"])
    whole = sum(world.of_a()[0].sizes)
    world.held = hold_out(world)
    evaluation = held_out(world)
    assert len(evaluation.x) == len(world.held) == COUNT // 5
    seen = {row.tobytes() for row in evaluation.x}
    for epochs in (world.of_a(), world.of_b(frozenset()), world.of_b(frozenset({"order"}))):
        assert sum(epochs[0].sizes) == whole - len(world.held)
        assert not seen & {row.tobytes() for row in epochs[0].x}


def test_evaluation_is_written_as_each_network_was_trained() -> None:
    world, _ = world_of(Recipe(scale=1.0, one_hot=True), ["VAL203", "LBL201"])
    world.held = hold_out(world)
    evaluation = held_out(world)
    assert evaluation.of_a(world).x.max() <= 1.0
    own = evaluation.of_b(world, frozenset())
    assert own.x.max() > 100
    assert own.y.shape == (len(world.held), CLASSES)
    assert evaluation.of_b(world, frozenset({"values"})).x.max() <= 1.01


def test_batches_are_cut_as_a_feed_cuts_them() -> None:
    assert batching(((16, 16, 3), (16, 16, 3))) == (16, False)
    assert batching(((16, 16), (16, 16))) == (16, True)
    assert cut(35, 16, drop=False) == (16, 16, 3)
    assert cut(35, 16, drop=True) == (16, 16)
    assert cut(5, 16, drop=True) == (5,)


def test_a_recording_is_the_same_when_it_is_read_again(tmp_path) -> None:
    made = record(Recipe(one_hot=True).feed(3), 2)
    made.save(tmp_path / "one")
    again = Recording.load(tmp_path / "one")
    assert again.sizes == made.sizes
    assert again.trees == made.trees
    assert all(np.array_equal(again.columns[path], array) for path, array in made.columns.items())


def test_no_finding_belongs_to_two_kinds() -> None:
    codes = [code for kind in KINDS.values() for code in kind.codes]
    assert len(codes) == len(set(codes))
