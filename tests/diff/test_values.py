"""Scales are named, and no two measures say the same."""

from __future__ import annotations

from collections.abc import Callable

import grain
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.seen import (
    CLASSES,
    COLOURED,
    SCANS,
    Draw,
    brightened,
    cropped,
    findings,
    flipped,
    seen,
)
from twinfeed import as_feed
from twinfeed._core.finding import Severity
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._scaling import scaling
from twinfeed.observe import Budget, observe

COUNT = 200
UNIT = (SCANS / np.float32(255))[:COUNT]
LEVELS = SCANS[:COUNT]
RGB = COLOURED[:100].astype(np.float32)
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
SCALES = {"VAL201", "VAL202", "VAL203"}
DRAWS: dict[str, Draw | None] = {
    "as they are": None,
    "flipped": flipped,
    "cropped": cropped,
    "brightened": brightened,
}


def caffe(x: np.ndarray) -> np.ndarray:
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)


def torch(x: np.ndarray) -> np.ndarray:
    return ((x / 255 - MEAN) / STD).astype(np.float32)


def per_image(x: np.ndarray) -> np.ndarray:
    axes = (1, 2, 3)
    return (x - x.mean(axes, keepdims=True)) / x.std(axes, keepdims=True)


NAMED: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "1/255": (lambda x: x / 255, "scaled by 1/255"),
    "-1..1": (lambda x: x / 127.5 - 1, "scaled to -1..1"),
    "caffe": (caffe, "caffe"),
    "torch": (torch, "torch"),
    "each image": (per_image, "standardised image by image"),
    "data set": (lambda x: (x - x.mean((0, 1, 2))) / x.std((0, 1, 2)), "over the data set"),
    "centred": (lambda x: x - x.mean((0, 1, 2)), "centred over the data set"),
}


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
@settings(max_examples=3, deadline=None)
@given(st.integers(1, 150), st.integers(0, 2**32 - 1))
def test_a_feed_equals_its_shuffled_copy(draw: Draw | None, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    at = random.permutation(COUNT)[:count]
    one, other = (seen(UNIT[at], CLASSES[at], seed=s, draw=draw) for s in (seed, seed + 1))
    assert not findings(one, other)


@pytest.mark.parametrize(
    ("draw", "other"), [(None, cropped), (None, brightened), (cropped, brightened)]
)
def test_augmentation_is_no_scale(draw: Draw | None, other: Draw) -> None:
    assert not findings(
        seen(UNIT, CLASSES, seed=1, draw=draw), seen(UNIT, CLASSES, seed=2, draw=other)
    )


@pytest.mark.parametrize(("change", "name"), NAMED.values(), ids=NAMED)
def test_a_normalisation_is_named(change: Callable[[np.ndarray], np.ndarray], name: str) -> None:
    found = findings(seen(RGB, CLASSES[:100], seed=1), seen(change(RGB), CLASSES[:100], seed=2))
    assert set(found) & (SCALES | {"GEO202"}) == {"VAL203"}
    assert found["VAL203"].evidence["a_normalisation"] == "levels 0..255"
    assert name in str(found["VAL203"].evidence["b_normalisation"])


@pytest.mark.parametrize("draw", [flipped, cropped, brightened], ids=["flip", "crop", "bright"])
def test_a_normalisation_is_named_under_augmentation(draw: Draw) -> None:
    found = findings(
        seen(LEVELS, CLASSES[:COUNT], seed=1), seen(UNIT, CLASSES[:COUNT], seed=2, draw=draw)
    )
    assert set(found) & SCALES == {"VAL203"}
    assert found["VAL203"].evidence["b_normalisation"] == "scaled by 1/255"


def test_two_presets_are_both_named() -> None:
    found = findings(seen(caffe(RGB), seed=1), seen(torch(RGB), seed=2))
    assert set(found) == {"VAL203"}
    assert "caffe" in str(found["VAL203"].evidence["a_normalisation"])
    assert "torch" in str(found["VAL203"].evidence["b_normalisation"])


@settings(max_examples=5, deadline=None)
@given(st.floats(0.05, 20), st.floats(-3, 3), st.integers(0, 1000))
def test_a_line_is_recovered(factor: float, offset: float, seed: int) -> None:
    if abs(np.log(factor)) < 0.01 or abs(offset) < 0.01:
        return
    scaled = (UNIT * factor + offset).astype(np.float32)
    found = findings(seen(UNIT, seed=seed), seen(scaled, seed=seed + 1))
    assert len(set(found) & SCALES) == 1
    evidence = next(found[code] for code in SCALES & set(found)).evidence
    assert evidence["factor"] == pytest.approx(factor, rel=1e-3)
    assert evidence["offset"] == pytest.approx(offset, abs=1e-3 * (1 + factor))


def test_dividing_twice_is_said() -> None:
    found = findings(seen(UNIT, seed=1), seen(UNIT / 255, seed=2))
    assert set(found) & SCALES == {"VAL202"}
    assert found["VAL202"].evidence["scaled_again"] == "B"
    assert "1/255" in found["VAL202"].sentence


def test_256_for_255_is_a_note() -> None:
    found = findings(seen(UNIT, seed=1), seen((LEVELS / 256).astype(np.float32), seed=2))
    assert set(found) == {"VAL202"}
    assert found["VAL202"].severity is Severity.NOTE
    assert "255/256" in found["VAL202"].sentence


@pytest.mark.slow
@pytest.mark.parametrize("span", [pytest.param(0.03, marks=pytest.mark.slow), 0.2])
def test_256_for_255_is_seen_beside_brightness_of_each_example(span: float) -> None:
    drawn = np.random.default_rng(5)

    def brighter(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
        return (x + drawn.uniform(-span, span, (len(x), 1, 1, 1))).astype(np.float32)

    def cut(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.clip(brighter(x, random), 0, 1)

    plain, other = seen(UNIT, seed=1), seen((LEVELS / 256).astype(np.float32), draw=brighter)
    found = findings(plain, other)["VAL202"]
    assert found.evidence["factor"] == pytest.approx(255 / 256, rel=1e-4)
    assert "plus" not in found.sentence
    assert "less" not in found.sentence
    # Cut off, the brighter examples have less contrast: that is no factor of all.
    assert not set(findings(plain, seen(UNIT, draw=cut))) & SCALES


@pytest.mark.slow
def test_no_offset_is_told_by_chance_beside_brightness_of_each_example() -> None:
    def brighter(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return x + random.uniform(-0.2, 0.2, (len(x), 1, 1, 1)).astype(np.float32)

    plain, other = seen(UNIT[:60], seed=1), (LEVELS[:60] / 256).astype(np.float32)
    told = [
        name
        for seed in range(12)
        for name, value in findings(plain, seen(other, seed=seed, draw=brighter))[
            "VAL202"
        ].evidence.items()
        if name == "offset" and value
    ]
    assert not told


def test_brightness_in_levels_on_a_range_of_one_is_no_normalisation() -> None:
    def far(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return x + random.uniform(-60, 60, (len(x), 1, 1, 1)).astype(np.float32)

    for seed in range(2):
        found = findings(seen(UNIT, seed=1), seen(UNIT, seed=seed, draw=far))
        assert set(found) & SCALES == {"VAL201"}


Whole = Callable[[np.ndarray], np.ndarray]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: x - x.mean(axis=0), "centred batch by batch"),
        (lambda x: x - x.mean(), "centred batch by batch"),
        (lambda x: (x - x.mean()) / x.std(), "standardised batch by batch"),
    ],
    ids=["at each point", "over all points", "and its spread"],
)
@pytest.mark.parametrize("seed", [pytest.param(None, marks=pytest.mark.slow), 1])
def test_what_depends_on_the_batch_is_named_so(change: Whole, said: str, seed: int | None) -> None:
    def of_batch(x: np.ndarray, _random: np.random.Generator) -> np.ndarray:
        return change(x.astype(np.float64)).astype(np.float32)

    measures = [one for one in CATALOGUE.values() if one.code[:3] in {"VAL", "AUG"}]
    changed = seen(UNIT, seed=seed, draw=of_batch)
    report = compare(seen(UNIT, seed=2), changed, measures=measures)
    (found,) = [each for each in report.findings if each.code == "VAL203"]
    assert found.evidence["b_normalisation"] == said
    # Who shares a batch changes what is taken out: that is no augmentation.
    assert not [each.code for each in report.findings if each.code.startswith("AUG")]
    other = seen(UNIT, seed=3, draw=of_batch)
    both = compare(other, seen(UNIT, seed=1, draw=of_batch), measures=measures)
    assert not both.findings


def test_one_batch_of_all_is_centred_over_the_set() -> None:
    x = (UNIT - UNIT.mean(dtype=np.float64)).astype(np.float32)
    found = findings(seen(UNIT), seen(x, batch_size=len(x)))
    assert "batch" not in str(found["VAL203"].evidence["b_normalisation"])


def test_values_that_a_normalisation_puts_there_are_not_pushed_out_of_a_range() -> None:
    standard = ((RGB / 255 - MEAN) / STD).astype(np.float32)
    left, right = seen(standard, seed=1, draw=flipped), seen(RGB / 127.5 - 1, seed=2, draw=flipped)
    codes = {found.code for found in compare(left, right).findings}
    assert "VAL203" in codes
    assert "AUG207" not in codes


def test_a_normalisation_keeps_its_name_where_detail_was_lost() -> None:
    smooth = RGB.reshape(100, 4, 8, 4, 8, 3).mean(axis=(2, 4)).repeat(8, 1).repeat(8, 2)
    mixed = 0.9 * RGB + 0.1 * smooth  # a little softer, so of a little less spread
    twins = Twins(seen(RGB), seen(((mixed / 255 - MEAN) / STD).astype(np.float32)))
    assert scaling(twins).right == "torch (ImageNet mean and std)"


def test_a_factor_that_depends_on_the_example() -> None:
    raw = np.arange(len(UNIT)) % 7 == 0
    mixed = np.where(raw[:, None, None, None], UNIT * 255, UNIT)
    found = findings(seen(UNIT, seed=1), seen(mixed, seed=2))
    assert set(found) & SCALES == {"VAL202"}
    assert "depends on the example" in found["VAL202"].sentence


def test_a_grey_in_three_channels_is_no_factor_of_each_example() -> None:
    random = np.random.default_rng(3)
    hues = UNIT * random.uniform(0.6, 1, (len(UNIT), 1, 1, 3)).astype(np.float32)
    numbers = UNIT * random.uniform(0.1, 1, (len(UNIT), 1, 1, 1)).astype(np.float32)  # of palettes
    found = findings(seen(hues, seed=1), seen(np.repeat(numbers, 3, axis=-1), seed=2))
    assert "GEO203" in found
    assert "VAL202" not in found


def test_a_grey_of_colours_is_no_offset_of_each_channel() -> None:
    random = np.random.default_rng(3)
    coloured = 0.8 * UNIT + random.normal(0, 0.05, (len(UNIT), 1, 1, 3)) + [0.1, 0.06, 0.02]
    grey = coloured @ [[0.299], [0.587], [0.114]]
    found = findings(
        seen(coloured.astype(np.float32)), seen(np.repeat(grey, 3, -1).astype(np.float32))
    )
    assert "GEO203" in found
    assert not SCALES & set(found)


def test_a_level_of_dark_pictures_is_a_note() -> None:
    dark = 90 + 0.2 * LEVELS
    found = findings(seen(dark.astype(np.float32)), seen((dark + 1.2).astype(np.float32)))
    assert found["VAL202"].severity is Severity.NOTE


def test_gains_drawn_once_for_all_epochs_are_no_difference() -> None:
    def dimmed(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return (x * np.exp(random.uniform(-1.5, 1.5))).astype(np.float32)

    def feed(seed: int) -> grain.MapDataset[np.ndarray]:
        # grain draws from its seed, so that each epoch repeats what the one before it showed.
        return grain.MapDataset.source(list(UNIT)).random_map(dimmed, seed=seed).batch(50)

    traces = [observe(as_feed(feed(seed)), budget=Budget(timing_s=0.01)) for seed in (1, 2)]
    assert not set(findings(*traces)) & SCALES


def test_ranges_differ_where_nothing_is_paired() -> None:
    found = findings(seen(UNIT[:80], seed=1), seen(LEVELS[80:].astype(np.float32)[:, ::-1], seed=2))
    assert len(set(found) & SCALES) == 1


def test_columns_of_a_table_have_a_line_each() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(300, 12)).astype(np.float32)
    names = np.arange(300)
    other = table * np.linspace(0.5, 3, 12, dtype=np.float32)
    found = findings(seen(table, seed=1, ids=names), seen(other, seed=2, ids=names))
    assert set(found) & SCALES == {"VAL202"}
    assert found["VAL202"].evidence["factor_11"] == pytest.approx(3, rel=1e-3)
    assert not findings(seen(table, seed=1, ids=names), seen(table, seed=2, ids=names))


def test_pictures_centred_one_by_one_are_named_so() -> None:
    centred = UNIT - UNIT.mean(axis=(1, 2, 3), keepdims=True)
    found = findings(seen(centred, seed=1), seen(UNIT - UNIT.mean(), seed=2))
    assert set(found) & SCALES == {"VAL203"}
    assert "A's values are centred image by image" in found["VAL203"].sentence


def test_negatives_among_others_are_named() -> None:
    mixed = np.where(np.arange(len(UNIT))[:, None, None, None] % 3 == 0, 1 - UNIT, UNIT)
    found = findings(seen(UNIT, seed=1), seen(mixed, seed=2))
    assert "from -1 to 1" in found["VAL202"].sentence


def test_columns_in_another_order_are_no_line() -> None:
    random = np.random.default_rng(0)
    table = (random.normal(size=(300, 12)) * np.linspace(0.1, 50, 12)).astype(np.float32)
    order, names = random.permutation(12), np.arange(300)
    found = findings(seen(table, seed=1, ids=names), seen(table[:, order] * 2, seed=2, ids=names))
    assert found["GEO202"].evidence["order"] == str(tuple(order.tolist()))
    assert set(found["VAL202"].evidence.items()) >= {(f"factor_{c}", 2.0) for c in range(12)}
    assert "VAL206" not in found


def test_rows_that_no_column_explains_are_no_line_either() -> None:
    random = np.random.default_rng(0)
    tokens = [random.integers(1, 5000, length) for length in random.integers(5, 40, 300)]
    front, back = np.zeros((2, 300, 40), np.int64)
    for row, each in enumerate(tokens):
        front[row, 40 - len(each) :], back[row, : len(each)] = each, each
    found = findings(
        seen(front, seed=1, ids=np.arange(300)), seen(back, seed=2, ids=np.arange(300))
    )
    assert "VAL206" in found
    assert "VAL202" not in found


def test_whole_numbers_one_further_are_other_things() -> None:
    tokens = np.random.default_rng(0).zipf(1.3, (300, 40)).clip(1, 9999)
    found = findings(seen(tokens, seed=1), seen(tokens + 3, seed=2))
    assert found["VAL202"].severity is Severity.WARNING
    assert "B's values are A's plus 3" in found["VAL202"].sentence


@pytest.mark.parametrize(("left", "right", "severity"), [
    ("uint8", "float32", Severity.NOTE),
    ("float32", "float64", Severity.NOTE),
    ("float32", "float16", Severity.WARNING),
])  # fmt: skip
def test_dtypes(left: str, right: str, severity: Severity) -> None:
    found = findings(seen(LEVELS.astype(left), seed=1), seen(LEVELS.astype(right), seed=2))
    assert set(found) == {"VAL204"}
    assert found["VAL204"].severity is severity


@settings(max_examples=6, deadline=None)
@given(st.integers(0, COUNT - 1), st.integers(0, 31), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_one_value_that_is_not_finite(example: int, place: int, value: float) -> None:
    broken = UNIT.copy()
    broken[example, place, place // 2] = value
    found = findings(seen(UNIT, CLASSES[:COUNT], seed=1), seen(broken, CLASSES[:COUNT], seed=2))
    assert set(found) == {"VAL205"}
    assert found["VAL205"].severity is Severity.ERROR
    assert found["VAL205"].evidence["side"] == "B"


def test_mean_and_spread_speak_where_no_whole_example_is_on_both_sides() -> None:
    one, other = (
        seen(x, CLASSES[:COUNT], seed=s, keep_bytes=1) for s, x in ((1, LEVELS), (2, UNIT))
    )
    found = findings(one, other)
    assert set(found) & SCALES == {"VAL203"}
    assert found["VAL203"].evidence["basis"] == "moments"
    again = seen(UNIT, CLASSES[:COUNT], seed=3, draw=brightened, keep_bytes=1)
    assert not findings(other, again)


def test_one_nan_in_a_large_image() -> None:
    large = np.random.default_rng(0).random((20, 200, 200, 1), np.float32)
    broken = large.copy()
    broken[7, 101, 53] = np.nan
    assert "VAL205" in findings(seen(large, seed=1), seen(broken, seed=2))


def test_inputs_without_a_value_have_none_to_compare() -> None:
    nothing = np.zeros((40, 0), np.float32)
    assert not findings(seen(nothing), seen(nothing)).keys() & SCALES


def test_values_that_are_not_finite_on_both_sides_are_no_difference() -> None:
    broken = UNIT.copy()
    broken[::9, 3, 3] = np.nan
    assert not findings(
        seen(broken, CLASSES[:COUNT], seed=1), seen(broken, CLASSES[:COUNT], seed=2)
    )


SHIFTED = np.roll(COLOURED[:100], 1, axis=2)
BLURRED = (COLOURED[:100].astype(float) + SHIFTED) / 2


# Half of both is a picture between the two places: half a pixel is where a resize puts its grid.
@pytest.mark.parametrize(
    ("other", "code"),
    [(SHIFTED, "PIX206"), (BLURRED, "PIX207")],
    ids=["moved by a pixel", "blurred"],
)
@pytest.mark.parametrize("scale", [1, 255])
def test_pictures_that_differ_in_detail_are_not_called_the_same(
    other: np.ndarray, code: str, scale: int
) -> None:
    found = findings(
        seen(COLOURED[:100], CLASSES[:100], seed=1), seen(other / scale, CLASSES[:100], seed=2)
    )
    assert found[code].severity is Severity.WARNING
    assert not {"PIX206", "PIX207"} - {code} & set(found)
    assert "VAL206" not in found


def test_rounding_is_no_difference_in_detail() -> None:
    fine = np.float32(COLOURED[:100]) + np.float32(0.49)
    left, right = (seen(x, CLASSES[:100], seed=1) for x in (fine, fine.astype(np.uint8)))
    assert "VAL206" not in findings(left, right)


def test_series_scaled_to_their_own_peak_have_no_other_shape() -> None:
    random = np.random.default_rng(3)
    waves = random.normal(size=(40, 160, 1)) * np.exp(random.normal(size=(40, 1, 1)))
    peaks = waves / np.abs(waves).max(axis=1, keepdims=True)
    found = findings(seen(waves.astype(np.float32)), seen(peaks.astype(np.float32)))
    assert {"VAL202", "VAL206"} & set(found) == {"VAL202"}


def test_many_columns_are_said_in_short_and_their_range_is_no_levels() -> None:
    random = np.random.default_rng(0)
    table = random.gamma(2.0, 40.0, (300, 24)).astype(np.float32)
    own = random.uniform(1.1, 2.0, 24).astype(np.float32)
    scaled = findings(seen(table), seen(table * own))["VAL202"]
    assert "(24 columns, each its own)" in scaled.sentence
    assert scaled.evidence["factor_23"] == pytest.approx(own[23], rel=0.01)
    standard = (table - table.mean(axis=0)) / table.std(axis=0)
    sentence = findings(seen(standard), seen(table))["VAL203"].sentence
    assert "levels" not in sentence
    assert "B's run from" in sentence


def test_pictures_that_are_stretched_each_by_itself_before_a_resize_have_factors_of_their_own() -> (
    None
):
    """Means of neighbours leave neither end of the range in place."""
    random = np.random.default_rng(5)
    rough = random.normal(size=(60, 32, 32, 3)) + random.normal(size=(60, 4, 4, 3)).repeat(
        8, 1
    ).repeat(8, 2)
    levels = 128 + 60 * np.tanh(rough) * random.uniform(0.35, 1, (60, 1, 1, 1))
    low, high = (end(axis=(1, 2, 3), keepdims=True) for end in (levels.min, levels.max))
    sides = [
        side.reshape(60, 16, 2, 16, 2, 3).mean(axis=(2, 4)).astype(np.float32)
        for side in (levels / 255, (levels - low) / (high - low))
    ]
    found = findings(*(seen(side) for side in sides))
    assert set(found) & SCALES == {"VAL202"}
    assert "depends on the example" in found["VAL202"].sentence


def test_a_factor_of_each_example_is_told_behind_a_normalisation() -> None:
    """Its line for all leaves more than there is, and its ranges are those of no name."""
    dim = RGB * np.random.default_rng(5).choice([0.1, 0.3, 1], (len(RGB), 1, 1, 1))
    peak = dim.max(axis=(1, 2, 3), keepdims=True)
    sides = [((side - MEAN) / STD).astype(np.float32) for side in (dim / 255, dim / peak)]
    found = findings(*(seen(side) for side in sides))
    assert set(found) & SCALES == {"VAL202"}
    assert "depends on the example" in found["VAL202"].sentence


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda x: 255 * (x / 255) ** 0.6,
        lambda x: (x + np.roll(x, 1, axis=1)) / 2,
        pytest.param(
            lambda x: x + np.random.default_rng(0).normal(0, 6, x.shape), marks=pytest.mark.slow
        ),
        pytest.param(lambda x: np.clip(1.6 * x, 0, 255), marks=pytest.mark.slow),
    ],
    ids=["curve", "softer", "noise", "cut off"],
)
def test_what_is_no_factor_of_each_example(change: Callable[[np.ndarray], np.ndarray]) -> None:
    dim = RGB * np.random.default_rng(5).uniform(0.3, 1, (len(RGB), 1, 1, 1))
    sides = [seen(side.astype(np.float32)) for side in (dim, change(dim))]
    for left, right in (sides, sides[::-1]):
        found = compare(left, right, measures=[CATALOGUE["VAL202"]]).findings
        assert not any("depends on the example" in each.sentence for each in found)
