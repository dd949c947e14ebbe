"""Results as text: they are read here, never made."""

from twinfeed.report.json import schema, to_json
from twinfeed.report.terminal import HEADER, to_text

__all__ = ["HEADER", "schema", "to_json", "to_text"]
