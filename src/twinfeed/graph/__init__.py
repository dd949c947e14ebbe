"""A ``tf.data`` graph: read to a plan, copied without touching the user's state.

``network`` holds a graph as plain values; ``read`` turns it into a ``Plan`` and knows no
framework; ``_bindings`` is the only place that does.
"""
