"""What looks at the channels of one recorder tell each other, so that they agree and the recorder is spared.

A recorder that does not open its door is down with all of its channels, and knocking sixty-four times would take
minutes. A password it refused for one channel is not tried for the next one: sixty-four tries lock an account. Sessions
are few, so once it is full no more pictures are asked for. Whatever a channel alone gets wrong stays its own.
"""

from collections import Counter
from dataclasses import replace

from data.types import Credential, Fault, Layer
from video.address import Address
from video.device import DeviceSeen
from video.errors import AuthLocked, AuthRefused, CameraError, TooManySessions, of_fault

# One knock may be lost on the way; two are believed.
_KNOCKS = 2
_AT_THE_DOOR = {Layer.NAME, Layer.ROUTE, Layer.TCP}
_OF_OUR_RECORD = {Fault.BAD_ADDRESS, Fault.NOT_ALLOWED}

_Door = tuple[str, int]


class Row:
    """The looks of one row; every device that stands alone has a row of its own."""

    def __init__(self) -> None:
        self._knocks: Counter[_Door] = Counter()
        self._shut: dict[_Door, CameraError] = {}
        self._refused: set[tuple[_Door, Credential]] = set()
        self._full: set[_Door] = set()
        self._devices: dict[tuple[str, Credential | None], DeviceSeen] = {}

    def check_door(self, address: Address) -> None:
        """Raise what the recorder did to the looks before, when it let none of them in."""
        door = (address.host, address.port)
        if self._knocks[door] >= _KNOCKS:
            known = self._shut[door]
            raise of_fault(known.fault, known.detail, known.layer)

    def has_refused(self, address: Address, credential: Credential | None) -> bool:
        """Return whether this login was refused here a moment ago."""
        return credential is not None and ((address.host, address.port), credential) in self._refused

    def is_full(self, address: Address) -> bool:
        """Return whether the recorder said a moment ago that it has no session left."""
        return (address.host, address.port) in self._full

    def learn(self, address: Address, credential: Credential | None, error: CameraError | None) -> None:
        """Remember how a look at a channel ended."""
        door = (address.host, address.port)
        if error is None or not _is_of_the_door(error):
            self._knocks[door] = 0
        else:
            self._knocks[door] += 1
            self._shut[door] = error
        if isinstance(error, AuthRefused | AuthLocked) and credential is not None:
            self._refused.add((door, credential))
        if isinstance(error, TooManySessions):
            self._full.add(door)

    def device(self, url: str, credential: Credential | None) -> DeviceSeen | None:
        """Return what the recorder said of itself to the look before."""
        heard = self._devices.get((url, credential))
        # The addresses it gave belong to the channel that asked.
        return replace(heard, stream_url=None, snapshot_url=None) if heard else None

    def learn_device(self, url: str, credential: Credential | None, heard: DeviceSeen) -> None:
        """Remember what the recorder said of itself."""
        self._devices[url, credential] = heard


def _is_of_the_door(error: CameraError) -> bool:
    if error.fault in _OF_OUR_RECORD:
        return False
    return error.layer in _AT_THE_DOOR or (error.fault is Fault.TIMEOUT and error.layer is Layer.RTSP)
