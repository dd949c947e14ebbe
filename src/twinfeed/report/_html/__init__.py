"""A report as one file of HTML: static pictures, no network, readable without script."""
