"""The bundled question: the same digits through three pipelines."""
