"""The only part of the graph that knows TensorFlow."""
