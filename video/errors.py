"""What can go wrong between us and a device.

    CameraError
    ├── BadAddress            the address cannot be used, nothing was sent
    ├── NotAllowed            the address lies outside the allowed networks, nothing was sent
    ├── NoName                the host name has no address
    ├── NoRoute               the network knows no way there
    ├── Refused               the host is there, the port is closed
    ├── TookTooLong           silence; its layer says where
    ├── BadReply              an answer that is not what was asked for
    ├── AuthRefused           the user or password is wrong or missing
    ├── AuthLocked            the device locked the account
    ├── NotFound              no such stream
    ├── TooManySessions       the device lets nobody else in
    ├── NoVideo               the stream has no video in it
    ├── NoKeyFrame            the video brings nothing that can be decoded
    ├── DecoderDied           our decoder did not survive the picture
    ├── OnvifAuthRefused      the ONVIF side refuses the user or password
    └── OnvifBadReply         the ONVIF side answers with nonsense

Each knows its fault. The probe turns them into observations; any other exception is a bug.
"""

from typing import ClassVar

from data.types import Fault, Layer


class CameraError(Exception):
    """A device did not do what a look needs; `detail` is a short clause without secrets."""

    fault: ClassVar[Fault]
    at_layer: ClassVar[Layer]

    def __init__(self, detail: str = "", *, layer: Layer | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.layer = layer or self.at_layer


class BadAddress(CameraError):
    """The address cannot be used; nothing was sent."""

    fault = Fault.BAD_ADDRESS
    at_layer = Layer.NAME


class NotAllowed(CameraError):
    """The address lies outside the allowed networks; nothing was sent."""

    fault = Fault.NOT_ALLOWED
    at_layer = Layer.NAME


class NoName(CameraError):
    """The host name has no address."""

    fault = Fault.NO_NAME
    at_layer = Layer.NAME


class NoRoute(CameraError):
    """The network knows no way to the host."""

    fault = Fault.NO_ROUTE
    at_layer = Layer.ROUTE


class Refused(CameraError):
    """The host is there and its port is closed."""

    fault = Fault.REFUSED
    at_layer = Layer.TCP


class TookTooLong(CameraError):
    """Nothing came in time; the layer says what was waited for."""

    fault = Fault.TIMEOUT
    at_layer = Layer.TCP


class BadReply(CameraError):
    """Something answered, but not what was asked for."""

    fault = Fault.BAD_REPLY
    at_layer = Layer.RTSP


class AuthRefused(CameraError):
    """The user or password is wrong or missing."""

    fault = Fault.AUTH_REFUSED
    at_layer = Layer.AUTH


class AuthLocked(CameraError):
    """The device locked the account."""

    fault = Fault.AUTH_LOCKED
    at_layer = Layer.AUTH


class NotFound(CameraError):
    """The device has no such stream."""

    fault = Fault.NOT_FOUND
    at_layer = Layer.DESCRIBE


class TooManySessions(CameraError):
    """The device lets nobody else in."""

    fault = Fault.TOO_MANY_SESSIONS
    at_layer = Layer.DESCRIBE


class NoVideo(CameraError):
    """The stream has no video in it."""

    fault = Fault.NO_VIDEO
    at_layer = Layer.DESCRIBE


class NoKeyFrame(CameraError):
    """The video brings nothing that can be decoded."""

    fault = Fault.NO_KEY_FRAME
    at_layer = Layer.KEY_FRAME


class DecoderDied(CameraError):
    """Our decoder did not survive the picture."""

    fault = Fault.DECODER_DIED
    at_layer = Layer.KEY_FRAME


class OnvifAuthRefused(CameraError):
    """The ONVIF side refuses the user or password."""

    fault = Fault.ONVIF_AUTH_REFUSED
    at_layer = Layer.ONVIF


class OnvifBadReply(CameraError):
    """The ONVIF side answers with nonsense."""

    fault = Fault.ONVIF_BAD_REPLY
    at_layer = Layer.ONVIF


def of_fault(fault: Fault, detail: str, layer: Layer | None) -> CameraError:
    """Return the error that carries `fault`; one told by a decoder process arrives as words, not as an object."""
    for kind in CameraError.__subclasses__():
        if kind.fault is fault:
            return kind(detail, layer=layer)
    return BadReply(detail, layer=layer)
