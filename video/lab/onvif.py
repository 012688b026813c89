"""The ONVIF side of a virtual camera over HTTP: identity, clock, profiles, addresses, and a still picture."""

import asyncio
import io
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice

from PIL import Image

from video.lab import babble, giant, services, soap
from video.lab.camera import LabCamera
from video.lab.drawing import frames
from video.lab.faults import Door, Login
from video.lab.login import Token, challenge, is_let_in, token_holds
from video.lab.messages import Conversation, Reply, Request
from video.lab.spec import Auth

_CALLS: Mapping[str, Callable[[LabCamera], str]] = {
    "GetDeviceInformation": soap.device_information,
    "GetCapabilities": soap.capabilities,
    "GetServices": soap.services,
    "GetProfiles": soap.profiles,
    "GetStreamUri": soap.stream_uri,
    "GetSnapshotUri": soap.snapshot_uri,
}
_MORE: Mapping[str, Callable[[LabCamera, datetime], str]] = {
    "GetNTP": services.ntp,
    "CreatePullPointSubscription": services.pull_point,
    "PullMessages": services.messages,
    "Unsubscribe": services.unsubscribed,
    "FindRecordings": services.find_recordings,
    "GetRecordingSearchResults": services.found_recordings,
    "FindEvents": services.find_events,
    "GetEventSearchResults": services.found_events,
}
_NEEDS = {"CreatePullPointSubscription": "events", "FindRecordings": "records"}
# A camera that lives never shows the same picture twice in a row.
_STILLS = 6
_SOAP = {"Content-Type": "application/soap+xml; charset=utf-8"}


class OnvifConversation(Conversation):
    """One HTTP client of one camera."""

    def __init__(self, camera: LabCamera, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._camera, self._clock = camera, clock
        self._nonce = secrets.token_hex(16)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the connection, so that a power cut ends it."""
        super().connection_made(transport)
        self._camera.conversations.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._camera.conversations.discard(self)

    def on_request(self, request: Request) -> None:
        """Answer, unless the camera is dead as a whole."""
        behaviour = self._camera.behaviour
        if behaviour.door is Door.SHUT:
            self.transport.abort()
        elif behaviour.door is Door.OPEN and behaviour.hangs_at != 1:
            delay = behaviour.delay_s
            asyncio.get_running_loop().call_later(delay, self._answer, request) if delay else self._answer(request)

    def _answer(self, request: Request) -> None:
        if self._camera.behaviour.babble is not None:
            babble.http(self._camera.behaviour.babble, self.transport)
            return
        reply = self._snapshot(request) if request.method == "GET" else self._call(request)
        self.transport.write(reply.written("HTTP/1.1"))
        if request.headers.get("connection", "").lower() == "close":
            self.transport.close()

    def _call(self, request: Request) -> Reply:
        self._camera.counters.onvif_calls += 1
        try:
            name, token = soap.read(request.body)
        except ValueError as error:
            return Reply(400, _SOAP, soap.fault("WellFormed", str(error)))
        camera_time = self._camera.time_at(self._clock())
        if name == "GetSystemDateAndTime":
            return Reply(200, _SOAP, soap.envelope(soap.date_and_time(camera_time)))
        if not self._lets_in(request, token, camera_time):
            return self._refused(had_token=token is not None)
        if self._camera.behaviour.soap_fault:
            return Reply(500, _SOAP, soap.fault("Action", "the service is out of order", is_ours=True))
        if name in _CALLS:
            return Reply(200, _SOAP, soap.envelope(_CALLS[name](self._camera)))
        if name in _MORE and getattr(self._camera.spec, _NEEDS.get(name, "name")) not in (None, False):
            return Reply(200, _SOAP, soap.envelope(_MORE[name](self._camera, camera_time)))
        return Reply(500, _SOAP, soap.fault("ActionNotSupported", f"{name} is not offered", is_ours=True))

    def _snapshot(self, request: Request) -> Reply:
        if request.target != "/onvif/snapshot.jpg":
            return Reply(404)
        if not self._lets_in(request, None, self._clock()):
            return self._refused(had_token=False)
        self._camera.counters.snapshots += 1
        is_giant = self._camera.behaviour.is_giant
        picture = giant.jpeg() if is_giant else still(self._camera, self._camera.counters.snapshots % _STILLS)
        return Reply(200, {"Content-Type": "image/jpeg"}, picture)

    def _lets_in(self, request: Request, token: Token | None, camera_time: datetime) -> bool:
        spec, login = self._camera.spec, self._camera.login
        if not spec.asks_for_password:
            return True
        header = request.headers.get("authorization")
        if token is not None:
            let_in = token_holds(spec, login, token, camera_time=camera_time)
        elif header is not None:
            realm = self._camera.realm
            let_in = is_let_in(spec, login, header, method=request.method, realm=realm, nonce=self._nonce)
        else:
            return False
        self._camera.counters.auth_accepted += let_in
        self._camera.counters.auth_refused += not let_in
        return let_in

    def _refused(self, *, had_token: bool) -> Reply:
        fault = soap.fault("NotAuthorized", "the user name or the password is wrong")
        if had_token:
            # As many devices do: a SOAP fault under 400, and no 401.
            return Reply(400, _SOAP, fault)
        is_stale = self._camera.behaviour.login is Login.STALE
        if is_stale:
            self._nonce = secrets.token_hex(16)
        auth = Auth.DIGEST_MD5 if self._camera.spec.auth is Auth.NONE else self._camera.spec.auth
        asks = challenge(auth, realm=self._camera.realm, nonce=self._nonce, stale=is_stale)
        return Reply(401, {**_SOAP, "WWW-Authenticate": asks}, fault)


def still(camera: LabCamera, moment: int) -> bytes:
    """Return what the camera shows at one of _STILLS moments, as a JPEG."""
    spec = camera.spec
    pictures = frames(
        spec.scene,
        camera.behaviour.treatment,
        width=spec.width,
        height=spec.height,
        count=_STILLS,
        fps=spec.fps,
        title=spec.title,
    )
    out = io.BytesIO()
    Image.fromarray(next(islice(pictures, moment, None))).save(out, "JPEG", quality=85)
    return out.getvalue()
