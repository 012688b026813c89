"""What a camera says about its stream (RFC 4566), with the parameter sets a decoder needs before the first frame."""

from base64 import b64encode

from video.lab import giant
from video.lab.clips import Clip
from video.lab.rtp import CLOCK_HZ, PAYLOAD_TYPE
from video.lab.spec import Codec

TRACK = "trackID=0"


def describe(
    clip: Clip, *, address: str, name: str, has_video: bool = True, keeps_promise: bool = True, is_giant: bool = False
) -> bytes:
    """Return the SDP of a clip; without video it offers sound alone, as a camera with a lost sensor does.

    It may promise the codec it does not send, or pictures larger than anybody can hold.
    """
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {address}",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        *(_video(clip, keeps_promise, is_giant) if has_video else ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]),
        f"a=control:{TRACK}",
        "",
    ]
    return "\r\n".join(lines).encode()


def _video(clip: Clip, keeps_promise: bool, is_giant: bool) -> list[str]:
    name = "H264" if (clip.key.codec is Codec.H264) is keeps_promise else "H265"
    told = _parameters(clip, giant.parameter_set() if is_giant else clip.parameter_sets[0])
    return [
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {name}/{CLOCK_HZ}",
        *([f"a=fmtp:{PAYLOAD_TYPE} {told}"] if keeps_promise else []),
        f"a=framerate:{clip.key.fps}",
    ]


def _parameters(clip: Clip, first: bytes) -> str:
    sets = [b64encode(nal).decode() for nal in (first, *clip.parameter_sets[1:])]
    if clip.key.codec is Codec.H265:
        return "; ".join(f"sprop-{name}={text}" for name, text in zip(("vps", "sps", "pps"), sets, strict=True))
    profile = first[1:4].hex()
    return f"packetization-mode=1; profile-level-id={profile}; sprop-parameter-sets={','.join(sets)}"
