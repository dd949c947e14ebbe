"""Reached by name only: what imports Keras to train."""
