"""What is said to Keras and TensorFlow. Reached by name, and only once they are loaded."""
