"""The demo's own TensorFlow, Keras and TFDS code, as a user would write it."""
