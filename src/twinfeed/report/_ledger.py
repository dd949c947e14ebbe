"""Where the pixel difference goes, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinfeed._core.results import Ledger
from twinfeed.report.clean import one_line
from twinfeed.report.numbers import counted, number, percent


def ledger_table(console: Console, ledger: Ledger) -> None:
    """Each step that pays with its share, and what none explains."""
    console.print()
    console.print(Text("Where the pixel difference goes, coarse to fine", "bold underline"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("95 %", style="dim", overflow="fold")
    table.add_column("step", overflow="fold")
    table.add_column("what it is", overflow="fold")
    table.add_column("left", justify="right", style="dim", overflow="fold")
    for share in ledger.shares:
        table.add_row(
            percent(share.share),
            _interval(share.low, share.high),
            one_line(share.step),
            Text(one_line(share.says)),
            number(share.left_rms),
        )
    table.add_row(
        Text(percent(ledger.unexplained), "bold"),
        _interval(ledger.low, ledger.high),
        Text("unexplained", "bold"),
        "",
        "",
    )
    console.print(table)
    console.print(
        Text(
            f"Shares of the squared difference, {number(ledger.rms)} in the root mean square of"
            f" B's values, over {counted(ledger.pairs, 'pair')}; fitted on"
            f" {ledger.fitted_pairs:,} others. Left: the same mean behind the step.",
            "dim",
        )
    )


def _interval(low: float, high: float) -> str:
    """Both ends in percent, short."""
    return "..".join(f"{100 * end:.3g}" if end >= 5e-5 else "0" for end in (low, high))
