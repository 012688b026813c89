"""When a look asks a device more than whether it is well. Pure.

Each question has its period, and each camera its own moment in it, so that the questions of many cameras spread evenly
and nothing has to be remembered: a question is asked by the first look after its moment.
"""

from collections.abc import Mapping
from datetime import datetime

from data.looks import Want

HOUR_S = 3_600.0
PERIODS_S: Mapping[Want, float] = {
    Want.STREAM: HOUR_S,
    Want.SETTINGS: 6 * HOUR_S,
    Want.EVENTS: 6 * HOUR_S,
    Want.RECORDING: 24 * HOUR_S,
}
# Fractions of the golden ratio and its powers lie far from each other, for cameras and for questions.
_CAMERA, _QUESTION = 0.618034, 0.381966


def questions(camera_id: int, *, last: datetime | None, now: datetime) -> frozenset[Want]:
    """Return what a look `now` asks of a camera that was last looked at then; nothing at its first look."""
    if last is None:
        return frozenset()
    last_s, now_s = last.timestamp() // 1, now.timestamp() // 1
    found = set()
    for number, (want, period_s) in enumerate(PERIODS_S.items()):
        offset = (camera_id * _CAMERA + number * _QUESTION) % 1
        if int(last_s / period_s + offset) != int(now_s / period_s + offset):
            found.add(want)
    return frozenset(found)
