"""What looks at the channels of one recorder tell each other, so that they agree and the recorder is spared.

A recorder that does not open its door is down with all of its channels, and knocking sixty-four times would take
minutes. A password it refused for one channel is not tried for the next one: sixty-four tries lock an account. Sessions
are few, so once it is full no more pictures are asked for. Whatever a channel alone gets wrong stays its own.
"""

from collections import Counter
from dataclasses import replace

from data.looks import Credential, Target
from data.types import Fault, Layer
from video.address import Address
from video.device import DeviceSeen
from video.errors import AuthLocked, AuthRefused, CameraError, TooManySessions, of_fault

# One knock may be lost on the way; two are believed.
_KNOCKS = 2
_AT_THE_DOOR = {Layer.NAME, Layer.ROUTE, Layer.TCP}
_OF_OUR_RECORD = {Fault.BAD_ADDRESS, Fault.NOT_ALLOWED}

# As long does a word on the recorder hold for its other channels.
_HOLDS_S = 20.0

_Door = tuple[str, int]
_Refusals = set[tuple[_Door, Credential]]


class Row:
    """The looks of one row; every device that stands alone has a row of its own."""

    def __init__(self, refused: _Refusals | None = None, *, began_s: float = 0.0) -> None:
        self.began_s = began_s
        self._refused: _Refusals = set() if refused is None else refused
        self._knocks: Counter[_Door] = Counter()
        self._shut: dict[_Door, CameraError] = {}
        self._full: set[_Door] = set()
        self._devices: dict[tuple[str, Credential | None], DeviceSeen] = {}

    def check_door(self, address: Address) -> None:
        """Raise what the recorder did to the looks before, when it let none of them in."""
        door = (address.host, address.port)
        if self._knocks[door] >= _KNOCKS:
            known = self._shut[door]
            raise of_fault(known.fault, known.detail, known.layer)

    def has_refused(self, address: Address, target: Target) -> bool:
        """Return whether the login of a channel was refused here, and nobody entered it again since."""
        if target.credential is None:
            return False
        login = ((address.host, address.port), target.credential)
        if target.refused_credential_version not in (None, target.credential_version):
            self._refused.discard(login)
        return login in self._refused

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


class Rows:
    """The rows of a worker: what is learnt of a recorder holds for a while, a refused login until it is changed."""

    def __init__(self) -> None:
        self._refused: _Refusals = set()
        self._of: dict[str, Row] = {}

    def row_of(self, target: Target, *, now_s: float) -> Row:
        """Return the row a look belongs to; `now_s` is any clock that only goes forward."""
        if not target.turn_key:
            return Row(self._refused)
        row = self._of.get(target.turn_key)
        if row is None or now_s - row.began_s > _HOLDS_S:
            row = self._of[target.turn_key] = Row(self._refused, began_s=now_s)
        return row


def _is_of_the_door(error: CameraError) -> bool:
    if error.fault in _OF_OUR_RECORD:
        return False
    return error.layer in _AT_THE_DOOR or (error.fault is Fault.TIMEOUT and error.layer is Layer.RTSP)
