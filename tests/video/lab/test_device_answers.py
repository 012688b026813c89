"""What the prober learns of a device over ONVIF beside the essentials, and how often it tries a password there."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.looks import Credential, Observation, Offer, OnvifOffer, StreamShape, Target, Want
from data.types import Fault
from video.decoders import Decoders
from video.lab.faults import LabFault
from video.lab.spec import Auth, CameraSpec
from video.probe import Timeouts, look

RunLab = Callable[..., Any]
RIGHT = Credential(user="admin", password="right")
WRONG = Credential(user="admin", password="wrong")
PATIENT = Timeouts(onvif_s=15, total_s=40)
EVERYTHING = frozenset(Want)


def seen_of(camera: Any, *, pictures: bool = False, rtsp: bool = True, **more: Any) -> Observation:
    target = Target(
        rtsp_url=camera.rtsp_url if rtsp else None,
        onvif_url=camera.onvif_url,
        **{"credential": RIGHT, **more},
    )

    async def run() -> Observation:
        async with Decoders(1) as decoders:
            return await look(target, now=datetime.now(UTC), decoders=decoders if pictures else None, timeouts=PATIENT)

    return asyncio.run(run())


def camera(**facts: Any) -> CameraSpec:
    return CameraSpec(**{"name": "gate", "user": "admin", "password": "right", "onvif_port": 0, **facts})


def test_a_device_that_offers_everything_is_asked_everything(run_lab: RunLab) -> None:
    lab = run_lab(camera(events=True, records=0.75, ntp_server="ntp.example", running_h=50, clock_skew_s=3_600))
    seen = seen_of(lab["gate"], want=EVERYTHING)
    assert (seen.fault, seen.onvif_fault) == (None, None)
    assert (seen.clock_source, seen.ntp_servers) == ("ntp", ("ntp.example",))
    assert (seen.events, seen.recording) == (Offer.WORKS, Offer.WORKS)
    assert seen.recorded_share == pytest.approx(0.75, abs=0.001)
    assert seen.booted_at
    # By the clock of the device, as everything it tells.
    assert seen.booted_at - seen.at == pytest.approx(timedelta(hours=-49), abs=timedelta(seconds=20))
    assert seen.answered == EVERYTHING - {Want.STREAM}
    assert lab["gate"].counters.subscriptions == 0


def test_what_a_device_does_not_offer_is_no_fault(run_lab: RunLab) -> None:
    lab = run_lab(camera())
    seen = seen_of(lab["gate"], want=EVERYTHING)
    assert (seen.fault, seen.onvif_fault) == (None, None)
    assert (seen.events, seen.recording, seen.recorded_share) == (Offer.NOT_OFFERED, Offer.NOT_OFFERED, None)
    assert seen.ntp_servers == ("dhcp",)


def test_nothing_more_is_asked_when_it_is_not_time_for_it(run_lab: RunLab) -> None:
    lab = run_lab(camera(events=True, records=1.0))
    seen = seen_of(lab["gate"])
    assert (seen.answered, seen.events, seen.recording) == (frozenset(), None, None)


@pytest.mark.parametrize("auth", [Auth.DIGEST_MD5, Auth.DIGEST_SHA256, Auth.BASIC])
@pytest.mark.parametrize("skew", [0.0, -86_400.0])
def test_a_device_is_asked_in_the_way_it_takes_a_login(run_lab: RunLab, auth: Auth, skew: float) -> None:
    lab = run_lab(camera(auth=auth, clock_skew_s=skew))
    seen = seen_of(lab["gate"])
    assert (seen.onvif, seen.onvif_fault) == (OnvifOffer.OFFERED, None)
    assert seen.device
    assert seen.device.serial == "gate"
    assert lab["gate"].counters.auth_refused == 0


@pytest.mark.parametrize("auth", [Auth.DIGEST_MD5, Auth.DIGEST_SHA256, Auth.BASIC])
@pytest.mark.parametrize("rtsp", [True, False])
def test_a_wrong_password_is_tried_once_over_both_protocols_together(run_lab: RunLab, auth: Auth, rtsp: bool) -> None:
    lab = run_lab(camera(auth=auth))
    seen = seen_of(lab["gate"], credential=WRONG, rtsp=rtsp, want=EVERYTHING, pictures=True)
    assert seen.fault is (Fault.AUTH_REFUSED if rtsp else Fault.ONVIF_AUTH_REFUSED)
    assert (lab["gate"].counters.auth_refused, lab["gate"].counters.auth_accepted) == (1, 0)
    assert seen.clock_skew_s is not None


def test_a_device_behind_nat_is_kept_at_the_host_that_was_called(run_lab: RunLab) -> None:
    lab = run_lab(camera(inner_address="192.168.99.7", events=True, records=1.0))
    seen = seen_of(lab["gate"], rtsp=False, pictures=True, want=EVERYTHING)
    assert (seen.fault, seen.onvif_fault, seen.codec) == (None, None, "h264")
    assert seen.picture
    assert seen.stream_url == lab["gate"].rtsp_url
    assert seen.snapshot_url == lab["gate"].snapshot_url
    assert (seen.events, seen.recording) == (Offer.WORKS, Offer.WORKS)


def test_a_device_that_takes_no_stream_over_tcp_is_seen_by_udp(run_lab: RunLab) -> None:
    lab = run_lab(camera(fault=LabFault.UDP_ONLY))
    seen = seen_of(lab["gate"], pictures=True)
    assert (seen.fault, seen.width) == (None, 640)
    assert seen.picture


def test_a_stream_is_measured_when_it_is_time_for_it(run_lab: RunLab) -> None:
    lab = run_lab(camera(fps=20, gop=20))
    seen = seen_of(lab["gate"], pictures=True, want=frozenset({Want.STREAM}))
    assert seen.frame_rate == pytest.approx(20, abs=1)
    assert seen.gop_s == pytest.approx(1.0, abs=0.1)
    assert seen.bit_rate_kbps
    assert seen.bit_rate_kbps > 50
    # The next cheap look still knows.
    shape = StreamShape(codec="h264", width=640, height=360, frame_rate=seen.frame_rate)
    assert seen_of(lab["gate"], shape=shape).frame_rate == seen.frame_rate


@pytest.mark.parametrize("pictures", [True, False])
def test_a_stream_that_is_not_as_recorded_says_so_in_words(run_lab: RunLab, pictures: bool) -> None:
    lab = run_lab(camera())
    seen = seen_of(lab["gate"], pictures=pictures, recorded=StreamShape(codec="h265", width=1920, height=1080))
    assert (
        seen.detail == "the record says h265, the stream is h264; the record says 1920 × 1080, the stream has 640 × 360"
    )
