"""Static drawings: axes, bars and points as SVG, coloured by the page's style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from twinfeed.report.clean import one_line

WIDTH, HEIGHT = 340, 200
"""Units of a chart; narrow enough to be read on a telephone."""


@dataclass(slots=True)
class Drawing:
    """A chart in the making.

    Attributes:
        title: What it shows, in a line; read aloud by a screen reader.
        describes: What can be learned from it, in a sentence.
        width: Units across.
        height: Units down.
    """

    title: str
    describes: str
    width: int = WIDTH
    height: int = HEIGHT
    parts: list[Markup] = field(default_factory=list[Markup])

    def bar(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """A filled box; ``style`` is a class of the page's style sheet."""
        box = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
        self._add(f'<rect {box} class="{escape(style)}"/>')

    def line(self, points: Iterable[tuple[float, float]], style: str) -> None:
        """A line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add(f'<polyline points="{path}" class="line {escape(style)}"/>')

    def dots(self, points: Iterable[tuple[float, float]], style: str) -> None:
        """Many small dots, as one path."""
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
        self._add(f'<path d="{path}" class="dots {escape(style)}"/>')

    def text(self, x: float, y: float, text: str, *, anchor: str = "start") -> None:
        """A word at a place; ``anchor`` is ``start``, ``middle`` or ``end``."""
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{escape(anchor)}"'
        self._add(f"<text {place}>{escape(one_line(text))}</text>")

    def frame(self, area: Area, across: Sequence[str], up: Sequence[str]) -> None:
        """Axes with what stands at their ends and their names.

        Args:
            area: The part of the drawing inside the axes.
            across: Lowest value, name and highest value of the horizontal axis.
            up: The same of the vertical one.
        """
        self.line([(area.left, area.top), (area.left, area.bottom)], "axis")
        self.line([(area.left, area.bottom), (area.right, area.bottom)], "axis")
        below = area.bottom + 14
        self.text(area.left, below, across[0])
        self.text((area.left + area.right) / 2, below, across[1], anchor="middle")
        self.text(area.right, below, across[2], anchor="end")
        self.text(area.left - 4, area.bottom, up[0], anchor="end")
        self.text(area.left - 4, area.top + 8, up[2], anchor="end")
        self.text(area.left, area.top - 6, up[1])

    def markup(self) -> Markup:
        """The drawing as part of a page."""
        title, describes = escape(one_line(self.title)), escape(one_line(self.describes))
        box = f'viewBox="0 0 {self.width} {self.height}"'
        head = f'<svg {box} role="img" aria-label="{title}: {describes}">'
        return Markup(head) + Markup("").join(self.parts) + Markup("</svg>")  # noqa: S704 - every text in it went through escape

    def _add(self, part: str) -> None:
        self.parts.append(Markup(part))  # noqa: S704 - numbers, classes and escaped text only


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a drawing that holds the data."""

    left: float = 46.0
    top: float = 20.0
    right: float = WIDTH - 8.0
    bottom: float = HEIGHT - 22.0

    def x(self, share: float) -> float:
        """Where a share of the width, 0 to 1, lies."""
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        """Where a share of the height, 0 at the bottom to 1, lies."""
        return self.bottom - share * (self.bottom - self.top)
