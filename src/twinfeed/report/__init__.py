"""Results as text: they are read here, never made."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed.report._html.attribute_page import attribution_html, attribution_notebook
    from twinfeed.report._html.page import to_html, to_notebook
    from twinfeed.report._words import HEADER, HTML_HEADER
    from twinfeed.report.github import to_github
    from twinfeed.report.json import schema, to_json
    from twinfeed.report.junit import to_junit
    from twinfeed.report.sarif import to_sarif
    from twinfeed.report.terminal import to_text
    from twinfeed.report.write import is_report, rendered, replace_file, write_as, write_report

# Loaded at first use: a command that only cleans a name needs no terminal library.
_HOMES = {
    "HEADER": "_words",
    "HTML_HEADER": "_words",
    "attribution_html": "_html.attribute_page",
    "attribution_notebook": "_html.attribute_page",
    "is_report": "write",
    "rendered": "write",
    "replace_file": "write",
    "schema": "json",
    "to_github": "github",
    "to_html": "_html.page",
    "to_json": "json",
    "to_junit": "junit",
    "to_notebook": "_html.page",
    "to_sarif": "sarif",
    "to_text": "terminal",
    "write_as": "write",
    "write_report": "write",
}

__all__ = [
    "HEADER", "HTML_HEADER", "attribution_html", "attribution_notebook", "is_report", "rendered", "replace_file", "schema", "to_github",
    "to_html", "to_json", "to_junit", "to_notebook", "to_sarif", "to_text", "write_as",
    "write_report",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.report' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.report.{_HOMES[name]}"), name)
