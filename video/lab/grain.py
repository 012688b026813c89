"""The noise of a sensor, laid over a picture anew."""

import numpy as np

from video.lab.drawing import Pixels

_GRAIN = 2.0


def grained(picture: Pixels, number: int) -> Pixels:
    """Return the picture as its sensor might have seen it a moment later: other noise, `number` by number."""
    dice = np.random.default_rng(number)
    # The noise of one field, rolled: drawing it anew for every pixel would take longer than encoding.
    field = dice.normal(0.0, _GRAIN, (96, 128, 1))
    height, width = picture.shape[:2]
    tiles = np.tile(field, (height // 96 + 1, width // 128 + 1, 1))[:height, :width]
    return np.asarray((picture + tiles).clip(0, 255), np.uint8)
