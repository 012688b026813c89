"""One listening socket whose door can be opened, shut and stuck while the port stays taken."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from video.lab.faults import Door

_BACKLOG = 512


class Listener:
    """A loopback port. SHUT refuses connections, STUCK leaves them unanswered, as a dead host does."""

    def __init__(self, address: str, port: int, make: Callable[[], asyncio.Protocol]) -> None:
        if not address.startswith("127."):
            raise ValueError(f"{address} is not a loopback address; virtual cameras live in 127.0.0.0/8 only")
        self._make = make
        self._door = Door.SHUT
        self._socket = _bound(address, port)
        self.address, self.port = self._socket.getsockname()
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None
        self._filler: socket.socket | None = None

    def set_door(self, door: Door) -> None:
        """Open, shut or stick; holds from the next connection on."""
        if door is self._door:
            return
        if self._door is not Door.SHUT:
            self._shut()
            self._socket = _bound(self.address, self.port)
        self._door = door
        if door is Door.OPEN:
            # Listening begins here and not in the task, so that no connection is refused meanwhile.
            self._socket.listen(_BACKLOG)
            self._opening = asyncio.create_task(self._open(self._socket))
        elif door is Door.STUCK:
            self._stick()

    async def _open(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make, sock=listening, backlog=_BACKLOG)

    def _stick(self) -> None:
        # Linux drops a SYN when the queue of unaccepted connections is full, and this queue holds one.
        self._socket.listen(0)
        self._filler = socket.create_connection((self.address, self.port))

    def _shut(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._server is not None:
            # Some loops close a socket a turn later; its port must be free now.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._server.close()
        if self._filler is not None:
            self._filler.close()
        self._server = self._opening = self._filler = None
        self._socket.close()

    async def close(self) -> None:
        """Free the port."""
        opening = self._opening
        self._shut()
        if opening is not None:
            await asyncio.gather(opening, return_exceptions=True)


def _bound(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made
