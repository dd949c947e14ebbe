"""The reference of the command line: what ``--help`` says, and nothing else."""

from __future__ import annotations

from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from twinfeed.cli import twinfeed

_WIDTH = 90


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class CommandHelp(SphinxDirective):
    """The help of every command, each in a section of its own."""

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        group = click.Context(
            twinfeed,
            info_name="twinfeed",
            terminal_width=_WIDTH,
            max_content_width=_WIDTH,
            help_option_names=twinfeed.context_settings["help_option_names"],
        )
        commands = [
            click.Context(command, info_name=name, parent=group)
            for name, command in sorted(twinfeed.commands.items())
        ]
        return [_section(context) for context in (group, *commands)]


def _section(context: click.Context) -> nodes.section:
    name, text = context.command_path, context.get_help()
    section = nodes.section(ids=[nodes.make_id(name)], names=[name])
    section += nodes.title("", name)
    section += nodes.literal_block(text, text, language="text")
    return section
