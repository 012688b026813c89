"""The words of the system as frozen values; standard library only, so every package may import them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """What is known of a device now. Silence is UNKNOWN, never ONLINE."""

    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Layer(StrEnum):
    """How far a look came; a fault names the first layer that failed."""

    NAME = "name"
    ROUTE = "route"
    TCP = "tcp"
    RTSP = "rtsp"
    AUTH = "auth"
    DESCRIBE = "describe"
    KEY_FRAME = "key_frame"
    PICTURE = "picture"
    ONVIF = "onvif"
    CLOCK = "clock"


class Fault(StrEnum):
    """One thing wrong with a device, from one closed list.

    A new fault is one line here and one in video/faults.py (its layer, what it means for health, its advice).
    """

    BAD_ADDRESS = "bad_address"
    NOT_ALLOWED = "not_allowed"
    NO_NAME = "no_name"
    NO_ROUTE = "no_route"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    BAD_REPLY = "bad_reply"
    AUTH_REFUSED = "auth_refused"
    AUTH_LOCKED = "auth_locked"
    NOT_FOUND = "not_found"
    TOO_MANY_SESSIONS = "too_many_sessions"
    NO_VIDEO = "no_video"
    NO_KEY_FRAME = "no_key_frame"
    DECODER_DIED = "decoder_died"
    CLOCK_WRONG = "clock_wrong"
    NOT_AS_RECORDED = "not_as_recorded"
    ONVIF_AUTH_REFUSED = "onvif_auth_refused"
    ONVIF_BAD_REPLY = "onvif_bad_reply"
    SIGNAL_LOST = "signal_lost"
    BLACK = "black"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    COVERED = "covered"
    FROZEN = "frozen"
    COLOUR_CAST = "colour_cast"
    NOISE = "noise"
    STRIPES = "stripes"
    LOW_CONTRAST = "low_contrast"
    SHAKING = "shaking"
    MOVED = "moved"
    NO_HEARTBEAT = "no_heartbeat"


class CheckState(StrEnum):
    """Outcome of one picture check; "not checkable" is an answer, not a pass."""

    GOOD = "good"
    BAD = "bad"
    NOT_CHECKABLE = "not_checkable"


class Level(StrEnum):
    """Levels of the division tree, from the widest to the cell."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    CELL = "cell"


class Severity(StrEnum):
    """Weight of a problem: an error refuses its row, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class OutageKind(StrEnum):
    """What the members of an outage share; the widest first."""

    PROBER = "prober"
    LINK = "link"
    AREA = "area"
    RECORDER = "recorder"
    CORRELATED = "correlated"


class OutageCause(StrEnum):
    """Why devices were lost together, as far as somebody found out."""

    POWER = "power"
    LINK = "link"
    DEVICE = "device"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


class RecordState(StrEnum):
    """Where a device is in its life. Only IN_USE is due for looks and counts in rates."""

    PLANNED = "planned"
    IN_USE = "in_use"
    REPAIR = "repair"
    DISMANTLED = "dismantled"


class Standing(StrEnum):
    """How a device found on a network stands to the record. OUTSIDE was heard on the link, and not contacted."""

    NEW = "new"
    KNOWN = "known"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"
    OUTSIDE = "outside"


class Role(StrEnum):
    """What an account may do inside the areas granted to it."""

    ADMIN = "admin"
    EDITOR = "editor"
    OPERATOR = "operator"
    VIEWER = "viewer"


class AlarmState(StrEnum):
    """Life of an alarm; see desk/alarms.py for the moves between them."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds by which facts become verdicts; defaults are wishes of the field (FACTS §7), editable."""

    clock_skew_warn_s: float = 5.0
    # A stream with fewer than this share of the frames its record says is not as recorded.
    frame_rate_share: float = 0.7
    # A change is confirmed by count and by time at once.
    confirm_offline_looks: int = 5
    confirm_offline_s: float = 45.0
    confirm_degraded_looks: int = 2
    confirm_degraded_s: float = 0.0
    # What was offline or degraded is well again once it stayed well this often and this long.
    confirm_online_looks: int = 2
    confirm_online_s: float = 20.0
    # Departures from what was told count as turns, halved as time goes by. From `unstable_turns` on a camera is
    # unstable until fewer than a quarter are left; meanwhile only what lasts this long is told.
    turns_halve_s: float = 1200.0
    unstable_turns: float = 3.0
    unstable_offline_s: float = 70.0
    unstable_online_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one observation means under given limits, before it is confirmed."""

    at: datetime
    valid_until: datetime
    health: Health
    fault: Fault | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch of unchanged health [since, until); `until` None means it still lasts."""

    since: datetime
    until: datetime | None
    health: Health
    fault: Fault | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a camera stands: the open interval, the last word's expiry, and a change waiting to be confirmed."""

    open: Interval | None = None
    valid_until: datetime | None = None
    waiting: Verdict | None = None
    waiting_looks: int = 0
    # It comes and goes since then; how many turns it took lately, as of when.
    unstable_since: datetime | None = None
    turns: float = 0.0
    turned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a camera stands and looks. Degrees; bearing clockwise from true north, None = all round.

    lng, lat in WGS-84. Fields that are None mean unknown: no near blind zone is cut and the view is flagged.
    """

    lng: float
    lat: float
    bearing_deg: float | None = None
    bearing_doubt_deg: float = 0.0
    hfov_deg: float | None = None
    vfov_deg: float | None = None
    tilt_deg: float | None = None
    height_m: float | None = None
    reach_m: float | None = None
    width_px: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one row or one setting, in a sentence for the person who must act.

    `row` counts data rows from 1 (the header is not a row), 0 means the file as a whole.
    """

    row: int
    field: str
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Outcome of an import or of its dry run; counts are rows."""

    kind: str
    dry_run: bool
    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()
