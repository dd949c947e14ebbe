"""The frame of every page: policy, style, head and environment around what a report says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from twinfeed._core.results import VerdictKind
from twinfeed.report.clean import clean, one_line

LARGEST_BYTES = 2_000_000
"""Pictures are left out, the least different first, until a page is no larger."""

HEADLINES: dict[VerdictKind, str] = {
    "same": "Same",
    "different": "Different",
    "undecided": "Undecided",
    "framework": "Equal feeds, unequal results",
    "clean": "Clean",
    "faults": "Faults",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a table with a bar in it; every text is clean, none is escaped yet.

    Attributes:
        name: Its heading.
        cells: What stands in it, a text per column.
        bar: What is drawn at its end; empty for nothing.
        says: A quiet line below the name.
        mark: Whether it stands out.
    """

    name: str
    cells: tuple[str, ...]
    bar: Markup | str = ""
    says: str = ""
    mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A table of such rows.

    Attributes:
        title: Its heading.
        heads: The headings of its columns.
        rows: Its rows.
        told: A paragraph in front of it.
        notes: What stands behind it.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[Line, ...]
    told: str = ""
    notes: tuple[str, ...] = ()


def page(
    template: str,
    *,
    headline: str,
    kind: str,
    verdict: str,
    complete: bool,
    version: str,
    environment: Mapping[str, str],
    sides: Iterable[tuple[str, str]] = (),
    **more: object,
) -> str:
    """A whole page: one file, no network, no script needed, light and dark, printable.

    Args:
        template: A template that extends the frame.
        headline: The answer in a word or two.
        kind: The class of its colour.
        verdict: The answer in a paragraph.
        complete: ``False`` if the work was interrupted.
        version: The version that made it.
        environment: Versions and machine, by name.
        sides: Label and name of each feed, not yet cleaned.
        more: What the template asks for; every text clean, none escaped yet.
    """
    copy = text_of("copy.js")
    digest = base64.b64encode(hashlib.sha256(copy.encode()).digest()).decode()
    return rendered(
        template,
        style=Markup(text_of("report.css")),  # noqa: S704 - a file of ours
        script=Markup(copy),  # noqa: S704 - a file of ours
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline';"
        f" script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        version=version,
        complete=complete,
        kind=kind,
        headline=headline,
        verdict=clean(verdict),
        sides=[(label, one_line(name)) for label, name in sides],
        environment=[(one_line(n), one_line(value)) for n, value in sorted(environment.items())],
        **more,
    )


def rendered(template: str, **context: object) -> str:
    """A template with what it asks for."""
    return _templates().get_template(template).render(**context)


def text_of(name: str) -> str:
    """A file beside the templates."""
    return files("twinfeed.report").joinpath("templates", name).read_text("utf-8")


@cache
def _templates() -> Any:
    return Environment(
        loader=PackageLoader("twinfeed.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
