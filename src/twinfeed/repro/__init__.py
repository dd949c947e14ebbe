"""A finding becomes a short script, with the example that shows it, to send to others."""

from twinfeed.repro._script import is_script, write_script

__all__ = ["is_script", "write_script"]
