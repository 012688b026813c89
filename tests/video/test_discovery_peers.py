"""Discovery against things nobody here wrote: an ipycam, and the WSDiscovery package on both sides."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from video.discovery import Found, Strip, Sweep
from video.lab.lab import Lab
from video.lab.spec import CameraSpec
from video.networks import networks_of

LOOPBACK = networks_of(["127.0.0.0/8"])
Serving = Callable[..., contextlib.AbstractContextManager[str]]


def clock() -> datetime:
    return datetime.now(UTC)


def swept(cidr: str, *, onvif_ports: tuple[int, ...] = ()) -> list[Found]:
    async def run() -> list[Found]:
        strip = Strip(cidr=cidr, rate_per_s=500, rtsp_ports=(), onvif_ports=onvif_ports)
        return [one async for one in Sweep([strip], LOOPBACK, clock=clock).run()]

    return asyncio.run(asyncio.wait_for(run(), 30))


def test_an_ipycam_is_found_by_its_own_answer(discovering_ipycam: str) -> None:
    """It says an inner address, so its port is found by trying."""
    port = urlsplit(discovering_ipycam).port or 0
    [found] = swept("127.0.0.1/32", onvif_ports=(port,))
    assert found.ip == "127.0.0.1"
    assert found.uuid
    assert found.said_name
    assert found.onvif_url == discovering_ipycam


def test_a_camera_of_the_package_is_found_and_understood(wsdiscovery_peer: list[str], serving: Serving) -> None:
    with serving([*wsdiscovery_peer, "serve", "127.44.9.1"]):
        [found] = swept("127.44.9.1/32")
    assert found.uuid == "urn:uuid:5f6c0c1e-0000-1000-8000-c42f90010203"
    assert (found.said_name, found.model, found.mac) == ("Peer Camera", "P1", "C4:2F:90:01:02:03")


def test_the_package_understands_a_virtual_camera(wsdiscovery_peer: list[str]) -> None:
    spec = CameraSpec(name="gate", address="127.44.9.2", onvif_port=0, discoverable=True, mac="02:00:00:00:00:07")

    async def run() -> tuple[str, str | None]:
        async with Lab([spec], clock=clock) as lab:
            command = [*wsdiscovery_peer, "ask", "127.44.9.2"]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=20)
            return done.stdout, lab.cameras["gate"].onvif_url

    out, url = asyncio.run(run())
    said = json.loads(out)
    assert said["answers"]
    assert said["types"] == ["NetworkVideoTransmitter"]
    assert said["addresses"] == [url]
    assert "onvif://www.onvif.org/name/gate" in said["scopes"]
    assert said["epr"].startswith("urn:uuid:")


@pytest.mark.parametrize("broken", ["", "127.44.9.9/32"])
def test_where_nobody_answers_nothing_is_found(broken: str) -> None:
    assert swept(broken or "127.44.9.3/32") == []
