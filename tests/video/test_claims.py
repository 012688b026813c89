"""A claim agrees, is disputed or has no evidence; silence is never an answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Health, Interval, Layer
from video.claims import AROUND, Claimed, Finding, compare, read_claim, read_when

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 6, 3, tzinfo=ZONE)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "claimed"),
    [
        ("离线", Claimed.OFFLINE),
        ("设备不在线", Claimed.OFFLINE),
        (" Offline ", Claimed.OFFLINE),
        ("在线", Claimed.ONLINE),
        ("正常", Claimed.ONLINE),
        ("图像模糊", Claimed.PICTURE),
        ("在线但画面黑屏", Claimed.PICTURE),
        ("", None),
        ("已整改", None),
    ],
)
def test_what_is_claimed_is_read_from_its_words(words: str, claimed: Claimed | None) -> None:
    assert read_claim(words) is claimed


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("2026-06-03", DAY, DAY + 24 * HOUR),
        ("2026/6/3", DAY, DAY + 24 * HOUR),
        ("2026年6月3日", DAY, DAY + 24 * HOUR),
        ("2026-06-03 00:00:00", DAY, DAY + 24 * HOUR),
        ("2026-06-03 14:30", DAY + 14.5 * HOUR - AROUND, DAY + 14.5 * HOUR + AROUND),
        ("2026年6月3日14时30分", DAY + 14.5 * HOUR - AROUND, DAY + 14.5 * HOUR + AROUND),
        ("2026-06-03T14:30:20.000", DAY + 14.5 * HOUR - AROUND, DAY + 14.5 * HOUR + AROUND),
    ],
)
def test_a_day_is_the_whole_day_and_a_time_the_minutes_around_it(
    written: str, since: datetime, until: datetime
) -> None:
    found = read_when(written, ZONE)
    assert found
    assert [(at - wanted) // timedelta(minutes=1) for at, wanted in zip(found, (since, until), strict=True)] == [0, 0]


@pytest.mark.parametrize("written", ["", "3.6", "2026-13-01", "2026-02-30", "上周", "2026-06-03 25:00"])
def test_a_date_that_cannot_be_read_is_none(written: str) -> None:
    assert read_when(written, ZONE) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(written: str) -> None:
    found = read_when(written, ZONE)
    assert found is None or found[0] < found[1]
    read_claim(written)


def line(*parts: tuple[float, Health]) -> list[Interval]:
    ends = [*(begins for begins, _ in parts[1:]), 48]
    return [
        Interval(
            since=DAY + begins * HOUR,
            until=DAY + end * HOUR,
            health=health,
            layer=Layer.PICTURE if health is Health.DEGRADED else None,
        )
        for (begins, health), end in zip(parts, ends, strict=True)
    ]


ON, OFF, SILENT, BAD = Health.ONLINE, Health.OFFLINE, Health.UNKNOWN, Health.DEGRADED


@pytest.mark.parametrize(
    ("claimed", "stretches", "finding"),
    [
        (Claimed.OFFLINE, line((-5, ON), (3, OFF), (3.1, ON)), Finding.AGREES),
        (Claimed.OFFLINE, line((-5, ON)), Finding.DISPUTED),
        (Claimed.OFFLINE, line((-5, BAD)), Finding.DISPUTED),
        (Claimed.OFFLINE, line((-5, ON), (12, SILENT)), Finding.DISPUTED),
        (Claimed.OFFLINE, line((-5, ON), (11, SILENT)), Finding.NO_EVIDENCE),
        (Claimed.OFFLINE, line((-5, SILENT)), Finding.NO_EVIDENCE),
        (Claimed.OFFLINE, [], Finding.NO_EVIDENCE),
        # Offline on the day before and the day after says nothing of the day.
        (Claimed.OFFLINE, line((-20, OFF), (0, ON), (24, OFF)), Finding.DISPUTED),
        (Claimed.PICTURE, line((-5, ON), (3, BAD), (4, ON)), Finding.AGREES),
        (Claimed.PICTURE, line((-5, OFF)), Finding.AGREES),
        (Claimed.PICTURE, line((-5, ON)), Finding.DISPUTED),
        (Claimed.ONLINE, line((-5, OFF)), Finding.DISPUTED),
        (Claimed.ONLINE, line((-5, OFF), (20, ON)), Finding.AGREES),
    ],
)
def test_a_claim_is_held_against_what_is_known(
    claimed: Claimed, stretches: Sequence[Interval], finding: Finding
) -> None:
    found = compare(claimed, stretches, since=DAY, until=DAY + 24 * HOUR, valid_until=None)
    assert found.finding is finding
    assert found.as_claimed_s + found.against_s + found.unknown_s == 86_400
