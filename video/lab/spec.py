"""What a virtual camera or button is: frozen values, and the JSON file they are read from.

The file is a list of cameras, or {"cameras": […], "buttons": […]}. Every key is a field below; only `name` (of a
camera) and `device`, `secret`, `url` (of a button) must be given. `scene` is written "light-seed", as in "dusk-7".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, get_type_hints

from video.lab.faults import LabFault


class BadSpec(Exception):
    """A camera or button cannot be made from what the file says; the message says which and why."""


class Auth(StrEnum):
    """How a camera asks for its password; NONE asks for none."""

    NONE = "none"
    BASIC = "basic"
    DIGEST_MD5 = "digest_md5"
    DIGEST_SHA256 = "digest_sha256"


class Codec(StrEnum):
    """How the pictures are compressed."""

    H264 = "h264"
    H265 = "h265"


class Light(StrEnum):
    """The time of day a scene is drawn at."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Start(StrEnum):
    """Which frame a session begins with; a camera that starts MID_GOP shows its first key frame later."""

    KEY_FRAME = "key_frame"
    MID_GOP = "mid_gop"


@dataclass(frozen=True, slots=True)
class Scene:
    """A village road: its light, and the seed everything in it is placed by."""

    light: Light = Light.DAY
    seed: int = 1

    @classmethod
    def read(cls, text: str) -> "Scene":
        """Return the scene written as "light-seed"."""
        light, _, seed = text.partition("-")
        return cls(Light(light), int(seed or 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpec:
    """A virtual camera. Port 0 takes a free port of its own; cameras of equal address and port share one listener."""

    name: str
    address: str = "127.0.0.1"
    port: int = 0
    path: str = "/live"
    auth: Auth = Auth.DIGEST_MD5
    user: str = ""
    password: str = field(default="", repr=False)
    codec: Codec = Codec.H264
    width: int = 640
    height: int = 360
    fps: int = 12
    gop: int = 12
    start: Start = Start.KEY_FRAME
    scene: Scene = Scene()
    title: str = ""
    # None: the camera speaks no ONVIF. 0: a free port.
    onvif_port: int | None = None
    manufacturer: str = "Sharp Eyes Lab"
    model: str = "Village 1"
    firmware: str = "1.0.0"
    serial: str = ""
    # Said over WS-Discovery, which listens on UDP port 3702 of the address of every camera that is discoverable.
    mac: str = ""
    discoverable: bool = False
    # Where the camera says its ONVIF service is, when it says something else than the truth.
    says_onvif_at: str = ""
    clock_skew_s: float = 0.0
    # Where it says it is, when it stands behind NAT: in addresses over ONVIF and in the base of its stream.
    inner_address: str = ""
    # The time server it asks; empty where it comes with its address.
    ntp_server: str = ""
    # Whether it lets others subscribe to its events, since how many hours it runs, the share of a day it records
    # (None: it does not offer recordings).
    events: bool = False
    running_h: float = 72.0
    records: float | None = None
    # After as many wrong passwords it lets nobody in any more; None: never.
    locks_after: int | None = None
    # The number of sessions a camera with the fault session_cap allows.
    session_cap: int = 1
    fault: LabFault = LabFault.NONE

    @property
    def asks_for_password(self) -> bool:
        """Whether a request without credentials is refused."""
        return bool(self.user) and self.auth is not Auth.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonSpec:
    """A virtual one-key alarm device: where it reports to, and how often it says that it is alive."""

    device: str
    secret: str = field(repr=False)
    url: str
    press_path: str = "/api/v1/signals"
    heartbeat_path: str = "/api/v1/signals"
    every_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Cast:
    """The cameras and buttons of one file."""

    cameras: tuple[CameraSpec, ...]
    buttons: tuple[ButtonSpec, ...] = ()


def read(text: str) -> Cast:
    """Return the cameras and buttons of a JSON document; raise BadSpec with a sentence when one cannot be made."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadSpec(f"The file is not JSON: {error}. Write a list of cameras.") from error
    if isinstance(document, list):
        document = {"cameras": document}
    if not isinstance(document, dict):
        raise BadSpec("The file holds no cameras. Write a list of cameras.")
    cast = Cast(
        tuple(_build(CameraSpec, row, "camera") for row in document.get("cameras", [])),
        tuple(_build(ButtonSpec, row, "button") for row in document.get("buttons", [])),
    )
    _refuse_doubles(camera.name for camera in cast.cameras)
    return cast


def _build(kind: type[Any], row: Mapping[str, Any], what: str) -> Any:
    name = row.get("name") or row.get("device") or "without a name"
    known = {entry.name: entry for entry in fields(kind)}
    hints = get_type_hints(kind)
    strange = sorted(set(row) - set(known))
    if strange:
        raise BadSpec(f"The {what} {name} has {strange[0]!r}; write one of {', '.join(known)}.")
    missing = [key for key, entry in known.items() if key not in row and entry.default is MISSING]
    if missing:
        raise BadSpec(f"The {what} {name} has no {missing[0]!r}; write it.")
    try:
        return kind(**{key: _value(hints[key], value) for key, value in row.items()})
    except (ValueError, TypeError) as error:
        raise BadSpec(f"The {what} {name} cannot be made: {error}.") from error


def _value(hint: Any, value: Any) -> Any:
    if hint is Scene:
        return Scene.read(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if hint in (int, float, str):
        return hint(value)
    return value


def _refuse_doubles(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadSpec(f"Two cameras are named {name}; give each its own name.")
        seen.add(name)
