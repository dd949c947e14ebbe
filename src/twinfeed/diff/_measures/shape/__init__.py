"""GEO: shapes, sizes and channels."""

from twinfeed.diff._measures.shape import (
    different_channel_count,
    different_channel_order,
    different_image_size,
    different_layout,
    different_orientation,
    different_structure,
)

MEASURES = (
    different_image_size.MEASURE,
    different_channel_order.MEASURE,
    different_channel_count.MEASURE,
    different_layout.MEASURE,
    different_structure.MEASURE,
    different_orientation.MEASURE,
)
