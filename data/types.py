"""The words of the system as frozen values; standard library only, so every package may import them."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds by which facts become verdicts; defaults are what operators of such systems wish for; editable."""

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
