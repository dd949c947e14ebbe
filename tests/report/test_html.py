"""The page: everything said, nothing run, right in a real browser at any width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.report.browser import Browser
from tests.report.sample import AUGMENTATION, LEDGER, report
from twinfeed._core.exhibits import (
    Album,
    Coverage,
    Drawn,
    Exhibits,
    Histogram,
    LabelRun,
    OrderMap,
    Sample,
    Timeline,
)
from twinfeed.errors import UsageError
from twinfeed.report import to_html, to_notebook
from twinfeed.report._html.png import encode

RANDOM = np.random.default_rng(3)
HOSTILE = "<img src=x onerror=alert(1)></title><script>alert(2)</script>\"'\x1b[31m\u202e"


def picture(height: int = 40, width: int = 56) -> np.ndarray:
    return RANDOM.integers(0, 256, (height, width, 3), dtype=np.uint8)


def shares(bins: int) -> np.ndarray:
    found = RANDOM.random(bins)
    return found / found.sum()


SAMPLE = Sample(
    title="largest difference",
    left=picture(),
    right=picture(),
    difference=picture(),
    gain=3.5,
    mean_levels=12.25,
    pixel="row 3, column 4: A [0.25] and B [64]",
    at=(0.08, 0.09),
)
SHOWN = Exhibits(
    shown_as=("0..1 as black to white", HOSTILE),
    samples=(SAMPLE, replace(SAMPLE, title=HOSTILE, difference=None, mean_levels=None, at=None)),
    albums=(Album(side="B", columns=("epoch 1", "epoch 2"), rows=((picture(), picture()),)),),
    histograms=(
        Histogram(
            path=HOSTILE,
            edges=np.linspace(0, 1, 65),
            left=shares(64),
            right=shares(64),
            left_values=4096,
            right_values=999,
        ),
    ),
    orders=(
        OrderMap(
            title="B against A",
            across="position in A",
            up=HOSTILE,
            x=np.arange(200),
            y=RANDOM.permutation(200),
            examples=200,
        ),
    ),
    runs=tuple(
        LabelRun(side=side, classes=np.arange(90) // 30 % 13, names=("0", HOSTILE, "2"))
        for side in ("A", "B")
    ),
    coverage=(Coverage(side="A", epoch="epoch 1", examples=200, distinct=180, ended=True),),
    timelines=(
        Timeline(side="A", wait_s=np.full(20, 0.01), step_s=np.zeros(0)),
        Timeline(side="B", wait_s=RANDOM.random(30), step_s=np.zeros(0)),
    ),
    drawn=(
        Drawn(
            name="rotation_degrees",
            edges=np.linspace(-20, 20, 25),
            left=shares(24),
            right=np.zeros(24),
            left_says="-20 to 20 in 300 views",
            right_says="not drawn",
        ),
    ),
)
PLAIN = replace(report(), ledger=LEDGER, augmentation=AUGMENTATION)
FULL = replace(PLAIN, exhibits=SHOWN, left=replace(PLAIN.left, name=HOSTILE))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_is_right_in_a_browser(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    file = tmp_path / "report.html"
    FULL.save(file)
    browser.complaints.clear()
    browser.open(file, width=width, dark=dark)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert browser.ask("document.querySelectorAll('svg').length") >= 5
    # The pixel at fault is ringed in each picture of its sample, and inside it.
    rings = browser.ask(
        "[...document.querySelectorAll('.ring')].map(ring => {"
        " const box = ring.parentElement.getBoundingClientRect(), at = ring.getBoundingClientRect();"
        " return [(at.x + at.width / 2 - box.x) / box.width, (at.y + at.height / 2 - box.y) / box.height];"
        "})"
    )
    assert len(rings) == 3
    assert all(abs(x - 0.08) < 0.03 and abs(y - 0.09) < 0.03 for x, y in rings), rings
    # Nothing of the user's became an element, and nothing ran or was asked for.
    assert browser.ask("document.querySelectorAll('[onerror], [onload]').length") == 0
    assert browser.ask("document.scripts.length") == 1
    assert browser.complaints == []


def test_text_stands_out_from_the_ground_in_both_schemes(browser: Browser, tmp_path: Path) -> None:
    """WCAG 2.2 asks for a contrast of 4.5 : 1."""
    file = tmp_path / "report.html"
    FULL.save(file)
    for dark in (False, True):
        browser.open(file, width=800, dark=dark)
        ground = luminance(browser.ask("getComputedStyle(document.body).backgroundColor"))
        places = (
            ".says",
            ".quiet",
            ".severity.error",
            ".severity.warning",
            ".severity.note",
            "dt.a",
            "dt.b",
        )
        for place in places:
            ink = luminance(
                browser.ask(f"getComputedStyle(document.querySelector({place!r})).color")
            )
            bright, dim = max(ink, ground), min(ink, ground)
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, (place, dark)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_headings_go_down_step_by_step_and_pictures_have_words() -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.levels: list[int] = []
            self.wordless: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            known = dict(attrs)
            if re.fullmatch(r"h[1-6]", tag):
                self.levels.append(int(tag[1]))
            if (tag == "img" and not known.get("alt")) or (
                tag == "svg" and not known.get("aria-label")
            ):
                self.wordless.append(tag)

    reader = Reader()
    reader.feed(to_html(FULL))
    assert reader.wordless == []
    assert reader.levels[0] == 1
    assert reader.levels.count(1) == 1
    assert all(
        after - before <= 1 for before, after in zip(reader.levels, reader.levels[1:], strict=False)
    )


def test_says_what_the_report_says() -> None:
    page = to_html(FULL)
    for finding in FULL.findings:
        assert finding.code in page
    assert FULL.undecided[0].code in page
    assert "default-src &#39;none&#39;" in page
    assert "http://" not in page
    assert "https://" not in page


def test_equal_feeds_give_a_short_page() -> None:
    same = replace(PLAIN, findings=(), ledger=None, undecided=(), augmentation=())
    page = to_html(same)
    assert "None was found." in page
    assert len(page) < 30_000


def test_pictures_are_left_out_to_keep_to_the_size() -> None:
    many = replace(FULL, exhibits=replace(SHOWN, samples=(SAMPLE,) * 40))
    page = to_html(many, largest_bytes=200_000)
    assert len(page.encode()) <= 200_000
    assert re.search(r"\d+ more left out", page)


def test_a_part_of_a_notebook_runs_nothing_and_is_small() -> None:
    part = to_notebook(FULL)
    assert len(part.encode()) <= 200_000
    assert "<script" not in part
    assert "<img src=x" not in part
    assert FULL._repr_html_() == part


def test_a_picture_is_read_back_as_it_was() -> None:
    image = pytest.importorskip("PIL.Image")
    import io

    pixels = picture()
    with image.open(io.BytesIO(encode(pixels))) as opened:
        assert np.array_equal(np.asarray(opened), pixels)


def test_saves_by_the_end_of_the_name_and_replaces_nothing_else(tmp_path: Path) -> None:
    for name, start in (
        ("a.html", "<!doctype html>"),
        ("a.json", "{"),
        ("a.txt", "twinfeed report"),
    ):
        for _ in range(2):  # a report may be replaced
            FULL.save(tmp_path / name)
        assert (tmp_path / name).read_text("utf-8").startswith(start)
    mine = tmp_path / "mine.html"
    mine.write_text("dear diary")
    with pytest.raises(UsageError, match="no report"):
        FULL.save(mine)
    assert mine.read_text() == "dear diary"
    with pytest.raises(UsageError, match=r"\.html, \.json or \.txt"):
        FULL.save(tmp_path / "report.pdf")
