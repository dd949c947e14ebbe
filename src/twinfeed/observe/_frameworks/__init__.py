"""Reached by name only: what imports Keras and TensorFlow to watch a training."""
