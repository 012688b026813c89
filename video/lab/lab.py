"""The lab: runs virtual cameras and buttons, and changes their faults while they run.

async with Lab([CameraSpec(name="gate", user="u", password="p")], clock=utc_clock) as lab:
    print(lab.cameras["gate"].rtsp_url)
    lab.set_fault("gate", LabFault.HANG_DESCRIBE)
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from video.lab.button import LabButton
from video.lab.camera import LabCamera
from video.lab.clips import Clips
from video.lab.control import ControlConversation
from video.lab.discovery import Responder
from video.lab.faults import Door, LabFault
from video.lab.listener import Listener
from video.lab.onvif import OnvifConversation
from video.lab.rtsp import RtspConversation, path_of
from video.lab.spec import BadSpec, ButtonSpec, CameraSpec


class Lab:
    """Cameras and buttons in one event loop. `folder` keeps encoded clips for the next start.

    With `control_port` (0: any free one) the faults can be switched from another process; see control.py.
    """

    def __init__(
        self,
        cameras: Iterable[CameraSpec],
        buttons: Iterable[ButtonSpec] = (),
        *,
        clock: Callable[[], datetime],
        folder: Path | None = None,
        control_port: int | None = None,
    ) -> None:
        self.cameras = {spec.name: LabCamera(spec) for spec in cameras}
        self.buttons = {spec.device: LabButton(spec, clock) for spec in buttons}
        self._clock, self._folder, self._control_port = clock, folder, control_port
        self._doors: list[tuple[Listener, tuple[LabCamera, ...]]] = []
        self._doors_of: dict[str, list[tuple[Listener, tuple[LabCamera, ...]]]] = {}
        self._control: Listener | None = None
        self._responder = Responder(self.cameras.values())
        self._beating: list[asyncio.Task[None]] = []
        self._clips: Clips

    @property
    def control_url(self) -> str | None:
        """The address of the control port."""
        return f"http://127.0.0.1:{self._control.port}" if self._control else None

    async def __aenter__(self) -> Self:
        """Open every port; pictures are encoded when somebody first asks for them, or by `warm`."""
        self._clips = Clips(self._folder)
        try:
            self._open_rtsp()
            self._open_onvif()
            await self._responder.open()
            if self._control_port is not None:
                self._control = Listener("127.0.0.1", self._control_port, partial(ControlConversation, self))
                self._control.set_door(Door.OPEN)
        except BaseException:
            await self._close()
            raise
        self._beating = [asyncio.create_task(button.keep_beating()) for button in self.buttons.values()]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every port and connection."""
        await self._close()

    async def _close(self) -> None:
        for task in self._beating:
            task.cancel()
        await asyncio.gather(*self._beating, return_exceptions=True)
        self._responder.close()
        for camera in self.cameras.values():
            camera.hang_up()
        for listener, _ in self._doors:
            await listener.close()
        if self._control is not None:
            await self._control.close()
        await self._clips.close()

    async def warm(self) -> None:
        """Encode what every camera shows now, so that no viewer waits for it."""
        await asyncio.gather(*(self._clips.get(key) for key in {camera.clip_key for camera in self.cameras.values()}))

    async def encode(self) -> None:
        """Encode what every camera shows into the folder, without opening a port."""
        self._clips = Clips(self._folder)
        try:
            await self.warm()
        finally:
            await self._clips.close()

    def set_fault(self, name: str, fault: LabFault) -> None:
        """Give a camera a fault, or heal it with NONE; holds from the next request, frame or connection on."""
        camera = self.cameras[name]
        camera.fault = fault
        for listener, sharers in self._doors_of[name]:
            listener.set_door(_door(sharers))
        if camera.behaviour.door is not Door.OPEN:
            camera.hang_up()
        self._clips.prepare(camera.clip_key)

    def press(self, device: str) -> Awaitable[int]:
        """Press a button; return the HTTP status of the answer. KeyError where there is none of that name."""
        return self.buttons[device].press()

    def _open_rtsp(self) -> None:
        groups: dict[tuple[str, object], dict[str, LabCamera]] = {}
        for camera in self.cameras.values():
            # Port 0 is a port of the camera's own, so its name keeps it apart.
            own = (camera.spec.address, camera.spec.port or camera.spec.name)
            paths = groups.setdefault(own, {})
            if path_of(camera.spec.path) in paths:
                raise BadSpec(f"The camera {camera.spec.name} has the address, port and path of another one.")
            paths[path_of(camera.spec.path)] = camera
        for paths in groups.values():
            sharers = tuple(paths.values())
            spec = sharers[0].spec
            listener = Listener(spec.address, spec.port, partial(RtspConversation, paths, self._clips, self._clock))
            for camera in sharers:
                camera.port = listener.port
            self._keep(listener, sharers)

    def _open_onvif(self) -> None:
        for camera in self.cameras.values():
            if camera.spec.onvif_port is None:
                continue
            listener = Listener(
                camera.spec.address,
                camera.spec.onvif_port,
                partial(OnvifConversation, camera, self._clock),
            )
            camera.onvif_port = listener.port
            self._keep(listener, (camera,))

    def _keep(self, listener: Listener, sharers: tuple[LabCamera, ...]) -> None:
        self._doors.append((listener, sharers))
        for camera in sharers:
            self._doors_of.setdefault(camera.spec.name, []).append((listener, sharers))
        listener.set_door(_door(sharers))


def _door(sharers: tuple[LabCamera, ...]) -> Door:
    """Return the door of a listener: it is closed to all only when all of its cameras are."""
    wanted = {camera.behaviour.door for camera in sharers}
    return wanted.pop() if len(wanted) == 1 else Door.OPEN
