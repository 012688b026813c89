from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.address import keep_host
from video.soap import (
    MOST_BYTES,
    clock_of,
    clock_source_of,
    fault_of,
    identity_of,
    is_soap,
    ntp_servers_of,
    profiles_of,
    service_address_of,
    sub_stream,
    uri_of,
)

FILES = ("onvif_hammeraj/*.xml", "onvif_bosch_flexidome/*.xml", "go2rtc/onvif_xml/*.xml")


def test_every_reply_of_real_devices_is_read_with_its_faults(shared_data: Path) -> None:
    files = [file for pattern in FILES for file in sorted((shared_data / "protocols").glob(pattern))]
    assert len(files) >= 66
    for file in files:
        data = file.read_bytes()
        assert is_soap(data), file.name
        assert (fault_of(data) is not None) == (b":Fault>" in data), file.name
        assert (clock_of(data) is not None) == (b"UTCDateTime" in data), file.name
        assert (identity_of(data) is not None) == (b"GetDeviceInformationResponse" in data), file.name
        assert bool(uri_of(data)) == (b"MediaUri>" in data or b"<MediaUri" in data), file.name
        assert bool(profiles_of(data)) == (b"GetProfilesResponse" in data), file.name


def test_a_bosch_dome_says_what_it_is_and_when(shared_data: Path) -> None:
    folder = shared_data / "protocols" / "onvif_bosch_flexidome"
    identity = identity_of((folder / "capture_001_response.xml").read_bytes())
    assert identity
    assert (identity.manufacturer, identity.firmware) == ("Bosch", "8.71.0066")
    clock = clock_of((folder / "capture_002_response.xml").read_bytes())
    assert clock == datetime(2023, 5, 24, 21, 25, 5, tzinfo=UTC)
    best = sub_stream(profiles_of((folder / "capture_005_response.xml").read_bytes()))
    assert best
    assert (best.token, best.width, best.height) == ("3", 512, 288)
    assert (
        service_address_of((folder / "capture_003_response.xml").read_bytes(), "Media")
        == "http://192.168.1.201/onvif/media_service"
    )


def test_an_axis_fault_and_one_that_is_not_well_formed_are_read(shared_data: Path) -> None:
    folder = shared_data / "protocols" / "onvif_hammeraj"
    axis = fault_of((folder / "devices__invalid_system_date_and_time_response.xml").read_bytes())
    assert axis
    assert axis.codes == ("Sender", "WellFormed")
    escaped = fault_of((folder / "media__ver20__invalid_get_video_source_configurations.xml").read_bytes())
    assert escaped
    assert (escaped.codes, escaped.reason) == (("Receiver", "Action"), "Action failed")


def clock(year: int, month: int, day: int, hour: int, minute: int, second: int) -> bytes:
    parts = zip(
        ("Hour", "Minute", "Second", "Year", "Month", "Day"), (hour, minute, second, year, month, day), strict=True
    )
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts)
    return f"<Envelope><UTCDateTime>{inner}</UTCDateTime></Envelope>".encode()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ((2024, 7, 9, 19, 49, 6), datetime(2024, 7, 9, 19, 49, 6, tzinfo=UTC)),
        ((2024, 7, 9, 19, 60, 0), datetime(2024, 7, 9, 20, 0, 0, tzinfo=UTC)),
        ((2024, 13, 1, 0, 0, 0), datetime(2025, 1, 1, 0, 0, 0, tzinfo=UTC)),
        ((0, 1, 1, 0, 0, 0), None),
        ((99999, 1, 1, 0, 0, 0), None),
    ],
)
def test_a_clock_is_read_even_when_it_counts_too_far(said: tuple[int, ...], meant: datetime | None) -> None:
    assert clock_of(clock(*said)) == meant


def test_bombs_and_entities_are_not_opened() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "1"><!ENTITY c "&b;&b;&b;">]><Envelope><Model>&c;</Model></Envelope>'
    outside = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Envelope><Model>&b;</Model></Envelope>'
    assert not is_soap(bomb)
    assert not is_soap(outside)
    assert not is_soap(b"<Envelope>" + b" " * MOST_BYTES + b"</Envelope>")


@pytest.mark.parametrize(
    ("fault", "refuses"),
    [
        (
            b"<Fault><Code><Value>s:Sender</Value><Subcode><Value>ter:NotAuthorized</Value></Subcode></Code></Fault>",
            True,
        ),
        (b"<Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>no</faultstring></Fault>", True),
        (b"<Fault><Reason><Text>Sender not Authorized</Text></Reason></Fault>", True),
        (b"<Fault><Code><Value>s:Receiver</Value></Code></Fault>", False),
    ],
)
def test_a_refused_login_is_told_by_the_fault_not_by_the_status(fault: bytes, refuses: bool) -> None:
    found = fault_of(b"<Envelope><Body>" + fault + b"</Body></Envelope>")
    assert found
    assert found.refuses_login is refuses


@pytest.mark.parametrize(
    ("reported", "called", "kept"),
    [
        ("rtsp://10.0.0.9:554/a?b=1", "http://1.2.3.4:8080/onvif", "rtsp://1.2.3.4:554/a?b=1"),
        ("http://10.0.0.9/snap", "http://1.2.3.4:8080/onvif", "http://1.2.3.4:8080/snap"),
        ("http://1.2.3.4:81/snap", "http://1.2.3.4:8080/onvif", "http://1.2.3.4:81/snap"),
        ("rtsp://[fe80::1]/a", "http://[::1]:80/onvif", "rtsp://[::1]/a"),
        ("rtsp://10.0.0.9:banana/a", "http://1.2.3.4/onvif", None),
    ],
)
def test_the_host_that_was_called_is_kept(reported: str, called: str, kept: str | None) -> None:
    assert keep_host(reported, called) == kept


@given(st.binary())
def test_no_bytes_make_the_readers_crash(data: bytes) -> None:
    for read in (clock_of, identity_of, fault_of, uri_of, clock_source_of, ntp_servers_of, profiles_of, is_soap):
        read(data)
        read(b"<Envelope><UTCDateTime><Year>" + data + b"</Year></UTCDateTime></Envelope>")
