"""The words of a look: what it asks for, what it needs to know, and the facts it brought; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.types import Fault, Layer


class CheckState(StrEnum):
    """Outcome of one picture check; "not checkable" is an answer, not a pass."""

    GOOD = "good"
    BAD = "bad"
    NOT_CHECKABLE = "not_checkable"


class OnvifOffer(StrEnum):
    """Whether a device speaks ONVIF. NOT_OFFERED is no fault; NOT_ASKED means no address was given."""

    OFFERED = "offered"
    NOT_OFFERED = "not_offered"
    NOT_ASKED = "not_asked"


class Want(StrEnum):
    """What a look is asked for now and then only, because it costs the device or takes time.

    STREAM: rates over a short stretch of the stream. SETTINGS: where the clock gets its time from. EVENTS: whether a
    subscription works, and since when the device runs. RECORDING: how much of the last day it has recorded.
    """

    STREAM = "stream"
    SETTINGS = "settings"
    EVENTS = "events"
    RECORDING = "recording"


class Offer(StrEnum):
    """How a service of a device was found. NOT_OFFERED is no fault; BROKEN is offered and does not do what it says."""

    WORKS = "works"
    BROKEN = "broken"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamShape:
    """How a stream is made, as far as it is known: by the record, or as it was measured last."""

    codec: str | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    bit_rate_kbps: float | None = None
    gop_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A login to a device. Its repr hides the password, so that no log can show it."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a look needs to know. URLs carry no credentials; those travel in `credential`."""

    camera_id: int | None = None
    code: str = ""
    rtsp_url: str | None = None
    onvif_url: str | None = None
    credential: Credential | None = field(default=None, repr=False)
    # Devices behind one recorder share its sessions, so they share this key and are looked at one by one.
    turn_key: str = ""
    # A password that was refused is not tried again until it is changed: these name the change last tried.
    credential_version: int = 0
    refused_credential_version: int | None = None
    # ONVIF often has users of its own, so a password may be right for the stream and refused there.
    onvif_refused_credential_version: int | None = None
    # The sha256 of the last picture: one that equals it to the last bit is frozen.
    previous_sha256: str | None = None
    # Descriptors of the scene as it should be, by day and by night; none where the preset of a PTZ is not known.
    references: tuple[bytes, ...] = ()
    # How many pictures in a row were the same as the one before them, and when the first of them was taken.
    repeats: int = 0
    same_since: datetime | None = None
    want_picture: bool = True
    # The look before found it well, so this one may ask less.
    was_well: bool = False
    want: frozenset[Want] = frozenset()
    # The channel of a recorder, counted from 1, where the device has several.
    channel: int | None = None
    # What the record says of the stream, and what was last seen of it where a cheap look cannot tell.
    recorded: StreamShape | None = None
    shape: StreamShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """What a device says it is (ONVIF GetDeviceInformation); device text, so hostile until escaped."""

    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCheck:
    """One check of one picture: state, a score (larger is worse) and the reason in words."""

    state: CheckState
    score: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded key frame: full JPEG and thumbnail JPEG bytes, and what the checks said."""

    jpeg: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    width: int
    height: int
    sha256: str
    # The descriptor of its scene, which may become the reference of its camera.
    scene: bytes = field(default=b"", repr=False)
    measures: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[Fault, PictureCheck] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Facts of one look, and nothing judged. A sick camera is an observation, never an exception.

    `fault` and `layer` name the first layer that failed on the way to a picture; the ONVIF side is apart
    because a device may be well without it. Times in ms, skew in seconds (device minus ours).
    """

    at: datetime
    valid_until: datetime
    fault: Fault | None = None
    layer: Layer | None = None
    detail: str = ""
    connect_ms: float | None = None
    describe_ms: float | None = None
    key_frame_ms: float | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    # Frames per second, kilobits per second and seconds between key frames, over a short stretch of the stream.
    frame_rate: float | None = None
    bit_rate_kbps: float | None = None
    gop_s: float | None = None
    # What the record says of the stream; a verdict compares.
    recorded: StreamShape | None = None
    onvif: OnvifOffer = OnvifOffer.NOT_ASKED
    onvif_fault: Fault | None = None
    clock_skew_s: float | None = None
    device: DeviceIdentity | None = None
    stream_url: str | None = None
    snapshot_url: str | None = None
    picture: Picture | None = None
    repeats: int = 0
    same_since: datetime | None = None
    # What was answered of the rare questions; what is not among them was not asked, and is known from before.
    answered: frozenset[Want] = frozenset()
    # "ntp" or "manual" as the device says, and the servers it asks ("dhcp" where they come with its address).
    clock_source: str | None = None
    ntp_servers: tuple[str, ...] = ()
    events: Offer | None = None
    # When the device started, by its own word.
    booted_at: datetime | None = None
    recording: Offer | None = None
    # The share of the last day, up to the look, of which there are recordings; from 0 to 1.
    recorded_share: float | None = None
