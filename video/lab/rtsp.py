"""The RTSP side of a virtual camera (RFC 2326): one conversation per connection, all of it in the event loop."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from video.lab import babble
from video.lab.camera import LabCamera
from video.lab.clips import Clip, Clips
from video.lab.faults import Babble, Behaviour, Door, Login, Step
from video.lab.login import challenge, is_let_in
from video.lab.messages import Conversation, Reply, Request
from video.lab.sdp import TRACK, describe
from video.lab.viewer import Viewer
from video.lab.wires import Wire, choose

_STEPS = {"OPTIONS": Step.OPTIONS, "DESCRIBE": Step.DESCRIBE, "SETUP": Step.SETUP, "PLAY": Step.PLAY}
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, TEARDOWN"
_NOISE = bytes(range(128, 256)) * 8 + b"\r\n\r\n"


def path_of(target: str) -> str:
    """Return the camera's path in a request target, with or without scheme, track and closing slash."""
    if "://" in target:
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    return target.removesuffix("/").removesuffix(f"/{TRACK}").removesuffix("/") or "/"


@dataclass(frozen=True, slots=True)
class Session:
    """One viewer of one conversation, and the wire its packets take."""

    name: str
    wire: Wire
    viewer: Viewer

    def start(self, request: Request) -> str:
        """Return what RTP-Info says: where numbers and times begin."""
        packer = self.viewer.packer
        return f"url={request.target.removesuffix('/')}/{TRACK};seq={packer.sequence};rtptime={packer.stamp(0)}"


class RtspConversation(Conversation):
    """One client of one listener; the path of its requests says which camera it means."""

    def __init__(self, cameras: Mapping[str, LabCamera], clips: Clips, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._cameras, self._clips, self._clock = cameras, clips, clock
        self._camera: LabCamera | None = None
        self._session: Session | None = None
        self._nonce = secrets.token_hex(16)
        self._is_silent = False

    def connection_lost(self, error: Exception | None) -> None:
        """End the session with its connection."""
        self._leave()

    def on_request(self, request: Request) -> None:
        """Answer, or fail to in the way the camera's fault says."""
        if self._is_silent:
            return
        camera = self._camera_of(request)
        if camera is None:
            known = request.method == "OPTIONS" and request.target == "*"
            self._write(request, Reply(200, {"Public": _METHODS}) if known else Reply(404))
            return
        if camera is not self._camera:
            self._leave()
            self._camera = camera
        camera.meet(self)
        behaviour = camera.behaviour
        if behaviour.door is Door.SHUT:
            self.transport.abort()
        elif self._misbehaves(behaviour, _STEPS.get(request.method, Step.PLAY), request):
            self._is_silent = True
        elif behaviour.delay_s:
            asyncio.get_running_loop().call_later(behaviour.delay_s, self._answer, camera, request)
        else:
            self._answer(camera, request)

    def _leave(self) -> None:
        self._end_session()
        if self._camera is not None:
            self._camera.conversations.discard(self)

    def _camera_of(self, request: Request) -> LabCamera | None:
        if request.target == "*" and len(self._cameras) == 1:
            return next(iter(self._cameras.values()))
        return self._cameras.get(path_of(request.target))

    def _misbehaves(self, behaviour: Behaviour, step: Step, request: Request) -> bool:
        """Say what a broken camera says at this step, if anything, and tell whether it is lost for good."""
        if behaviour.babble is not None and step >= behaviour.babbles_at:
            self._babble(behaviour.babble, request)
            return True
        return behaviour.door is Door.STUCK or (behaviour.hangs_at is not None and step >= behaviour.hangs_at)

    def _babble(self, kind: Babble, request: Request) -> None:
        start = b"RTSP/1.0 200 OK\r\nCSeq: "
        if kind in (Babble.HALF, Babble.HALF_AND_GONE):
            self.transport.write(start)
            if kind is Babble.HALF_AND_GONE:
                self.transport.close()
        elif kind is Babble.TRICKLE:
            babble.trickle(self.transport, start)
        elif kind is Babble.GARBAGE:
            self.transport.write(_NOISE)
        else:
            self.transport.write(start + request.headers.get("cseq", "0").encode() + b"\r\n")
            babble.endless(self.transport)

    def _answer(self, camera: LabCamera, request: Request) -> None:
        if self.transport.is_closing():
            return
        clip = self._clips.ready(camera.clip_key)
        if clip is None and request.method in ("DESCRIBE", "SETUP"):
            making = self._clips.prepare(camera.clip_key)
            making.add_done_callback(lambda made: self._answer_with(made, camera, request))
            return
        reply = self._reply(camera, request, clip)
        self._write(request, reply)
        if reply.status == 200 and request.method == "PLAY" and self._session is not None:
            self._session.viewer.play()

    def _answer_with(self, made: asyncio.Task[Clip], camera: LabCamera, request: Request) -> None:
        if not made.cancelled():
            # An encoder that fails is a bug, and the loop must say so.
            made.result()
            self._answer(camera, request)

    def _reply(self, camera: LabCamera, request: Request, clip: Clip | None) -> Reply:
        if request.method == "OPTIONS":
            return Reply(200, {"Public": _METHODS})
        if (refusal := self._unauthorised(camera, request)) is not None:
            return refusal
        status = camera.behaviour.status.get(_STEPS.get(request.method, Step.OPTIONS), 200)
        if status != 200:
            return Reply(status)
        if clip is not None and request.method == "DESCRIBE":
            return self._describe(camera, request, clip)
        if clip is not None and request.method == "SETUP":
            return self._set_up(camera, request, clip)
        return self._in_session(camera, request)

    def _unauthorised(self, camera: LabCamera, request: Request) -> Reply | None:
        spec, login = camera.spec, camera.login
        if not spec.asks_for_password:
            return None
        header = request.headers.get("authorization")
        if header is not None:
            let_in = is_let_in(spec, login, header, method=request.method, realm=camera.realm, nonce=self._nonce)
            camera.counters.auth_accepted += let_in
            camera.counters.auth_refused += not let_in
            if let_in:
                return None
        is_stale = login is Login.STALE and header is not None
        if is_stale:
            self._nonce = secrets.token_hex(16)
        asks = challenge(spec.auth, realm=camera.realm, nonce=self._nonce, stale=is_stale)
        return Reply(401, {"WWW-Authenticate": asks})

    def _describe(self, camera: LabCamera, request: Request, clip: Clip) -> Reply:
        camera.counters.looks += 1
        behaviour = camera.behaviour
        body = describe(
            clip,
            address=camera.spec.address,
            name=camera.spec.model,
            has_video=behaviour.has_video,
            keeps_promise=behaviour.keeps_promise,
            is_giant=behaviour.is_giant,
        )
        inner = camera.spec.inner_address
        base = (camera.reported_stream if inner else request.target).removesuffix("/") + "/"
        return Reply(200, {"Content-Base": base, "Content-Type": "application/sdp"}, body)

    def _set_up(self, camera: LabCamera, request: Request, clip: Clip) -> Reply:
        if camera.behaviour.caps_sessions and camera.open_sessions >= camera.spec.session_cap:
            return Reply(503)
        takes_tcp = camera.behaviour.takes_tcp
        wire = choose(request.headers.get("transport", ""), self.transport, takes_tcp=takes_tcp)
        if wire is None:
            return Reply(461)
        self._end_session()
        camera.open_sessions += 1
        camera.counters.sessions += 1
        viewer = Viewer(camera, self._clips, clip, wire.send, now=self._clock())
        self._session = Session(secrets.token_hex(8), wire, viewer)
        return Reply(200, {"Transport": wire.answer, "Session": f"{self._session.name};timeout=60"})

    def _in_session(self, camera: LabCamera, request: Request) -> Reply:
        session = self._session
        if session is None or not request.headers.get("session", "").startswith(session.name):
            return Reply(200 if request.method in ("TEARDOWN", "GET_PARAMETER") else 454)
        match request.method:
            case "PLAY":
                camera.counters.plays += 1
                return Reply(200, {"Range": "npt=now-", "RTP-Info": session.start(request), "Session": session.name})
            case "PAUSE":
                session.viewer.stop()
            case "TEARDOWN":
                self._end_session()
            case "GET_PARAMETER":
                pass
            case _:
                return Reply(501)
        return Reply(200, {"Session": session.name})

    def _end_session(self) -> None:
        if self._session is None or self._camera is None:
            return
        self._session.viewer.stop()
        self._session.wire.close()
        self._camera.open_sessions -= 1
        self._session = None

    def _write(self, request: Request, reply: Reply) -> None:
        self.transport.write(reply.written("RTSP/1.0", CSeq=request.headers.get("cseq", "0"), Server="lab"))
