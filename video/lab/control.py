"""Switches faults and presses buttons from another process: a small JSON interface on loopback.

    GET  /cameras                          every camera: addresses, fault, counters
    POST /cameras/NAME/fault {"fault": F}  give it a fault; "none" heals it
    POST /faults {NAME: F, …}              many at once, all or nothing
    POST /buttons/DEVICE/press             press a button; answers what the server said

Example: curl -d '{"fault": "black"}' http://127.0.0.1:PORT/cameras/gate/fault
"""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import asdict
from typing import Any, Protocol
from urllib.parse import unquote

from video.lab.camera import LabCamera
from video.lab.faults import LabFault
from video.lab.messages import Conversation, Reply, Request


class Controlled(Protocol):
    """What can be switched."""

    @property
    def cameras(self) -> Mapping[str, LabCamera]:
        """The cameras by name."""

    def set_fault(self, name: str, fault: LabFault) -> None:
        """Give a camera a fault."""

    def press(self, device: str) -> Awaitable[int]:
        """Press a button; return the HTTP status of the answer."""


class ControlConversation(Conversation):
    """One client that switches faults."""

    def __init__(self, lab: Controlled) -> None:
        super().__init__()
        self._lab = lab
        self._pressing: set[asyncio.Task[None]] = set()

    def on_request(self, request: Request) -> None:
        """Do what is asked, or say in a sentence why not."""
        parts = [unquote(part) for part in request.target.strip("/").split("/")]
        try:
            match (request.method, parts):
                case ("GET", ["cameras"]):
                    self._send(200, [as_json(camera) for camera in self._lab.cameras.values()])
                case ("POST", ["cameras", name, "fault"]):
                    self._set_faults({name: json.loads(request.body)["fault"]})
                case ("POST", ["faults"]):
                    self._set_faults(json.loads(request.body))
                case ("POST", ["buttons", device, "press"]):
                    self._press(device)
                case _:
                    self._send(404, {"error": f"There is no {request.method} {request.target}."})
        except KeyError as error:
            self._send(404, {"error": f"The lab has no {error.args[0]!r}."})
        except (ValueError, TypeError, AttributeError) as error:
            self._send(400, {"error": f"The request cannot be read: {error}."})

    def _set_faults(self, wanted: Mapping[str, str]) -> None:
        faults = {name: LabFault(fault) for name, fault in wanted.items()}
        chosen = [self._lab.cameras[name] for name in faults]
        for name, fault in faults.items():
            self._lab.set_fault(name, fault)
        self._send(200, [as_json(camera) for camera in chosen])

    def _press(self, device: str) -> None:
        answer = self._lab.press(device)
        task = asyncio.ensure_future(self._pressed(answer))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def _pressed(self, answer: Awaitable[int]) -> None:
        try:
            self._send(200, {"status": await answer})
        except OSError as error:
            self._send(502, {"error": f"The button cannot reach its server: {error}."})

    def _send(self, status: int, body: Any) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.transport.write(Reply(status, {"Content-Type": "application/json"}, text).written("HTTP/1.1"))


def as_json(camera: LabCamera) -> dict[str, Any]:
    """Return what the control port tells of a camera; never its password."""
    return {
        "name": camera.spec.name,
        "rtsp_url": camera.rtsp_url,
        "onvif_url": camera.onvif_url,
        "fault": camera.fault,
        "open_sessions": camera.open_sessions,
        "counters": asdict(camera.counters),
    }
