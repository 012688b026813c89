"""What each fault means: its layer, the health it stands for, and what a person should do about it.

One table. OFFLINE means that nobody can see through this camera. DEGRADED means that the device is there, but we may
not look or what it shows is bad. UNKNOWN means that nothing was looked at. Advice is English here; pages translate it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from data.types import Fault, Health, Layer

# Details that change the advice; the driver that raises them and this table must use the same words.
WEB_SERVER = "a web server answered"
NOT_TRIED_AGAIN = "not tried again"
NO_PASSWORD = "the device asks for a user and password"  # noqa: S105  a sentence


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a fault says: the layer that failed, the health, and advice in one or two sentences."""

    layer: Layer
    health: Health
    advice: str


_OFFLINE, _DEGRADED, _UNKNOWN = Health.OFFLINE, Health.DEGRADED, Health.UNKNOWN

MEANINGS: Mapping[Fault, Meaning] = {
    # Our record is wrong, so nothing is known of the camera.
    Fault.BAD_ADDRESS: Meaning(
        Layer.NAME, _UNKNOWN, "The address cannot be used. Write it as rtsp://host:port/path, without spaces."
    ),
    Fault.NOT_ALLOWED: Meaning(
        Layer.NAME,
        _UNKNOWN,
        "The address lies outside the allowed networks, so it is not contacted. Correct it, or allow its network.",
    ),
    Fault.NO_NAME: Meaning(
        Layer.NAME,
        _OFFLINE,
        "The host name has no address. Check its spelling and the name server, or use the IP address.",
    ),
    Fault.NO_ROUTE: Meaning(
        Layer.ROUTE, _OFFLINE, "No way leads to this network. Check the link, the gateway and the VPN of the site."
    ),
    Fault.REFUSED: Meaning(
        Layer.TCP,
        _OFFLINE,
        "The host is up but its port is closed. Check the port number and that RTSP is switched on.",
    ),
    Fault.TIMEOUT: Meaning(
        Layer.TCP,
        _OFFLINE,
        "The device does not answer in time. Check its power, its cable and the firewall, then restart it.",
    ),
    Fault.BAD_REPLY: Meaning(
        Layer.RTSP, _OFFLINE, "Something answers here, but not as an RTSP camera does. Check the address and the port."
    ),
    # The device is there and answers; we may not look. A wrong password is not offline.
    Fault.AUTH_REFUSED: Meaning(
        Layer.AUTH,
        _DEGRADED,
        "The device refuses the user or password. Enter the right ones; until then they are not tried again.",
    ),
    Fault.AUTH_LOCKED: Meaning(
        Layer.AUTH,
        _DEGRADED,
        "The device has locked the account. Wait half an hour, then enter the right password once.",
    ),
    # This channel shows nobody anything at the address we have.
    Fault.NOT_FOUND: Meaning(
        Layer.DESCRIBE,
        _OFFLINE,
        "The device has no such stream. Check the path, the channel number and the recorder's channel list.",
    ),
    # Others are watching it, so it works.
    Fault.TOO_MANY_SESSIONS: Meaning(
        Layer.DESCRIBE,
        _DEGRADED,
        "The device lets nobody else in. Close other viewers, raise its limit, or allow this account to view.",
    ),
    Fault.NO_VIDEO: Meaning(
        Layer.DESCRIBE,
        _OFFLINE,
        "The stream has no video in it. Check the path and that the video of this channel is switched on.",
    ),
    # It speaks, but shows nothing: for whoever wants to see, that is offline.
    Fault.NO_KEY_FRAME: Meaning(
        Layer.KEY_FRAME,
        _OFFLINE,
        "The stream starts but brings no picture. Check the encoder (a key frame every 2 to 4 s) and the link.",
    ),
    # The device is there and sends; the failure is on our side of the picture.
    Fault.DECODER_DIED: Meaning(
        Layer.KEY_FRAME,
        _DEGRADED,
        "The picture could not be decoded and stopped our decoder. Check the stream in a player; update the firmware.",
    ),
    Fault.CLOCK_WRONG: Meaning(
        Layer.CLOCK,
        _DEGRADED,
        "The clock of the device is wrong, so its recordings bear wrong times. Set its NTP server.",
    ),
    # Somebody changed the encoder or the record; the picture itself may be good.
    Fault.NOT_AS_RECORDED: Meaning(
        Layer.DESCRIBE,
        _DEGRADED,
        "The stream is not what the record says. Set the encoder of the device as recorded, or correct the record.",
    ),
    # The picture is there; identity and clock cannot be read.
    Fault.ONVIF_AUTH_REFUSED: Meaning(
        Layer.ONVIF,
        _DEGRADED,
        "ONVIF refuses the user or password. Add an ONVIF user on the device, or enter the right one.",
    ),
    Fault.ONVIF_BAD_REPLY: Meaning(
        Layer.ONVIF,
        _DEGRADED,
        "ONVIF answers with something that cannot be read. Check the ONVIF address; update the firmware.",
    ),
    Fault.SIGNAL_LOST: Meaning(
        Layer.PICTURE,
        _DEGRADED,
        "The recorder says the video signal is lost. Check the cable between camera and recorder.",
    ),
    Fault.BLACK: Meaning(
        Layer.PICTURE,
        _DEGRADED,
        "The picture is black. Check the lens cap, the iris and, at night, the infrared light.",
    ),
    Fault.TOO_DARK: Meaning(
        Layer.PICTURE, _DEGRADED, "The picture is too dark. Check the exposure, the day/night switch and the lighting."
    ),
    Fault.TOO_BRIGHT: Meaning(
        Layer.PICTURE,
        _DEGRADED,
        "The picture is too bright. Check the exposure, the iris and light shining into the lens.",
    ),
    Fault.BLURRED: Meaning(Layer.PICTURE, _DEGRADED, "The picture is blurred. Clean the dome and focus the lens."),
    Fault.COVERED: Meaning(
        Layer.PICTURE, _DEGRADED, "Something covers the lens. Look for leaves, webs, spray or a bag, and remove them."
    ),
    Fault.FROZEN: Meaning(
        Layer.PICTURE,
        _DEGRADED,
        "The picture stands still: it is the same as the last one, bit for bit. Restart the camera or the recorder.",
    ),
    Fault.COLOUR_CAST: Meaning(
        Layer.PICTURE, _DEGRADED, "The colours are off. Check the white balance and the infrared filter."
    ),
    Fault.NOISE: Meaning(
        Layer.PICTURE, _DEGRADED, "The picture is full of snow. Check the cable, the gain and the power supply."
    ),
    Fault.STRIPES: Meaning(
        Layer.PICTURE, _DEGRADED, "Stripes run through the picture. Check the earthing, the power supply and the cable."
    ),
    Fault.LOW_CONTRAST: Meaning(
        Layer.PICTURE,
        _DEGRADED,
        "The picture is grey in grey. Clean the dome, look for water behind it, and check the contrast and the iris.",
    ),
    Fault.SHAKING: Meaning(Layer.PICTURE, _DEGRADED, "The picture shakes. Tighten the bracket and check the pole."),
    Fault.MOVED: Meaning(
        Layer.PICTURE, _DEGRADED, "The camera looks elsewhere than before. Turn it back, or record its new pose."
    ),
    Fault.NO_HEARTBEAT: Meaning(
        Layer.TCP,
        _OFFLINE,
        "The device has not reported for longer than it should. Check its power, its SIM card and its network.",
    ),
}

_SHARPER_ADVICE: Mapping[str, str] = {
    WEB_SERVER: "This is a web server, not the RTSP port. Use the RTSP port of the device, 554 on most.",
    NO_PASSWORD: "The device asks for a user and password. Enter them in the camera's record.",
    NOT_TRIED_AGAIN: "This password was refused before and is not tried again. Enter the right one.",
}


def advice(fault: Fault, detail: str = "") -> str:
    """Return what to do about `fault`, sharper where `detail` is one this table knows."""
    return _SHARPER_ADVICE.get(detail, MEANINGS[fault].advice)


def every_advice() -> tuple[str, ...]:
    """Return every advice sentence, for the translation catalogue and its test."""
    return (*(meaning.advice for meaning in MEANINGS.values()), *_SHARPER_ADVICE.values())
