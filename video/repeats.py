"""Pictures that are the same as the one before, bit for bit: once may be chance, again and later it is frozen. Pure.

Two looks within one group of pictures are given the same key frame by devices that keep it for those who come, and an
encoder that starts anew may begin with the frame it began with before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.looks import CheckState, Picture, PictureCheck, Target
from data.types import Fault

_ENOUGH = 2
# What the picture checks measure of it, and would judge again.
_SAME = "same_as_before"
# Longer than the group of pictures of any camera that should be called well.
_APART = timedelta(seconds=10)
_UNDECIDED = PictureCheck(
    state=CheckState.NOT_CHECKABLE, score=None, reason="the same as the picture before; the next one decides"
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A picture with its repeats counted: how many in a row were the same, and since when."""

    picture: Picture
    repeats: int = 0
    since: datetime | None = None


def counted(picture: Picture, target: Target, *, now: datetime) -> Repeated:
    """Return a picture taken `now` with its repeats, and frozen undecided until there are enough of them."""
    if target.previous_sha256 is None or picture.sha256 != target.previous_sha256:
        return Repeated(picture)
    repeats, since = target.repeats + 1, target.same_since or now
    if repeats >= _ENOUGH and now - since >= _APART:
        return Repeated(picture, repeats, since)
    measures = {name: value for name, value in picture.measures.items() if name != _SAME}
    undecided = replace(picture, measures=measures, checks={**picture.checks, Fault.FROZEN: _UNDECIDED})
    return Repeated(undecided, repeats, since)
