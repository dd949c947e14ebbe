"""Each claim of the guide from ImageDataGenerator to what is next, run."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed.images import ImageDataGenerator

PAGE = Path(__file__).parents[2] / "docs" / "how_to" / "from_image_data_generator.md"
BLOCKS = re.compile(r"^## (.+?)$|^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the blocks share: a smooth picture ``x``."""
    ndimage = pytest.importorskip("scipy.ndimage")
    values = np.random.default_rng(0).integers(0, 256, (24, 24, 3)).astype("float32")
    smooth = ndimage.gaussian_filter(values, (2, 2, 0))
    smooth -= smooth.min()
    return {"x": smooth / smooth.max() * 255}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``photos`` in it: two classes of ten."""
    image = pytest.importorskip("PIL.Image")
    found = tmp_path_factory.mktemp("guide")
    draw = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (found / "photos" / name).mkdir(parents=True)
        for index in range(10):
            values = draw.integers(0, 256, (10, 10, 3)).astype(np.uint8)
            image.fromarray(values).save(found / "photos" / name / f"{index:02}.png")
    return found


def blocks() -> list[tuple[str, str]]:
    """Each section and the code in it; the first is ``start``."""
    found: dict[str, str] = {"start": ""}
    for title, code in BLOCKS.findall(PAGE.read_text("utf-8")):
        if title:
            found[title] = ""
        else:
            found[list(found)[-1]] += code
    return [(title, code) for title, code in found.items() if code]


@pytest.mark.parametrize(("title", "code"), blocks()[1:], ids=[x for x, _ in blocks()[1:]])
def test_section(
    title: str,
    code: str,
    names: dict[str, Any],
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for library in ("tensorflow", "keras", "PIL"):
        pytest.importorskip(library)
    if title == "Grain":
        pytest.importorskip("grain")
    monkeypatch.chdir(photos)
    own = dict(names)  # a section stands on the start of the page alone
    exec(compile(blocks()[0][1], "start", "exec"), own)
    exec(compile(code, title, "exec"), own)


def test_the_guide_has_a_section_for_what_matters() -> None:
    assert len(blocks()) >= 11
    assert all("assert" in code for _, code in blocks()[1:])


def test_the_guide_names_every_argument() -> None:
    page = PAGE.read_text("utf-8")
    kind = ImageDataGenerator
    methods: list[Any] = [kind, kind.flow, kind.flow_from_directory, kind.flow_from_dataframe]
    wanted = {
        parameter.name
        for method in methods
        for parameter in signature(method).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    }
    assert not {name for name in wanted - {"self"} if not re.search(rf"`{name}\b", page)}


def test_pictures_are_there_and_small() -> None:
    named = {
        (PAGE.parent / link).resolve()
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", PAGE.read_text("utf-8"))
    }
    stored = set((PAGE.parents[1] / "_static" / "alternatives").resolve().glob("*.png"))
    assert named == stored
    assert sum(path.stat().st_size for path in stored) <= MOST_BYTES
