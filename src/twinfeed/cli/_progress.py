"""Progress on standard error: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bar, TaskID

    from twinfeed.observe._events import Event


class Progress:
    """Says what is being done; use it as a context.

    Args:
        verbosity: -1 says nothing, 1 also passes on what the user's code prints.
        pass_on: Pass on what the user's code prints whatever the verbosity.
    """

    def __init__(self, *, verbosity: int, pass_on: bool = False) -> None:
        self._says = verbosity >= 0
        self._passes_on = verbosity > 0 or (pass_on and self._says)
        self._moves = (
            self._says and sys.stderr.isatty() and not os.environ.get("TWINFEED_NO_PROGRESS")
        )
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._subject = ""
        self._rest = b""

    def __enter__(self) -> Self:
        if self._moves:
            from rich.console import Console
            from rich.progress import Progress as Bar, SpinnerColumn, TextColumn, TimeElapsedColumn
            from rich.table import Column

            line = TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis"),
            )
            self._bar = Bar(
                SpinnerColumn("line"),
                line,
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.printed(b"\n" if self._rest else b"")
        if self._bar is not None:
            self._bar.stop()

    def begin(self, subject: str) -> None:
        """Begin with another feed."""
        from twinfeed.report.clean import one_line

        self._subject = one_line(subject)
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(self._subject, total=None)
        elif self._says:
            click.echo(f"{self._subject} ...", err=True)

    def step(self, text: str) -> None:
        """Say what is being done with it."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{self._subject}: {text}")

    def heard(self, event: Event) -> None:
        """Show a sign of life of the watched process."""
        if event.kind == "phase":
            self.step(event.text)
        elif event.kind == "batch":
            self.step(f"{event.text}, {event.examples:,} examples")
        elif event.kind == "said":
            self.say(event.text)

    def say(self, text: str) -> None:
        """Say what stays to be read, above the moving line."""
        from twinfeed.report.clean import one_line

        if self._bar is not None:
            self._bar.console.print(one_line(text), markup=False, highlight=False)
        elif self._says:
            click.echo(one_line(text), err=True)

    def printed(self, data: bytes) -> None:
        """Take what the user's code prints; whole lines are passed on if they are asked for."""
        if not self._passes_on:
            return
        *lines, self._rest = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            # What a carriage return would have overwritten is not worth a line.
            text = line.rpartition(b"\r")[2].decode(errors="replace")
            if self._bar is not None:
                from rich.text import Text

                self._bar.console.print(Text.from_ansi(text), soft_wrap=True)
            else:
                click.echo(text, err=True)
