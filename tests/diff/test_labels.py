"""What became of the labels is told from permutation to chance, and wrong pairs are no finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.seen import CLASSES, SCANS, cropped, findings, flipped, seen
from tests.seeds import seeds
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Severity
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._labels._paired import _crosswise
from twinfeed.observe import Budget, observe

X, Y = SCANS[:300], CLASSES[:300]
LABELS = {"LBL202", "LBL204", "LBL205"}


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(10)), st.booleans())
def test_the_mapping_is_exact(order: list[int], one_hot: bool) -> None:
    moved = np.array(order)[Y]
    other = np.eye(10, dtype=np.float32)[moved] if one_hot else moved
    found = findings(seen(X, Y, seed=1), seen(X, other, seed=2))
    if order == list(range(10)):
        assert not LABELS & set(found)
    else:
        assert LABELS & set(found) == {"LBL202"}
        said = dict(
            pair.split("->") for pair in str(found["LBL202"].evidence["mapping"]).split(", ")
        )
        assert {int(a): int(b) for a, b in said.items()} == dict(enumerate(order))


def test_folders_sorted_as_text() -> None:
    classes = np.arange(len(X)) % 12 + 1
    text = {str(c): i for i, c in enumerate(sorted(map(str, range(1, 13))))}
    found = findings(
        seen(X, classes - 1, seed=1), seen(X, np.array([text[str(c)] for c in classes]), seed=2)
    )
    assert "1->4" in found["LBL202"].sentence
    assert LABELS & set(found) == {"LBL202"}


@pytest.mark.parametrize("shift", [1, -1, 3])
def test_a_shift_is_said_as_one(shift: int) -> None:
    found = findings(seen(X, Y + 3, seed=1), seen(X, Y + 3 + shift, seed=2))
    assert LABELS & set(found) == {"LBL205"}
    assert found["LBL205"].evidence["shift"] == shift


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shuffled_labels_are_found_with_their_side(seed: int) -> None:
    mixed = np.random.default_rng(seed).permutation(Y)
    found = findings(seen(X, Y, seed=1), seen(X, mixed, seed=2))
    assert LABELS & set(found) == {"LBL204"}
    assert found["LBL204"].severity is Severity.ERROR
    assert found["LBL204"].evidence["faulty_side"] == "B"


def test_shuffled_labels_are_found_under_augmentation() -> None:
    mixed = np.random.default_rng(0).permutation(Y)
    found = findings(seen(X, mixed, seed=1, draw=flipped), seen(X, Y, seed=2, draw=flipped))
    assert LABELS & set(found) == {"LBL204"}
    assert found["LBL204"].evidence["faulty_side"] == "A"


def test_noise_images_name_no_side() -> None:
    noise = np.random.default_rng(0).integers(0, 256, X.shape, dtype=np.uint8)
    found = findings(
        seen(noise, Y, seed=1), seen(noise, np.random.default_rng(1).permutation(Y), seed=2)
    )
    assert found["LBL204"].evidence["faulty_side"] is None


def test_masks_beside_other_images() -> None:
    masks = (X > 128).astype(np.uint8)
    found = findings(seen(X, masks, seed=1), seen(X, np.roll(masks, 50, axis=0), seed=2))
    assert LABELS & set(found) == {"LBL204"}


def test_masks_with_a_plane_for_each_class_have_another_form() -> None:
    classes = (X > 128).astype(np.uint8) + (X > 200)
    planes = np.eye(3, dtype=np.float32)[classes[..., 0]]
    found = findings(seen(X, classes.astype(np.uint8), seed=1), seen(X, planes, seed=2))
    assert "LBL201" in found
    assert "LBL205" not in found


def test_masks_divided_by_255() -> None:
    masks = (X > 128).astype(np.float32) * 4
    found = findings(seen(X, masks, seed=1), seen(X, masks / 255, seed=2))
    assert LABELS & set(found) == {"LBL205"}
    assert "values from 0 to 4 in A" in found["LBL205"].sentence


@pytest.mark.parametrize("as_planes", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_masks_whose_classes_are_numbered_otherwise(dtype: str, as_planes: bool) -> None:
    classes = (X[..., 0] > 60).astype(int) + (X[..., 0] > 150)
    made = np.eye(3, dtype=dtype) if as_planes else np.arange(3).astype(dtype)
    a, b = (made[numbers[classes]] for numbers in (np.arange(3), np.array([1, 2, 0])))
    said = findings(seen(X, a, seed=1), seen(X, b, seed=2))["LBL205"].sentence
    assert "0->1, 1->2, 2->0" in said


def test_masks_of_as_many_values_in_other_classes_are_not_told_apart_by_them() -> None:
    even = np.tile(np.array([0, 1], np.uint8), (len(X), 32, 16))[..., None]
    said = findings(seen(X, even, seed=1), seen(X, 1 - even, seed=2))["LBL205"].sentence
    assert "->" not in said


@pytest.mark.parametrize("places", [1, -3, 90])
@pytest.mark.parametrize("kind", ["classes", "values"])
def test_labels_that_stand_some_places_away_are_said_to(kind: str, places: int) -> None:
    labels = Y if kind == "classes" else np.random.default_rng(0).normal(size=len(Y))
    moved = np.roll(labels, places)
    found = findings(seen(X, moved), seen(X, labels))
    if kind == "classes" and abs(places) > 64:
        assert "place" not in found["LBL204"].sentence
        return
    way = "later" if places > 0 else "earlier"
    named = f"the one {abs(places)} place{'s' if abs(places) > 1 else ''} {way}"
    assert found["LBL204"].sentence.endswith(named)


def test_sorted_labels_of_which_some_are_wrong_are_not_moved() -> None:
    labels = np.sort(Y)
    wrong = np.where(np.arange(len(Y)) % 60 == 7, (labels + 1) % 10, labels)
    found = findings(seen(X, labels), seen(X, wrong))
    assert "place" not in found["LBL205"].sentence


@pytest.mark.parametrize(
    ("says", "made"),
    [("log(1 + y)", np.log1p), ("log(y)", np.log), ("log10(y)", np.log10), ("sqrt(y)", np.sqrt)],
)
@pytest.mark.parametrize("left", [True, False])
def test_targets_of_which_one_side_takes_the_logarithm(says: str, made, left: bool) -> None:
    plain = np.random.default_rng(1).gamma(2, 30, len(Y)) + 0.5
    labels = (made(plain), plain) if left else (plain, made(plain))
    a, b = (seen(X, one.astype(np.float32), seed=1) for one in labels)
    side, other = ("A", "B") if left else ("B", "A")
    assert findings(a, b)["LBL205"].sentence.startswith(
        f"{side}'s labels are {says} of {other}'s ("
    )


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_some_wrong_labels(share: float) -> None:
    random = np.random.default_rng(0)
    wrong = random.random(len(Y)) < share
    other = np.where(wrong, (Y + random.integers(1, 10, len(Y))) % 10, Y)
    found = findings(seen(X, Y, seed=1), seen(X, other, seed=2))
    assert LABELS & set(found) == {"LBL205"}
    assert found["LBL205"].evidence["pairs_that_differ"] == wrong.sum()


def test_merged_classes() -> None:
    found = findings(seen(X, Y, seed=1), seen(X, Y // 5, seed=2))
    assert LABELS & set(found) == {"LBL205"}
    assert "merged" in found["LBL205"].sentence


def test_targets_on_another_scale() -> None:
    target = np.random.default_rng(0).normal(size=len(X))
    found = findings(seen(X, target, seed=1), seen(X, target * 2 + 1, seed=2))
    assert found["LBL205"].evidence["factor"] == pytest.approx(2)


def test_ages_in_another_unit_have_no_other_form() -> None:
    ages = np.random.default_rng(0).integers(1, 99, len(X)).astype(np.float32)
    found = findings(seen(X, ages, seed=1), seen(X, ages / 100, seed=2))
    assert found["LBL205"].evidence["factor"] == pytest.approx(0.01)
    assert "LBL201" not in found


def test_whole_numbers_as_floats_are_the_same_ones() -> None:
    counts = np.random.default_rng(0).permutation(len(X))
    found = findings(seen(X, counts, seed=1), seen(X, counts.astype(np.float32), seed=2))
    assert set(found) == {"LBL203"}


@pytest.mark.parametrize("steps", [1, 24])
def test_a_series_some_steps_later_was_not_shuffled(steps: int) -> None:
    noise = np.random.default_rng(0).normal(size=len(X) + steps)
    series = np.sin(np.arange(len(X) + steps) / 20) + noise / 10
    found = findings(seen(X, series[: len(X)], seed=1), seen(X, series[steps:], seed=2))
    assert LABELS & set(found) == {"LBL205"}


def test_values_that_were_shuffled_are_found() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=len(X))
    found = findings(seen(X, values, seed=1), seen(X, random.permutation(values), seed=2))
    assert LABELS & set(found) == {"LBL204"}


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32"])
def test_a_dtype_with_equal_values_is_a_note(dtype: str) -> None:
    found = findings(seen(X, Y, seed=1), seen(X, Y.astype(dtype), seed=2))
    assert set(found) == {"LBL203"}
    assert found["LBL203"].severity is Severity.NOTE
    assert found["LBL203"].evidence["values_equal"] is True


@pytest.mark.parametrize("draw", [None, flipped, cropped], ids=["still", "flipped", "cropped"])
@settings(max_examples=3, deadline=None)
@given(
    st.integers(1, 150), st.integers(0, 10_000), st.sampled_from(["index", "one-hot", "one class"])
)
def test_equal_labels_are_no_finding(draw, count: int, seed: int, form: str) -> None:
    x = np.random.default_rng(seed).permutation(X)[:count]
    y = {"index": Y[:count], "one-hot": np.eye(10)[Y[:count]], "one class": np.full(count, 4)}[form]
    one, other = (seen(x, y, seed=seed + s, draw=draw) for s in (0, 1))
    assert not findings(one, other)
    assert not compare(one, other, measures=[CATALOGUE["LBL204"]]).undecided


def test_few_pairs_by_likeness_leave_the_question_open() -> None:
    brighter = (X[:12] / np.float32(255)).astype(np.float32)
    wrong = Y[:12].copy()
    wrong[:6] = (wrong[:6] + np.arange(1, 7)) % 10
    report = compare(seen(X[:12], Y[:12]), seen(brighter, wrong), measures=[CATALOGUE["LBL204"]])
    assert not report.findings
    assert len(report.undecided) == 1


def test_copies_of_an_example_may_bear_several_labels() -> None:
    copies = np.concatenate([X[:40], X[:40]])
    labels = np.concatenate([Y[:40], (Y[:40] + 1) % 10])
    assert not findings(seen(copies, labels, seed=1), seen(copies, labels, seed=2))


def test_numbers_that_count_two_orders_are_no_names() -> None:
    order = np.random.default_rng(0).permutation(len(X))
    numbers = np.arange(len(X))
    found = findings(seen(X, Y, seed=1, ids=numbers), seen(X[order], Y[order], seed=2, ids=numbers))
    assert not LABELS & set(found)


@pytest.mark.parametrize("share", [0.02, 0.04])
def test_few_wrong_labels_beside_crops_are_not_passed_over(share: float) -> None:
    random = np.random.default_rng(round(1000 * share))
    wrong = random.random(len(Y)) < share
    other = np.where(wrong, (Y + random.integers(1, 10, len(Y))) % 10, Y)
    said = _told(seen(X, Y, seed=1, draw=cropped), seen(X, other, seed=2, draw=cropped))
    assert "LBL205" in said


def test_wrong_pairs_alone_leave_no_label_in_doubt() -> None:
    assert "LBL205" not in _told(seen(X, Y, seed=1, draw=cropped), seen(X, Y, seed=2, draw=cropped))


def _told(a: Trace, b: Trace) -> set[str]:
    report = compare(a, b, measures=[CATALOGUE["LBL205"]])
    return {one.code for one in (*report.findings, *report.undecided)}


@pytest.mark.parametrize("seed", seeds(2, quick=1))
def test_mixed_examples_are_told_by_their_labels_first(seed: int) -> None:
    random, eye = np.random.default_rng(seed), np.eye(10, dtype=np.float32)[Y]

    def mixed(side: int) -> Trace:
        share = random.beta(0.4, 0.4, len(X)).astype(np.float32)
        other = random.permutation(len(X))
        x = share[:, None, None, None] * X + (1 - share)[:, None, None, None] * X[other]
        y = share[:, None] * eye + (1 - share)[:, None] * eye[other]
        return seen(x.astype(np.float32), y, seed=side)

    plain = seen(X.astype(np.float32), eye, seed=9)
    first = compare(plain, mixed(1)).findings[0]
    assert first.code == "LBL201"
    assert "mixup" in first.sentence
    assert "LBL201" not in findings(mixed(2), mixed(3))


def test_smoothed_labels_are_not_mixed() -> None:
    eye = np.eye(10, dtype=np.float32)[Y]
    (found,) = compare(
        seen(X, eye), seen(X, eye * 0.9 + 0.01), measures=[CATALOGUE["LBL201"]]
    ).findings
    assert "smoothed one-hot" in found.sentence


@pytest.mark.parametrize("how", ["smoothed", "each", "batch"])
def test_labels_that_are_softer_on_one_side_are_named(how: str) -> None:
    random, eye = np.random.default_rng(1), np.eye(10, dtype=np.float32)[Y[:300]]

    def soft(much: float, seed: int) -> Trace:
        if how == "smoothed":
            share = np.full(300, 1 - much)
        else:  # mixed with a probability, by a share of each example or of its batch
            drawn = random.beta(0.4, 0.4, 300) if how == "each" else random.beta(2, 2, 300)
            drawn = drawn if how == "each" else np.repeat(drawn[::10], 10)
            share = np.where(random.random(300) < much, drawn, 1)
        y = share[:, None] * eye + (1 - share)[:, None] * np.roll(eye, 1, axis=0)
        y = y if how != "smoothed" else share[:, None] * eye + (1 - share)[:, None] / 10
        return seen(
            X[:300], y.astype(np.float32), batch_size=10, seed=seed if how == "each" else None
        )

    less, more = {"smoothed": (0.05, 0.2)}.get(how, (0.2, 0.9))
    (found,) = compare(soft(less, 1), soft(more, 2), measures=[CATALOGUE["LBL201"]]).findings
    shares = found.evidence["a_largest_entry_mean"], found.evidence["b_largest_entry_mean"]
    assert isinstance(shares[0], float)
    assert isinstance(shares[1], float)
    assert shares[0] > shares[1] + 0.05
    same = compare(soft(more, 3), soft(more, 4), measures=[CATALOGUE["LBL201"]])
    assert not same.findings


def _masked(seed: int, *, together: bool) -> Trace:
    """Pictures and masks that are mirrored at random, each by a draw of its own or by one."""
    random = np.random.default_rng(seed)
    images, masks = SCANS[:96], (SCANS[:96] > 90).astype(np.uint8)

    def open_epoch() -> Iterator[Batch]:
        drawn = random.random((2, 96)) < 0.5
        x, y = (
            np.where(flip[:, None, None, None], side[:, :, ::-1], side)
            for side, flip in zip((images, masks), drawn[[0, 0 if together else 1]], strict=True)
        )
        yield from (Batch(x[at : at + 32], y[at : at + 32]) for at in range(0, 96, 32))

    return observe(Feed(name="masked", open_epoch=open_epoch), budget=Budget(timing_s=0.01))


def test_masks_that_both_sides_flip_apart_differ_by_their_own_draws() -> None:
    apart, other = _masked(1, together=False), _masked(2, together=False)
    assert not LABELS & set(findings(apart, other))
    assert "LBL205" in findings(_masked(3, together=True), other)


def test_a_window_of_targets_is_no_picture() -> None:
    steps = np.random.default_rng(0).normal(size=(120, 30, 1)).astype(np.float32)
    found = findings(seen(steps, steps + 1), seen(steps, steps[:, -1]))["LBL201"]
    assert "A's labels are series (float32) of shape (30, 1)" in found.sentence


def test_two_values_that_change_places_are_near_copies_paired_crosswise() -> None:
    pictures, values = SCANS[:60], np.arange(60, dtype=np.float32) / 7
    a = seen(pictures, values, seed=1, draw=flipped)

    def of(labels: np.ndarray) -> set[str]:
        return set(findings(a, seen(pictures, labels, seed=2, draw=flipped)))

    exchanged, wrong, reversed_ = values.copy(), values.copy(), values[::-1].copy()
    exchanged[[3, 7, 11, 20, 30, 42]] = values[[7, 3, 20, 11, 42, 30]]
    wrong[[3, 7, 11, 20, 30, 42]] += 100
    assert not {"LBL204", "LBL205"} & of(exchanged)
    assert {"LBL204", "LBL205"} & of(wrong)
    assert {"LBL204", "LBL205"} & of(reversed_)


def test_what_a_prediction_leaves_aside_has_no_form() -> None:
    classes, none = seen(X, Y), seen(X)
    assert "LBL201" in findings(classes, none)
    predicted = replace(classes, role="predict"), replace(none, role="predict")
    assert "LBL201" not in findings(*predicted)
    assert "LBL201" not in findings(classes, predicted[1])


def test_no_pairs_are_crossed_where_there_are_none() -> None:
    assert _crosswise(np.zeros(0), np.zeros(0)).shape == (0,)
