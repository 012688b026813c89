import asyncio
import io
import subprocess
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from video.lab.faults import LabFault
from video.lab.spec import Auth, CameraSpec

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    onvif = pytest.importorskip("onvif")
    zeep = pytest.importorskip("zeep")

RunLab = Callable[..., Any]
GATE = CameraSpec(
    name="gate", user="u", password="p", onvif_port=0, manufacturer="Mountain & Sons", model="M1", firmware="2.1"
)


async def asked(camera: Any, call: Callable[[Any], Any], password: str = "p") -> Any:
    """Ask a camera through onvif-zeep-async, which corrects for the camera's clock as it should."""
    address = urlsplit(camera.onvif_url)
    client = onvif.ONVIFCamera(address.hostname, address.port, "u", password, adjust_time=True)
    try:
        await client.update_xaddrs()
        return await call(client)
    finally:
        await client.close()


async def identity(client: Any) -> Any:
    return await (await client.create_devicemgmt_service()).GetDeviceInformation()


async def addresses(client: Any) -> tuple[str, str, int]:
    media = await client.create_media_service()
    [profile] = await media.GetProfiles()
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    stream = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token})
    still = await client.get_snapshot_uri(profile.token)
    return stream.Uri, still, profile.VideoEncoderConfiguration.Resolution.Width


@pytest.mark.parametrize("skew", [0, 7_200, -86_400])
def test_onvif_zeep_learns_who_the_camera_is_whatever_its_clock_shows(run_lab: RunLab, skew: int) -> None:
    lab = run_lab(CameraSpec(name="gate", user="u", password="p", onvif_port=0, model="M1", clock_skew_s=skew))
    found = asyncio.run(asked(lab["gate"], identity))
    assert (found.Manufacturer, found.Model, found.SerialNumber) == ("Sharp Eyes Lab", "M1", "gate")


def test_onvif_zeep_finds_the_stream_and_the_still_picture(run_lab: RunLab) -> None:
    lab = run_lab(GATE)
    stream, still, width = asyncio.run(asked(lab["gate"], addresses))
    assert (stream, still, width) == (lab["gate"].rtsp_url, lab["gate"].snapshot_url, 640)


@pytest.mark.parametrize(
    ("fault", "password", "said"),
    [
        (LabFault.NONE, "wrong", "wrong"),
        (LabFault.WRONG_PASSWORD, "p", "wrong"),
        (LabFault.SOAP_FAULT, "p", "out of order"),
    ],
)
def test_onvif_zeep_is_told_why_not(run_lab: RunLab, fault: LabFault, password: str, said: str) -> None:
    lab = run_lab(GATE)
    lab.set_fault("gate", fault)
    with pytest.raises((onvif.ONVIFError, zeep.exceptions.Fault), match=said):
        asyncio.run(asked(lab["gate"], identity, password))
    assert (lab["gate"].counters.auth_accepted > 0) is (fault is LabFault.SOAP_FAULT)


def test_a_wrong_clock_is_shown_without_a_password(run_lab: RunLab) -> None:
    lab = run_lab(GATE)
    lab.set_fault("gate", LabFault.CLOCK_WRONG)

    async def clock(client: Any) -> float:
        seen: float = client.dt_diff.total_seconds()
        return seen

    assert asyncio.run(asked(lab["gate"], clock)) == pytest.approx(-3_600, abs=5)


def fetched(url: str, *options: str) -> tuple[str, bytes]:
    """Fetch with curl; return the status and the body."""
    said = subprocess.run(["curl", "-s", *options, "-w", "%{http_code}", url], capture_output=True, check=True)
    return said.stdout[-3:].decode(), said.stdout[:-3]


@pytest.mark.parametrize(
    ("auth", "option"), [(Auth.DIGEST_MD5, "--digest"), (Auth.DIGEST_SHA256, "--digest"), (Auth.BASIC, "--basic")]
)
def test_curl_fetches_the_still_picture_with_the_password_only(run_lab: RunLab, auth: Auth, option: str) -> None:
    lab = run_lab(CameraSpec(name="gate", user="u", password="p", auth=auth, onvif_port=0))
    status, jpeg = fetched(lab["gate"].snapshot_url, option, "-u", "u:p")
    assert status == "200"
    assert Image.open(io.BytesIO(jpeg)).size == (640, 360)
    assert fetched(lab["gate"].snapshot_url, option, "-u", "u:p")[1] != jpeg
    assert fetched(lab["gate"].snapshot_url, option, "-u", "u:x")[0] == "401"
    assert fetched(lab["gate"].snapshot_url)[0] == "401"


def test_a_camera_that_refuses_is_gone_on_every_port_and_comes_back_on_the_same(run_lab: RunLab) -> None:
    lab = run_lab(CameraSpec(name="gate", onvif_port=0))
    url = lab["gate"].snapshot_url
    lab.set_fault("gate", LabFault.REFUSE)
    assert subprocess.run(["curl", "-s", url], check=False).returncode == 7
    lab.set_fault("gate", LabFault.NONE)
    assert fetched(url)[0] == "200"


@pytest.mark.parametrize("body", ["", "<x", "<x/>", "<!DOCTYPE x>"])
def test_a_request_that_is_no_soap_is_answered_with_a_fault(run_lab: RunLab, body: str) -> None:
    lab = run_lab(GATE)
    status, answer = fetched(lab["gate"].onvif_url, "-d", body)
    assert status == "400"
    assert b"Fault" in answer


def test_the_clock_is_given_in_utc(run_lab: RunLab) -> None:
    lab = run_lab(GATE)
    soap = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
    )
    status, answer = fetched(lab["gate"].onvif_url, "-d", soap)
    assert status == "200"
    assert f"<tt:Year>{datetime.now(UTC).year}</tt:Year>".encode() in answer
