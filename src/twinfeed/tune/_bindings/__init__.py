"""Reading running pipelines of TensorFlow; the only part of this package that imports it."""
