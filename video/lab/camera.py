"""One virtual camera while it runs: its fault, its counters, its sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from video.lab.clips import ClipKey
from video.lab.faults import BEHAVIOUR, Behaviour, Login
from video.lab.messages import Conversation
from video.lab.spec import CameraSpec, Start


@dataclass(slots=True)
class Counters:
    """What happened to a camera since it started.

    `auth_accepted` and `auth_refused` count requests that brought credentials, over RTSP and ONVIF alike; `looks`
    counts DESCRIBE answered with 200; `sessions` those ever opened; `subscriptions` those to its events that are open.
    """

    connections: int = 0
    auth_accepted: int = 0
    auth_refused: int = 0
    looks: int = 0
    sessions: int = 0
    plays: int = 0
    onvif_calls: int = 0
    snapshots: int = 0
    subscriptions: int = 0


class LabCamera:
    """A camera that answers; `fault` may be changed at any time through Lab.set_fault."""

    __slots__ = ("_lap", "conversations", "counters", "fault", "onvif_port", "open_sessions", "port", "spec")

    def __init__(self, spec: CameraSpec) -> None:
        self.spec = spec
        self.fault = spec.fault
        self.port = spec.port
        self.onvif_port = spec.onvif_port
        self.counters = Counters()
        self.conversations: set[Conversation] = set()
        self.open_sessions = 0
        self._lap = 0

    @property
    def behaviour(self) -> Behaviour:
        """How the camera behaves now."""
        return BEHAVIOUR[self.fault]

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong passwords have locked its account."""
        return self.spec.locks_after is not None and self.counters.auth_refused >= self.spec.locks_after

    @property
    def login(self) -> Login:
        """How the camera takes a password now."""
        return Login.REFUSED if self.is_locked else self.behaviour.login

    @property
    def realm(self) -> str:
        """What the camera calls itself when it asks for a password."""
        return f"{self.spec.manufacturer} {self.spec.model}"

    @property
    def rtsp_url(self) -> str:
        """The address of the stream, without credentials."""
        return f"rtsp://{self.spec.address}:{self.port}{self.spec.path}"

    @property
    def onvif_url(self) -> str | None:
        """The address of the device service; None where ONVIF is not offered."""
        return self._http("/onvif/device_service") if self.onvif_port else None

    @property
    def snapshot_url(self) -> str | None:
        """The address of a still picture over HTTP."""
        return self._http("/onvif/snapshot.jpg") if self.onvif_port else None

    @property
    def reported_stream(self) -> str:
        """The address of the stream as the camera itself tells it; behind NAT that is an inner one."""
        return f"rtsp://{self.spec.inner_address or self.spec.address}:{self.port}{self.spec.path}"

    def reported_url(self, path: str) -> str:
        """Return the web address of something as the camera itself tells it."""
        return f"http://{self.spec.inner_address}{path}" if self.spec.inner_address else self._http(path)

    def _http(self, path: str) -> str:
        return f"http://{self.spec.address}:{self.onvif_port}{path}"

    @property
    def clip_key(self) -> ClipKey:
        """What the camera shows now."""
        spec = self.spec
        return ClipKey(
            scene=spec.scene,
            title=spec.title,
            treatment=self.behaviour.treatment,
            codec=spec.codec,
            width=spec.width,
            height=spec.height,
            fps=spec.fps,
            gop=spec.gop,
        )

    def time_at(self, true_time: datetime) -> datetime:
        """Return what the camera's own clock shows."""
        return true_time + timedelta(seconds=self.spec.clock_skew_s + self.behaviour.clock_s)

    def place_at(self, true_time: datetime, groups: int) -> tuple[int, int]:
        """Return the lap of the loop and the frame in it with which a session of this moment begins.

        The loop follows the time of day, so a lab that starts again goes on where it would be. Laps only rise: no two
        sessions begin with the same one.
        """
        spec = self.spec
        now, group = divmod(int(true_time.timestamp() * spec.fps / spec.gop), groups)
        self._lap = max(now, self._lap + 1)
        late = spec.gop // 2 if spec.start is Start.MID_GOP else 0
        return self._lap, group * spec.gop + late

    def meet(self, conversation: Conversation) -> None:
        """Count a connection the first time it names this camera."""
        if conversation not in self.conversations:
            self.conversations.add(conversation)
            self.counters.connections += 1

    def hang_up(self) -> None:
        """Drop every connection at once, as a power cut does."""
        for conversation in tuple(self.conversations):
            conversation.transport.abort()
