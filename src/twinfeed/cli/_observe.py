"""Observing what the command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from twinfeed.cli._options import Reading
from twinfeed.cli._progress import Progress

if TYPE_CHECKING:
    from twinfeed.observe.child import Observed
    from twinfeed.observe.source import Source


def observed(source: Source, reading: Reading, progress: Progress, *, label: str = "") -> Observed:
    """Observe a source under the eyes of the user.

    Args:
        source: What to observe.
        reading: How it is read.
        progress: Where to say how far it is.
        label: ``"A"`` or ``"B"`` in a comparison.
    """
    from twinfeed.observe.child import observe_source
    from twinfeed.observe.source import FactorySource

    progress.begin(f"{label} {source.given}".strip())
    if reading.verbosity > 0 and isinstance(source, FactorySource):
        click.echo(f"calling {source.function} of {source.path.resolve()}", err=True)
    return observe_source(
        source,
        budget=reading.budget,
        every_value=reading.every_value,
        stop_after_epochs=reading.stop_after,
        timeout_s=reading.timeout_s,
        on_event=progress.heard,
        on_output=progress.printed,
        verbose=reading.verbosity > 0,
    )
