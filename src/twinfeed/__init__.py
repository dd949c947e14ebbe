"""Find out why two input pipelines train differently, with proof."""

__version__ = "0.1.0"
