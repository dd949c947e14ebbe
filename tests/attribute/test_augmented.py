"""How pictures are read and how they are augmented are taken away apart where that can be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding, Severity, Strength
from twinfeed.attribute._causes import causes_of, separable
from twinfeed.attribute._checks import augments, check
from twinfeed.attribute._feeds import Pair
from twinfeed.attribute._forms import Forms
from twinfeed.attribute._gap import Results, gap_of
from twinfeed.attribute._prove import Proved, prove
from twinfeed.attribute._study import Study
from twinfeed.attribute._world import World

COUNT = 96
SOURCE = np.random.default_rng(5).integers(0, 256, (COUNT, 24, 24, 3)).astype(np.float32)


def read(smooth: bool) -> np.ndarray:
    if not smooth:
        return SOURCE
    return (SOURCE + np.roll(SOURCE, 1, axis=1) + np.roll(SOURCE, 1, axis=2)) / 3


def feed(seed: int, *, smooth: bool, flips: bool) -> Feed:
    x, epochs = read(smooth), iter(range(1 << 20))

    def batches(rng: np.random.Generator, turned: bool) -> Iterator[Batch]:
        for rows in rng.permutation(COUNT).reshape(-1, 16):
            shown = x[rows].copy()
            mirrored = rng.random(16) < 0.5 if turned else np.zeros(16, bool)
            shown[mirrored] = shown[mirrored][:, :, ::-1]
            yield Batch(shown, rows % 4, None, np.array([f"{row}.png" for row in rows]))

    def plain() -> Feed:
        return Feed(name="plain", open_epoch=lambda: batches(np.random.default_rng(0), False))

    return Feed(
        name="made",
        open_epoch=lambda: batches(np.random.default_rng((seed, next(epochs))), flips),
        plain=plain if flips else None,
        fresh=lambda: replace(feed(seed + 1, smooth=smooth, flips=flips)),
    )


def test_what_was_frozen_is_drawn_anew_although_a_augments_nothing() -> None:
    moving = feed(50, smooth=False, flips=True)
    still = [list(moving.open_epoch())] * 2
    epochs = iter(still)
    frozen = Feed(name="frozen", open_epoch=lambda: iter(next(epochs)))
    pair = Pair(
        a=feed(1, smooth=False, flips=False), b=frozen, thawed=moving,
        epochs=2, examples=COUNT + 1, say=lambda _what, _count: None,
    )  # fmt: skip
    made = pair.draw(0, Forms(channels=(3, 3), classes=4), both_frozen=True, hold=False)
    before, after = check(made, "frozen", set()), check(made, "frozen", {"frozen"})
    assert before is not None
    assert not before.holds
    assert after is not None
    assert after.holds  # half of them flip to the same side in both epochs


def causes(*codes: str) -> list:
    return causes_of(
        Finding(
            code=code, name=code, tags=(), severity=Severity.WARNING,
            strength=Strength.MEASURED, sentence=code,
        )
        for code in codes
    )[0]  # fmt: skip


def world(*, a_flips: bool, b_flips: bool) -> World:
    pair = Pair(
        a=feed(1, smooth=False, flips=a_flips), b=feed(50, smooth=True, flips=b_flips),
        epochs=2, examples=COUNT + 1, say=lambda _what, _count: None,
    )  # fmt: skip
    forms = Forms(channels=(3, 3), classes=4)
    made = pair.draw(0, forms, both_frozen=False, hold=False)
    made.forms = replace(forms, augments=augments(made))
    return made


def test_b_is_shown_unaugmented_as_it_reads_and_then_as_a_reads() -> None:
    made = world(a_flips=False, b_flips=True)
    assert made.forms.chain == ("augmentation", "pictures")
    epoch = made.of_b(frozenset({"augmentation"}))[1]
    rows = made.numbers(made.rows_of_b(frozenset())[1])
    ids = np.array([int(name.partition(".")[0]) for name in made.a.ids[: made.a.bounds[0][1]]])
    assert np.allclose(epoch.x, read(smooth=True)[ids[rows]])
    both = made.of_b(frozenset({"augmentation", "pictures"}))[1]
    assert np.array_equal(both.x, read(smooth=False)[ids[rows]])


def test_a_is_shown_unaugmented_before_its_augmentation() -> None:
    made = world(a_flips=True, b_flips=False)
    assert made.forms.chain == ("pictures", "augmentation")
    rows = made.numbers(made.rows_of_b(frozenset())[1])
    ids = np.array([int(name.partition(".")[0]) for name in made.a.ids[: made.a.bounds[0][1]]])
    assert np.array_equal(made.of_b(frozenset({"pictures"}))[1].x, read(smooth=False)[ids[rows]])
    both = made.of_b(frozenset({"pictures", "augmentation"}))[1].x
    assert not np.array_equal(both, read(smooth=False)[ids[rows]])


@pytest.mark.parametrize("flips", [True, False])
def test_two_sides_that_augment_or_none_have_one_cause(flips: bool) -> None:
    made = world(a_flips=flips, b_flips=flips)
    assert augments(made) == ""
    (one,) = separable(causes("PIX203", "AUG201"), can_thaw=False, apart=False)
    assert (one.key, one.codes) == ("pictures", ("PIX203", "AUG201"))
    (alone,) = separable(causes("AUG201"), can_thaw=False, apart=True)
    assert (alone.key, alone.title) == ("pictures", "augmentation")


@pytest.mark.slow
def test_both_are_proved_one_behind_the_other_and_share_what_that_order_gives() -> None:
    made = world(a_flips=False, b_flips=True)
    found = separable(causes("PIX203", "AUG201"), can_thaw=False, apart=True)
    assert [one.key for one in found] == ["pictures", "augmentation"]
    proofs = prove(made, found, lambda _text: None)
    assert "96 of 96 pictures are A's" in proofs["pictures"].text
    study = Study(bits=(("pictures",), ("augmentation",)), forms=made.forms)
    assert study.without(0b01) == frozenset()  # what cannot be trained is the same as B
    assert study.without(0b11) == {"pictures", "augmentation"}
    assert study.chains == ((1, 0),)
    table = np.array([[80.0, 80.0, 86.0, 88.0], [81.0, 81.0, 86.0, 89.0]])
    gap = gap_of(
        Results(a=np.array([88.0, 89.0]), table=table, bits=study.bits, chains=study.chains),
        found, {one.key: Proved("proven", "") for one in found},
        metric="accuracy", when="last", unit="points", method="",
    )  # fmt: skip
    shares = {one.key: one for one in gap.shares}
    assert shares["augmentation"].share.value == 5.5
    assert shares["pictures"].share.value == 2.5
    assert (shares["augmentation"].last, shares["pictures"].alone) == (None, None)
    assert gap.interactions == ()
