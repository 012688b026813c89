"""What can be wrong with a virtual camera, and in one table what that does. A new fault is one name and one row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class LabFault(StrEnum):
    """One thing wrong with a virtual camera; NONE is a healthy one."""

    NONE = "none"
    REFUSE = "refuse"
    HANG_CONNECT = "hang_connect"
    HANG_TCP = "hang_tcp"
    HANG_RTSP = "hang_rtsp"
    HANG_DESCRIBE = "hang_describe"
    HANG_SETUP = "hang_setup"
    HANG_PLAY = "hang_play"
    SLOW = "slow"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  the name of a fault
    LOOP_401 = "loop_401"
    FORBIDDEN = "forbidden"
    NOT_ENOUGH_BANDWIDTH = "not_enough_bandwidth"
    UNAVAILABLE = "unavailable"
    SESSION_CAP = "session_cap"
    NOT_FOUND = "not_found"
    UDP_ONLY = "udp_only"
    NO_VIDEO = "no_video"
    NO_KEY_FRAME = "no_key_frame"
    GARBAGE = "garbage"
    ENDLESS = "endless"
    HALF_REPLY = "half_reply"
    TRICKLE = "trickle"
    XML_BOMB = "xml_bomb"
    OTHER_CODEC = "other_codec"
    GIANT = "giant"
    FROZEN = "frozen"
    BLACK = "black"
    BLURRED = "blurred"
    COVERED = "covered"
    LOSSY = "lossy"
    CLOCK_WRONG = "clock_wrong"
    SOAP_FAULT = "soap_fault"


class Door(StrEnum):
    """What happens to a connection before a word is said.

    Only a listener whose cameras all share the fault can be SHUT or STUCK; a camera that shares its listener
    drops the connection (SHUT) or says nothing (STUCK) once the request has named it.
    """

    OPEN = "open"
    SHUT = "shut"
    STUCK = "stuck"


class Step(IntEnum):
    """How far a conversation has come; a camera that hangs at a step hangs at every later one too."""

    OPTIONS = 1
    DESCRIBE = 2
    SETUP = 3
    PLAY = 4
    NEVER = 5


class Login(StrEnum):
    """How a camera takes a password: as it should, never, or never while saying the nonce was stale."""

    CHECKED = "checked"
    REFUSED = "refused"
    STALE = "stale"


class Babble(StrEnum):
    """What is said instead of a reply: half of one and then nothing, or nothing more, or more than anybody reads."""

    HALF = "half"
    HALF_AND_GONE = "half_and_gone"
    TRICKLE = "trickle"
    BOMB = "bomb"
    GARBAGE = "garbage"
    ENDLESS = "endless"


class Feed(StrEnum):
    """Which frames a playing session is given."""

    ALL = "all"
    NONE = "none"
    NO_KEY = "no_key"


class Treatment(StrEnum):
    """What is done to the picture before it is encoded."""

    CLEAR = "clear"
    FROZEN = "frozen"
    BLACK = "black"
    BLURRED = "blurred"
    COVERED = "covered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How a camera with a fault differs from a healthy one. Seconds; `loss` is a share of RTP packets."""

    door: Door = Door.OPEN
    hangs_at: Step | None = None
    delay_s: float = 0.0
    login: Login = Login.CHECKED
    status: Mapping[Step, int] = field(default_factory=dict)
    caps_sessions: bool = False
    takes_tcp: bool = True
    has_video: bool = True
    babble: Babble | None = None
    babbles_at: Step = Step.OPTIONS
    feed: Feed = Feed.ALL
    treatment: Treatment = Treatment.CLEAR
    loss: float = 0.0
    clock_s: float = 0.0
    soap_fault: bool = False
    keeps_promise: bool = True
    is_giant: bool = False


BEHAVIOUR: Mapping[LabFault, Behaviour] = {
    LabFault.NONE: Behaviour(),
    LabFault.REFUSE: Behaviour(door=Door.SHUT, feed=Feed.NONE),
    LabFault.HANG_CONNECT: Behaviour(door=Door.STUCK, feed=Feed.NONE),
    LabFault.HANG_TCP: Behaviour(hangs_at=Step.OPTIONS, feed=Feed.NONE),
    LabFault.HANG_RTSP: Behaviour(hangs_at=Step.OPTIONS, babble=Babble.HALF, feed=Feed.NONE),
    LabFault.HANG_DESCRIBE: Behaviour(hangs_at=Step.DESCRIBE),
    LabFault.HANG_SETUP: Behaviour(hangs_at=Step.SETUP),
    LabFault.HANG_PLAY: Behaviour(feed=Feed.NONE),
    LabFault.SLOW: Behaviour(delay_s=1.5),
    LabFault.WRONG_PASSWORD: Behaviour(login=Login.REFUSED),
    LabFault.LOOP_401: Behaviour(login=Login.STALE),
    LabFault.FORBIDDEN: Behaviour(status={Step.DESCRIBE: 403}),
    LabFault.NOT_ENOUGH_BANDWIDTH: Behaviour(status={Step.SETUP: 453}),
    LabFault.UNAVAILABLE: Behaviour(status={Step.DESCRIBE: 503}),
    LabFault.SESSION_CAP: Behaviour(caps_sessions=True),
    LabFault.NOT_FOUND: Behaviour(status={Step.DESCRIBE: 404}),
    LabFault.UDP_ONLY: Behaviour(takes_tcp=False),
    LabFault.NO_VIDEO: Behaviour(has_video=False, feed=Feed.NONE),
    LabFault.NO_KEY_FRAME: Behaviour(feed=Feed.NO_KEY),
    LabFault.GARBAGE: Behaviour(babble=Babble.GARBAGE),
    LabFault.ENDLESS: Behaviour(babble=Babble.ENDLESS, babbles_at=Step.DESCRIBE),
    LabFault.HALF_REPLY: Behaviour(babble=Babble.HALF_AND_GONE, babbles_at=Step.DESCRIBE),
    LabFault.TRICKLE: Behaviour(babble=Babble.TRICKLE, babbles_at=Step.DESCRIBE),
    LabFault.XML_BOMB: Behaviour(babble=Babble.BOMB, babbles_at=Step.NEVER),
    LabFault.OTHER_CODEC: Behaviour(keeps_promise=False),
    LabFault.GIANT: Behaviour(is_giant=True),
    LabFault.FROZEN: Behaviour(treatment=Treatment.FROZEN),
    LabFault.BLACK: Behaviour(treatment=Treatment.BLACK),
    LabFault.BLURRED: Behaviour(treatment=Treatment.BLURRED),
    LabFault.COVERED: Behaviour(treatment=Treatment.COVERED),
    LabFault.LOSSY: Behaviour(loss=0.05),
    LabFault.CLOCK_WRONG: Behaviour(clock_s=-3_600.0),
    LabFault.SOAP_FAULT: Behaviour(soap_fault=True),
}
