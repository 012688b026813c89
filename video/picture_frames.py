"""Frames, their luma, and their copy at the size they are analysed at."""

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Luma = NDArray[np.uint8]
ANALYSED_PX = 640

# One core per decoder: threads of its own would only wait for each other.
cv2.setNumThreads(1)


def shrunk(frame: Frame, width: int) -> Frame:
    """Return a copy `width` px wide, or the frame itself where it is not wider."""
    tall, wide = frame.shape[:2]
    if wide <= width:
        return frame
    size = (width, max(1, round(tall * width / wide)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def luma_of(frame: Frame) -> Luma:
    """Return (height, width) luma of a frame in BGR."""
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
