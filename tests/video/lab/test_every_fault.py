"""Every fault of the lab through a look: what it is called, at which layer, within its time and in little memory."""

import asyncio
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import pytest

from data.looks import Credential, Observation, OnvifOffer, Target
from data.types import Fault, Layer
from video.decoders import Decoders
from video.judge import bad_faults
from video.lab.faults import LabFault
from video.lab.spec import CameraSpec
from video.picture import BadPicture, read_image
from video.probe import Timeouts, look

RunLab = Callable[..., Any]
LOGIN = Credential(user="admin", password="right")
QUICK = Timeouts(connect_s=1.5, reply_s=2.5, key_frame_s=4, onvif_s=3, total_s=9)
# All looks begin at once and wait for six decoders; a look that overstays ends the test.
WITHIN_S = 60

# What the stream is said to be, and what ONVIF beside it.
WELL = (None, None)
TIMEOUT_ONVIF = (OnvifOffer.OFFERED, Fault.TIMEOUT)
GARBAGE_ONVIF = (OnvifOffer.OFFERED, Fault.ONVIF_BAD_REPLY)
GOOD_ONVIF = (OnvifOffer.OFFERED, None)
FULL = Fault.TOO_MANY_SESSIONS
EXPECTED: dict[LabFault, tuple[tuple[Fault | None, Layer | None], tuple[OnvifOffer, Fault | None]]] = {
    LabFault.NONE: (WELL, GOOD_ONVIF),
    LabFault.REFUSE: ((Fault.REFUSED, Layer.TCP), (OnvifOffer.NOT_OFFERED, None)),
    LabFault.HANG_CONNECT: ((Fault.TIMEOUT, Layer.TCP), TIMEOUT_ONVIF),
    LabFault.HANG_TCP: ((Fault.TIMEOUT, Layer.RTSP), TIMEOUT_ONVIF),
    LabFault.HANG_RTSP: ((Fault.TIMEOUT, Layer.RTSP), TIMEOUT_ONVIF),
    LabFault.HANG_DESCRIBE: ((Fault.TIMEOUT, Layer.DESCRIBE), GOOD_ONVIF),
    LabFault.HANG_SETUP: ((Fault.TIMEOUT, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.HANG_PLAY: ((Fault.TIMEOUT, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.SLOW: ((Fault.TIMEOUT, Layer.DESCRIBE), TIMEOUT_ONVIF),
    LabFault.WRONG_PASSWORD: ((Fault.AUTH_REFUSED, Layer.AUTH), GOOD_ONVIF),
    LabFault.LOOP_401: ((Fault.AUTH_REFUSED, Layer.AUTH), GOOD_ONVIF),
    LabFault.FORBIDDEN: ((FULL, Layer.DESCRIBE), GOOD_ONVIF),
    LabFault.NOT_ENOUGH_BANDWIDTH: ((FULL, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.UNAVAILABLE: ((FULL, Layer.DESCRIBE), GOOD_ONVIF),
    LabFault.SESSION_CAP: (WELL, GOOD_ONVIF),
    LabFault.NOT_FOUND: ((Fault.NOT_FOUND, Layer.DESCRIBE), GOOD_ONVIF),
    LabFault.UDP_ONLY: (WELL, GOOD_ONVIF),
    LabFault.NO_VIDEO: ((Fault.NO_VIDEO, Layer.DESCRIBE), GOOD_ONVIF),
    LabFault.NO_KEY_FRAME: ((Fault.NO_KEY_FRAME, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.GARBAGE: ((Fault.BAD_REPLY, Layer.RTSP), GARBAGE_ONVIF),
    LabFault.ENDLESS: ((Fault.BAD_REPLY, Layer.RTSP), GARBAGE_ONVIF),
    LabFault.HALF_REPLY: ((Fault.BAD_REPLY, Layer.DESCRIBE), GARBAGE_ONVIF),
    LabFault.TRICKLE: ((Fault.TIMEOUT, Layer.DESCRIBE), TIMEOUT_ONVIF),
    LabFault.XML_BOMB: (WELL, GARBAGE_ONVIF),
    LabFault.OTHER_CODEC: ((Fault.NO_KEY_FRAME, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.GIANT: ((Fault.DECODER_DIED, Layer.KEY_FRAME), GOOD_ONVIF),
    LabFault.FROZEN: (WELL, GOOD_ONVIF),
    LabFault.BLACK: (WELL, GOOD_ONVIF),
    LabFault.BLURRED: (WELL, GOOD_ONVIF),
    LabFault.COVERED: (WELL, GOOD_ONVIF),
    LabFault.LOSSY: (WELL, GOOD_ONVIF),
    LabFault.CLOCK_WRONG: (WELL, GOOD_ONVIF),
    LabFault.SOAP_FAULT: (WELL, GOOD_ONVIF),
}
PICTURED = {
    LabFault.BLACK: Fault.BLACK,
    LabFault.BLURRED: Fault.BLURRED,
    LabFault.COVERED: Fault.COVERED,
}
# What a prober may grow by while all of this is thrown at it, in KiB.
MOST_GROWTH_KIB = 96 * 1024


def camera_with(fault: LabFault) -> CameraSpec:
    return CameraSpec(name=fault, fault=fault, user="admin", password="right", onvif_port=0)


def seen_of_each(lab: Any, faults: list[LabFault]) -> dict[LabFault, Observation]:
    async def one(fault: LabFault, decoders: Decoders) -> Observation:
        camera = lab[fault]
        target = Target(rtsp_url=camera.rtsp_url, onvif_url=camera.onvif_url, credential=LOGIN)
        return await look(target, now=datetime.now(UTC), decoders=decoders, timeouts=QUICK)

    async def run() -> dict[LabFault, Observation]:
        async with Decoders(6) as decoders, asyncio.timeout(WITHIN_S):
            seen = await asyncio.gather(*(one(fault, decoders) for fault in faults))
        return dict(zip(faults, seen, strict=True))

    return asyncio.run(run())


def test_every_fault_is_named_at_its_layer_and_costs_only_its_own_look(run_lab: RunLab) -> None:
    lab = run_lab(*map(camera_with, LabFault))
    seen_of_each(lab, [LabFault.NONE])
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = seen_of_each(lab, list(LabFault))
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib

    assert {fault: ((one.fault, one.layer), (one.onvif, one.onvif_fault)) for fault, one in seen.items()} == EXPECTED
    for fault, shown in PICTURED.items():
        picture = seen[fault].picture
        assert picture
        assert shown in bad_faults(picture)
    assert all(one.detail for one in seen.values() if one.fault)
    assert "12480 × 8320" in seen[LabFault.GIANT].detail
    assert seen[LabFault.CLOCK_WRONG].clock_skew_s == pytest.approx(-3_600, abs=5)
    assert grown_kib < MOST_GROWTH_KIB


def test_a_still_picture_of_a_hundred_million_pixels_is_refused_unread(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", fault=LabFault.GIANT, onvif_port=0))
    with urlopen(lab["gate"].snapshot_url, timeout=20) as answer:
        jpeg = answer.read()
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadPicture, match="12480 × 8320"):
        read_image(jpeg)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < MOST_GROWTH_KIB
