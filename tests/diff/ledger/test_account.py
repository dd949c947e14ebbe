"""The ledger gives a planted step its share, and sums to one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from tests.diff.replay.material import image_library, photograph
from tests.diff.seen import findings, flipped, seen
from twinfeed._core.results import Ledger
from twinfeed.diff import compare
from twinfeed.diff._ledger._account import Account, account
from twinfeed.diff._twins import Twins

COUNT, SIDE = 32, 48
PHOTOS = np.stack([photograph(SIDE, SIDE, seed) for seed in range(COUNT)])
NAMES = np.array([f"{number}.png" for number in range(COUNT)])
Plant = Callable[[np.ndarray], np.ndarray]


def jpeg(pictures: np.ndarray, quality: int = 75) -> np.ndarray:
    image = image_library()
    found: list[np.ndarray] = []
    for picture in pictures:
        data = io.BytesIO()
        image.fromarray(picture).save(data, "JPEG", quality=quality)
        found.append(np.asarray(image.open(io.BytesIO(data.getvalue()))))
    return np.stack(found)


def cropped(pictures: np.ndarray) -> np.ndarray:
    image = image_library()
    box = (SIDE * 0.1, SIDE * 0.1, SIDE * 0.9, SIDE * 0.9)
    way: Any = image.Resampling.BILINEAR
    return np.stack([image.fromarray(p).resize((SIDE, SIDE), way, box=box) for p in pictures])


def softened(pictures: np.ndarray) -> np.ndarray:
    padded = np.pad(pictures.astype(np.float32), ((0, 0), (1, 1), (1, 1), (0, 0)), "edge")
    rows = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    return (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4


def half_size(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(COUNT, SIDE // 2, 2, SIDE // 2, 2, 3).mean(axis=(2, 4))


PLANTED: dict[str, tuple[Plant, str, str]] = {
    "layout": (lambda x: x.transpose(0, 3, 1, 2), "layout", "B's channels come first"),
    "size": (half_size, "size", "B's 24 x 24"),
    "mirrored": (
        lambda x: np.where((np.arange(COUNT) % 2)[:, None, None, None], x[:, :, ::-1], x),
        "orientation",
        "16 mirrored left to right",
    ),
    "turned": (
        lambda x: np.stack([np.rot90(p, -1) if i % 4 == 0 else p for i, p in enumerate(x)]),
        "orientation",
        "8 turned by 90 degrees",
    ),
    "cropped": (cropped, "crop and scale", "B shows 80% of A's height and 80% of its width"),
    "channels": (lambda x: x[..., ::-1], "channels", "red and blue change places"),
    "grey": (
        lambda x: x @ np.array([[0.299], [0.587], [0.114]], np.float32),
        "channels",
        "times 0.299, 0.587, 0.114",
    ),
    "grey in three": (
        lambda x: np.repeat(x @ np.array([[0.299], [0.587], [0.114]], np.float32), 3, -1),
        "channels",
        "one grey, A's red, green and blue times 0.299, 0.587, 0.114",
    ),
    "1/255": (lambda x: x / np.float32(255), "values", "B's scaled by 1/255"),
    "-1..1": (lambda x: x / np.float32(127.5) - 1, "values", "B's scaled to -1..1"),
    "each image": (
        lambda x: (x - x.mean((1, 2, 3), keepdims=True)) / x.std((1, 2, 3), keepdims=True),
        "values",
        "standardised image by image",
    ),
    "gamma": (lambda x: 255 * (x / np.float32(255)) ** 2.2, "tone curve", "power of about 2.2"),
    "levels": (lambda x: x // 16 * 16, "levels", "B's values are of 16 levels"),
    "encoded": (jpeg, "encoding", "quality about 75"),
    "softer": (softened, "sharpness", "B is softer"),
}


def of(a: np.ndarray, b: np.ndarray) -> Account | None:
    return account(Twins(seen(a, seed=1, ids=NAMES), seen(b, seed=2, ids=NAMES)))


def total(ledger: Ledger) -> float:
    return sum(share.share for share in ledger.shares) + ledger.unexplained


@pytest.mark.parametrize(("plant", "step", "says"), PLANTED.values(), ids=PLANTED)
def test_a_planted_step_gets_nearly_all(plant: Plant, step: str, says: str) -> None:
    found = of(PHOTOS, plant(PHOTOS))
    assert found is not None
    ledger = found.ledger
    share = next(share for share in ledger.shares if share.step == step)
    assert says in share.says
    assert share.share > 0.8
    assert share.low <= share.share <= share.high
    assert share.pairs == ledger.pairs == ledger.fitted_pairs == COUNT // 2
    assert total(ledger) == 1.0


def test_caffe_is_two_steps() -> None:
    caffe = PHOTOS[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
    found = of(PHOTOS, caffe)
    assert found is not None
    assert [share.step for share in found.ledger.shares] == ["channels", "values"]
    assert "caffe" in found.ledger.shares[1].says
    assert found.ledger.unexplained < 1e-6
    assert total(found.ledger) == 1.0


def test_a_power_has_an_exponent_with_an_interval() -> None:
    some, names = PHOTOS[:16, :24, :24], NAMES[:16]
    bent = (some / np.float32(255)) ** np.float32(1 / 1.8)
    found = findings(seen(some, ids=names), seen(bent, ids=names))["PIX208"]
    low, power, high = (found.evidence[key] for key in ("power_low", "power", "power_high"))
    assert isinstance(low, float)
    assert isinstance(power, float)
    assert isinstance(high, float)
    assert low <= power <= high
    assert power == pytest.approx(1 / 1.8, rel=2e-3)
    assert f"95 % interval {low:.4g} to {high:.4g}" in found.sentence


def evened(pictures: np.ndarray) -> np.ndarray:
    """Each channel of each picture with an even histogram."""
    made = np.empty_like(pictures)
    for at in np.ndindex(len(pictures), pictures.shape[-1]):
        one = pictures[at[0], ..., at[1]]
        below = np.bincount(one.ravel(), minlength=256).cumsum()
        made[at[0], ..., at[1]] = (255 * (below / below[-1]))[one]
    return made


@pytest.mark.slow
def test_even_histograms_are_a_curve_in_each_picture() -> None:
    random = np.random.default_rng(4)
    dim = 40 + (PHOTOS * random.uniform(0.2, 0.6, (COUNT, 1, 1, 1))).astype(np.uint8)
    found = findings(seen(dim, ids=NAMES), seen(evened(dim), ids=NAMES))
    assert found["PIX208"].sentence.startswith("B's values follow a curve over A's, another one")
    assert not {"VAL202", "VAL203", "VAL206"} & set(found)


def test_one_curve_for_all_is_not_told_of_each() -> None:
    account = of(PHOTOS, (255 * (PHOTOS / 255) ** 1.8).astype(np.float32))
    assert account is not None
    assert "of_each" not in account.kept[0].facts


@pytest.mark.slow
def test_pictures_of_much_contrast_are_not_stretched_one_by_one() -> None:
    around = ndimage.uniform_filter(PHOTOS.astype(np.float32), (0, 9, 9, 0))
    local = PHOTOS - 0.8 * around
    low, high = (end(local, axis=(1, 2, 3), keepdims=True) for end in (np.min, np.max))
    local = (local - low) / (high - low)
    assert local.max() == 1
    light = np.random.default_rng(5).uniform(0.3, 1, (COUNT, 1, 1, 1)).astype(np.float32)
    others = findings(seen(light * PHOTOS / np.float32(255), ids=NAMES), seen(local, ids=NAMES))
    assert "VAL206" in others
    assert "VAL203" not in others


def test_softened_print_follows_no_curve() -> None:
    random = np.random.default_rng(6)
    ink = random.random((COUNT, 24, 24, 1)).repeat(4, axis=1).repeat(4, axis=2) < 0.25
    page = (230 - 190 * ink + random.normal(0, 2, (*ink.shape[:3], 3))).astype(np.float32)
    sharp, soft = (
        ndimage.gaussian_filter(page, (0, width, width, 0))[:, ::2, ::2] for width in (0.8, 1.6)
    )
    for pair in ((soft, sharp), (sharp, soft)):
        found = of(*pair)
        assert found is not None
        assert [share.step for share in found.ledger.shares] == ["sharpness"]


def test_stairs_are_no_curve() -> None:
    found = of(PHOTOS, PHOTOS // 16 * 16 / np.float32(255))
    assert found is not None
    assert [share.step for share in found.ledger.shares] == ["values", "levels"]
    assert "B's scaled by 1/255" in found.ledger.shares[0].says
    assert "B's values are of 16 levels, A's 256" in found.ledger.shares[1].says


def test_the_upper_byte_of_sixteen_bits_is_fewer_levels() -> None:
    random = np.random.default_rng(1)
    deep = np.clip(
        PHOTOS.astype(np.float64) * 257 + random.uniform(-128, 128, PHOTOS.shape), 0, 65535
    )
    deep = np.rint(deep).astype(np.uint16)
    found = of((deep / 65535).astype(np.float32), ((deep >> 8) / 255).astype(np.float32))
    assert found is not None
    assert [kept.step for kept in found.kept] == ["levels"]
    assert found.kept[0].facts["cut_off"] is True
    assert found.ledger.unexplained < 0.05


def test_a_scale_that_cuts_off_the_brightest_is_no_curve_and_no_jpeg() -> None:
    light = np.square(PHOTOS / np.float32(255)) / 4
    light[np.random.default_rng(0).random(light.shape[:3]) < 0.005] *= 4
    found = of(light, (2.5 * light).clip(0, 1))
    assert found is not None
    assert [share.step for share in found.ledger.shares] == ["values"]
    assert found.ledger.unexplained < 0.1


def test_what_no_step_explains_is_left_over() -> None:
    noise = np.random.default_rng(5).normal(0, 20, PHOTOS.shape)
    found = of(PHOTOS, (PHOTOS + noise).astype(np.float32))
    assert found is not None
    assert found.ledger.unexplained > 0.95
    assert total(found.ledger) == 1.0


def test_equal_feeds_have_no_ledger() -> None:
    assert of(PHOTOS, PHOTOS.copy()) is None


def test_chance_on_a_side_has_no_ledger() -> None:
    left = seen(PHOTOS, seed=1, ids=NAMES, draw=flipped)
    assert account(Twins(left, seen(PHOTOS, seed=2, ids=NAMES, draw=flipped))) is None


def test_report_carries_it() -> None:
    left, right = (seen(x, ids=NAMES) for x in (PHOTOS, PHOTOS / np.float32(255)))
    ledger = compare(left, right).ledger
    assert ledger is not None
    assert [share.step for share in ledger.shares] == ["values"]


@pytest.mark.slow
@pytest.mark.parametrize("quality", [60, 83])
def test_pictures_encoded_again_are_told_beside_a_normalisation(quality: int) -> None:
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    again = ((jpeg(PHOTOS, quality) / 255 - mean) / std).astype(np.float32)
    for left, right in ((PHOTOS, again), (again, PHOTOS)):
        found = {each.code: each for each in compare(seen(left), seen(right)).findings}
        assert found["PIX204"].evidence["quality"] == quality
        assert {"VAL202", "VAL203"} & set(found)


def test_the_nearest_points_of_a_third_are_sharper_and_not_cut_elsewhere() -> None:
    image = image_library()
    large = [photograph(96, 96, number) for number in range(64)]
    large = [ndimage.gaussian_filter(one, (0.7, 0.7, 0)) for one in large]
    way: Any = image.Resampling.BILINEAR
    smooth = np.stack([np.asarray(image.fromarray(one).resize((32, 32), way)) for one in large])
    names = np.array([f"{number}.png" for number in range(64)])
    corners = np.stack([one[::3, ::3] for one in large])
    found = account(Twins(seen(smooth, seed=1, ids=names), seen(corners, seed=2, ids=names)))
    assert found is not None
    kept = found.of("sharpness")
    assert kept is not None
    assert "B is sharper" in kept.says
    assert found.of("crop and scale") is None
