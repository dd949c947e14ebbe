"""A finding becomes a short script, with the example that shows it, to send to others."""

from twinfeed.repro._script import HEADER, is_script, replace_data, write_script

__all__ = ["HEADER", "is_script", "replace_data", "write_script"]
