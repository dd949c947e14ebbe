"""``twinfeed explain``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from twinfeed.cli._exits import CLEAN, put
from twinfeed.cli._options import common

if TYPE_CHECKING:
    from twinfeed._core.pages import Page


@click.command(short_help="Show the page of a cause.")
@click.argument("cause", required=False)
@common
def explain(*, cause: str | None) -> int:
    """Show the page of a cause: what it is, why it matters, how to change it.

    CAUSE is a code, a name or a family; without it every cause is listed.

    \b
      twinfeed explain
      twinfeed explain AUG
      twinfeed explain AUG202
      twinfeed explain frozen-augmentation
    """  # noqa: D301 - \b is click's mark
    from twinfeed._core.pages import pages
    from twinfeed._core.select import matching

    catalogue = pages()
    codes = matching(catalogue, cause) if cause else list(catalogue)
    if len(codes) == 1:
        put(_page(catalogue[codes[0]]))
    else:
        put("".join(f"{line}\n" for line in _list(catalogue[code] for code in codes)))
    return CLEAN


def _list(measures: Iterable[Page]) -> Iterable[str]:
    for measure in sorted(measures, key=lambda measure: measure.code):
        yield f"{measure.code}  {measure.severity:8} {measure.name}"


def _page(measure: Page) -> str:
    """The page as Markdown; on a terminal, as a terminal shows it best."""
    from twinfeed.cli._output import columns, is_colourful

    text = (
        f"# {measure.code} {measure.name}\n\n"
        f"{measure.severity}, since {measure.since}\n\n{measure.page.strip()}\n"
    )
    if not sys.stdout.isatty():
        return text
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    target = io.StringIO()
    colour = is_colourful(sys.stdout)
    console = Console(
        file=target,
        width=columns(),
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
    )
    console.print(Markdown(text, code_theme="ansi_dark"))
    return target.getvalue()
