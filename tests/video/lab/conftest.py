"""A lab that runs in its own thread, so that clients nobody here wrote can be waited for."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from video.lab.camera import LabCamera
from video.lab.faults import LabFault
from video.lab.lab import Lab
from video.lab.spec import ButtonSpec, CameraSpec


class RunningLab:
    """A lab and the thread it runs in; its cameras may be read from here, and changed through `do`."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.wait_for(self._lab.__aenter__())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wait_for(self._lab.__aexit__(None, None, None))
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_for(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def set_fault(self, name: str, fault: LabFault) -> None:
        async def change() -> None:
            self._lab.set_fault(name, fault)

        self.wait_for(change())

    def warm(self) -> None:
        self.wait_for(self._lab.warm())

    def __getitem__(self, name: str) -> LabCamera:
        return self._lab.cameras[name]

    @property
    def control_url(self) -> str:
        assert self._lab.control_url is not None
        return self._lab.control_url


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where pictures encoded by one test serve the next."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture
def run_lab(clips: Path) -> Iterator[Callable[..., RunningLab]]:
    """Start a lab with the given cameras; it ends with the test."""
    running: list[RunningLab] = []

    def start(*cameras: CameraSpec, buttons: tuple[ButtonSpec, ...] = (), **more: Any) -> RunningLab:
        lab = RunningLab(Lab(cameras, buttons, folder=clips, **{"clock": lambda: datetime.now(UTC), **more}))
        running.append(lab.__enter__())
        lab.warm()
        return lab

    yield start
    for lab in running:
        lab.__exit__(None, None, None)
