"""Grey that was written into every channel, against colours."""

from __future__ import annotations

import numpy as np

from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins

_LOOKED_AT = 32


@remembered
def grey_in_colours(twins: Twins) -> SideName | None:
    """The side whose channels are copies of one, where those of the other are not."""
    copied = [_copied(twins.side(name)) for name in SIDES]
    if None in copied or copied[0] == copied[1]:
        return None
    return "A" if copied[0] else "B"


def _copied(trace: Trace) -> bool | None:
    """Whether all channels of some examples are the same; ``None`` where there are no several."""
    main = trace.main
    if main is None or not main.is_image or not trace.kept.values:
        return None
    axis = 0 if main.channels_first else -1
    images = [np.moveaxis(image, axis, -1) for image in trace.kept.values[:_LOOKED_AT]]
    if images[0].ndim != 3 or images[0].shape[-1] < 2:
        return None
    return all((image == image[..., :1]).all() for image in images)
