"""Pictures that both sides draw anew: what sets them apart as a whole, and which way round they are."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from tests.calibration.augmenting import moved, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

_PHOTOS = np.stack([photograph(48, 48, seed) for seed in range(72)])
_LIT = np.linspace(1.2, 0.5, 48)[:, None, None]
"""Light falls from above, as in most photos, so that it shows which way round they are."""


def _shifted(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    image = moved(image, shift=tuple(random.uniform(-0.1, 0.1, 2)), mode="nearest")
    return image[:, ::-1] if random.random() < 0.5 else image


def _both_drawn(left: np.ndarray, right: np.ndarray) -> Report:
    sides = [transformed(x, _shifted, seed=seed, batch=8) for seed, x in enumerate((left, right))]
    return compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))


def _each(change: Callable[[Image.Image], Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(one))) for one in _PHOTOS])


def _written(image: Image.Image) -> Image.Image:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=15)
    return Image.open(kept)


def _grave(report: Report) -> list[str]:
    return [one.code for one in report.findings if one.severity is not Severity.NOTE]


def test_equal_pictures_have_equal_looks() -> None:
    report = _both_drawn(_PHOTOS, _PHOTOS)
    assert not _grave(report)
    assert len(_PHOTOS) * 0.5 < report.pairing.pairs


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("PIX207", lambda x: x.filter(ImageFilter.GaussianBlur(1))),
        ("PIX209", lambda x: ImageOps.posterize(x, 2)),
        ("VAL206", lambda x: Image.blend(x.convert("L").convert("RGB"), x, 0.4)),
    ],
)
def test_what_sets_pictures_apart_is_named(
    code: str, change: Callable[[Image.Image], Image.Image]
) -> None:
    report = _both_drawn(_PHOTOS, _each(change))
    assert code in _grave(report), [one.sentence for one in report.findings]
    assert any(one.evidence.get("more_of") for one in report.findings)


@pytest.mark.slow
def test_pictures_too_far_apart_to_be_paired_are_held_against_each_other_as_a_whole() -> None:
    report = _both_drawn(_PHOTOS, (_PHOTOS.astype(int) ** 3 // 255**2).astype(np.uint8))
    assert _grave(report) == ["VAL206"]
    assert "none could be recognised" in report.findings[0].sentence


def test_blocks_of_a_file_that_was_written_again_are_named() -> None:
    def mirrored(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return image[:, ::-1] if random.random() < 0.5 else image + random.uniform(-9, 9)

    sides = [transformed(x, mirrored, seed=1) for x in (_PHOTOS, _each(_written))]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert "PIX204" in _grave(report)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x[:, ::-1], "upside down"),
        (lambda x: x.transpose(0, 2, 1, 3), "rows and columns exchanged"),
    ],
)
def test_pictures_that_lie_another_way_are_named(
    change: Callable[[np.ndarray], np.ndarray], words: str
) -> None:
    lit = (_PHOTOS * _LIT).clip(0, 255).astype(np.uint8)
    report = _both_drawn(lit, change(lit))
    assert "GEO206" in _grave(report)
    assert any(words in one.sentence for one in report.findings)


@pytest.mark.slow
def test_a_mirror_that_is_drawn_anyway_hides_one_that_is_not() -> None:
    lit = (_PHOTOS * _LIT).clip(0, 255).astype(np.uint8)
    assert not _grave(_both_drawn(lit, lit[:, :, ::-1]))


def test_values_of_another_type_are_compared() -> None:
    sides = [
        transformed(x, _shifted, seed=seed, dtype=dtype)
        for seed, (x, dtype) in enumerate([(_PHOTOS, "uint8"), (_PHOTOS - 128.0, "int8")])
    ]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert not [one for one in report.undecided if "fault" in one.question]
    assert _grave(report)[:1] == ["VAL203"]


def test_a_side_that_only_moves_its_pictures_leaves_their_colours_alone() -> None:
    def plain(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
        return image

    faint = _each(lambda x: Image.blend(x.convert("L").convert("RGB"), x, 0.4))
    for other, found in ((faint, True), (_PHOTOS, False)):
        sides = transformed(_PHOTOS, _shifted, batch=8), transformed(other, plain, batch=8)
        report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
        assert ("VAL206" in _grave(report)) is found


def test_rounding_to_8_bits_is_no_loss_of_levels() -> None:
    def whole(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.rint(_shifted(image, random))

    sides = [transformed(_PHOTOS, change, batch=8) for change in (whole, _shifted)]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert "PIX209" not in {one.code for one in report.findings}


@pytest.mark.filterwarnings("error")
def test_infinite_values_have_a_cause_of_their_own() -> None:
    def mirrored(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return image[:, ::-1] if random.random() < 0.5 else image

    broken = _PHOTOS.astype(np.float32)
    broken[::3, 5, 5] = np.inf
    sides = [transformed(x, mirrored, batch=8) for x in (_PHOTOS, broken)]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert _grave(report)[:1] == ["VAL205"]


def test_contrast_of_each_picture_is_named() -> None:
    def cropped(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        zoom = random.uniform(0.7, 1)
        return _shifted(moved(image, zoom=(zoom, zoom), mode="nearest"), random)

    # Each picture is spread about a mean of its own: no one line leads from side to side.
    more = _each(lambda x: ImageEnhance.Contrast(x).enhance(1.3))
    sides = [transformed(x, cropped, seed=k, batch=8) for k, x in enumerate((_PHOTOS, more))]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert _grave(report) == ["VAL206"], [one.sentence for one in report.findings]
    assert report.findings[0].evidence["more_of"] == "contrast"


def test_what_is_laid_around_moved_pictures_takes_no_colour_from_them() -> None:
    def plain(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
        return image

    def onto_black(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return moved(image, shift=tuple(random.uniform(-0.1, 0.1, 2)), mode="constant")

    # Faint pictures: the edge of the black around them is stronger than any of their own.
    faint = (_PHOTOS.astype(int) // 8 + 200).astype(np.uint8)
    sides = [transformed(faint, change, batch=8) for change in (plain, onto_black)]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert "VAL206" not in _grave(report), [one.sentence for one in report.findings]
