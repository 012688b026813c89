"""Records that may be one device are found by what they share, and neighbours are left in peace."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.twins import Identity, Sameness, Twin, twins

ONE = Identity(
    code="A", rtsp_url="rtsp://10.1.2.3/live", ipv4="10.1.2.3", mac="3C:EF:8C:01:02:03", ptz_type=3, bearing_deg=90,
    lng=104.7, lat=29.3,
)  # fmt: skip
OTHER = Identity(
    code="B", rtsp_url="rtsp://10.1.2.4/live", ipv4="10.1.2.4", mac="3C:EF:8C:01:02:04", ptz_type=3, bearing_deg=90,
    lng=104.71, lat=29.3,
)  # fmt: skip
BEHIND = Identity(code="C", recorder="10.9.0.1", recorder_channel=1, ipv4="10.9.0.1", mac="3C:EF:8C:09:09:09")


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (ONE, OTHER, []),
        (ONE, replace(OTHER, rtsp_url=ONE.rtsp_url), [Sameness.STREAM]),
        (ONE, replace(OTHER, rtsp_url=None, ipv4=ONE.ipv4), [Sameness.ADDRESS]),
        (ONE, replace(OTHER, rtsp_url="rtsp://10.1.2.3/other", ipv4=ONE.ipv4), []),
        (ONE, replace(OTHER, mac=ONE.mac), [Sameness.MAC]),
        # A device with two sensors: one address, one MAC, two streams.
        (ONE, replace(OTHER, rtsp_url="rtsp://10.1.2.3/second", ipv4=ONE.ipv4, mac=ONE.mac), []),
        (ONE, replace(OTHER, lng=104.700001), [Sameness.PLACE]),
        # On one pole, looking apart, or of another kind.
        (ONE, replace(OTHER, lng=104.7, bearing_deg=180), []),
        (ONE, replace(OTHER, lng=104.7, ptz_type=1), []),
        (replace(ONE, bearing_deg=355), replace(OTHER, lng=104.7, bearing_deg=5), [Sameness.PLACE]),
        (ONE, replace(OTHER, lng=104.7, bearing_deg=None), []),
        (BEHIND, replace(BEHIND, code="D", recorder_channel=2), []),
        (BEHIND, replace(BEHIND, code="D"), [Sameness.CHANNEL, Sameness.MAC]),
        (Identity(code="X"), Identity(code="Y"), []),
    ],
)
def test_what_two_records_share_is_named(first: Identity, second: Identity, shared: list[Sameness]) -> None:
    found = twins([first, second])
    assert [twin.sameness for twin in found] == shared
    assert {(twin.first, twin.second) for twin in found} <= {(0, 1)}


def test_metres_are_metres_also_far_north() -> None:
    apart = [replace(ONE, mac=None, ipv4=None, rtsp_url=None, lat=60.0, lng=lng) for lng in (10.0, 10.00004)]
    assert twins(apart, within_m=2.0) == []
    assert [twin.sameness for twin in twins(apart, within_m=2.5)] == [Sameness.PLACE]


@given(st.integers(2, 30))
def test_every_repetition_points_at_the_first(count: int) -> None:
    same = [replace(ONE, code=str(at), lng=None, ipv4=None, mac=None) for at in range(count)]
    assert twins(same) == [Twin(sameness=Sameness.STREAM, first=0, second=at) for at in range(1, count)]
