from datetime import UTC, datetime, timedelta

import pytest

from data.looks import CheckState, Picture, PictureCheck, Target
from data.types import Fault
from video.repeats import counted

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BAD = PictureCheck(state=CheckState.BAD, score=1.0, reason="the same as the picture before, bit for bit")


def picture(sha256: str) -> Picture:
    return Picture(jpeg=b"", thumbnail=b"", width=1, height=1, sha256=sha256, checks={Fault.FROZEN: BAD})


@pytest.mark.parametrize(
    ("shown", "seconds", "frozen"),
    [
        ("aaaa", (0, 300, 600, 900), [False, False, True, True]),
        ("aaba", (0, 300, 600, 900), [False, False, False, False]),
        ("aaba", (0, 300, 600, 615), [False, False, False, False]),
        # Looks in quick succession may be given one key frame: it takes time as well.
        ("aaaa", (0, 1, 2, 3), [False, False, False, False]),
        ("aaaa", (0, 1, 2, 30), [False, False, False, True]),
        ("abcd", (0, 300, 600, 900), [False, False, False, False]),
    ],
)
def test_a_picture_is_frozen_when_it_is_the_same_again_and_again_over_time(
    shown: str, seconds: tuple[int, ...], frozen: list[bool]
) -> None:
    target, found = Target(), []
    for sha256, second in zip(shown, seconds, strict=True):
        told = counted(picture(sha256), target, now=NOW + timedelta(seconds=second))
        same = sha256 == target.previous_sha256
        assert (told.repeats > 0) == same
        found.append(same and told.picture.checks[Fault.FROZEN].state is CheckState.BAD)
        target = Target(previous_sha256=sha256, repeats=told.repeats, same_since=told.since)
    assert found == frozen
