"""Same arguments, same seed, same batches as the installed Keras, to the last bit."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tests.images import parity


@pytest.fixture(scope="module")
def _keras() -> None:
    for library in ("keras", "pandas", "PIL"):
        pytest.importorskip(library)


@pytest.mark.usefixtures("_keras")
def test_random_arguments_give_the_same_bits(pictures: Path) -> None:
    table = parity.Table()

    def seen(case: parity.Case, outcome: parity.Outcome) -> None:
        assert outcome.equal, case
        table.add(case, outcome)

    parity.explore(parity.Bench(pictures), 60, seen)
    assert table.cases > 50


@pytest.mark.usefixtures("_keras")
def test_real_photos_give_the_same_bits(tmp_path: Path) -> None:
    photos = parity.real_photos(tmp_path)
    if photos is None:
        pytest.skip("the flower photos are not in the test data")

    def seen(case: parity.Case, outcome: parity.Outcome) -> None:
        assert outcome.equal, case

    parity.explore(parity.Bench(photos, (100, 90)), 8, seen)


@pytest.mark.usefixtures("_keras")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("ImageDataGenerator", "ImageDataGenerator"),
        ("DirectoryIterator", "DirectoryIterator"),
        ("DataFrameIterator", "DataFrameIterator"),
        ("NumpyArrayIterator", "NumpyArrayIterator"),
    ],
)
def test_every_argument_and_method_is_there(ours: str, theirs: str) -> None:
    from keras.src.legacy.preprocessing import image

    import twinfeed.images

    mine, other = getattr(twinfeed.images, ours), getattr(image, theirs)
    missing = {name for name in dir(other) if not name.startswith("_")} - set(dir(mine))
    assert not missing
    for name in ("__init__", *(name for name in vars(other) if not name.startswith("_"))):
        wanted = getattr(other, name)
        if not inspect.isfunction(wanted) or name == "set_processing_attrs":
            continue
        expected = [
            (each.name, each.default)
            for each in inspect.signature(wanted).parameters.values()
            if each.kind == each.POSITIONAL_OR_KEYWORD
        ]
        got: list[Any] = [
            (each.name, each.default)
            for each in inspect.signature(getattr(mine, name)).parameters.values()
        ]
        assert got[: len(expected)] == expected, name


def test_the_page_names_every_argument() -> None:
    page = parity.PAGE.read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    flows = {name for flow in parity.CALLS.values() for name in flow}
    assert {*parity.GENERATOR, *parity.ANY, *flows, *parity.CALLS} <= named
    shares = re.findall(r"^\| `\w+` \| (\d+) \| (\w+) \| ([\d.e+-]+) \|", page, re.MULTILINE)
    assert all(share == "all" and float(most) == 0 for _, share, most in shares)
    assert min(int(count) for count, _, _ in shares) >= 20
