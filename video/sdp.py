"""Session descriptions (SDP, RFC 8866) as cameras write them: what video is offered, and how.

Reads what can be read and never complains: real cameras leave out origins, names and times, put empty lines between,
end lines with LF only and invent media types. Pure.
"""

from dataclasses import dataclass, field

# Payload numbers with a fixed meaning (RFC 3551); cameras use these without an rtpmap line.
_FIXED_PAYLOADS = {26: "JPEG", 28: "NV", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263"}
_NAMES = {
    "H264": "h264",
    "H265": "h265",
    "HEVC": "h265",
    "JPEG": "mjpeg",
    "MP4V-ES": "mpeg4",
    "MPV": "mpeg2",
    "MP2T": "mpegts",
    "H263-1998": "h263",
    "H263-2000": "h263",
}
_MOST_MEDIA = 64


@dataclass(frozen=True, slots=True)
class Media:
    """One m= section: kind ("video", "audio", …), codec in our words, and its attributes as written."""

    kind: str
    payloads: tuple[int, ...]
    codec: str | None = None
    control: str | None = None
    parameters: str = ""


@dataclass(slots=True)
class _Section:
    kind: str
    payloads: tuple[int, ...]
    codecs: dict[int, str] = field(default_factory=dict)
    control: str | None = None
    parameters: str = ""


def media_of(description: str) -> tuple[Media, ...]:
    """Return the media of a session description, in its order; empty when there is none to read."""
    sections: list[_Section] = []
    for raw in description.split("\n"):
        line = raw.strip()
        if line.startswith("m="):
            if len(sections) == _MOST_MEDIA:
                break
            sections.append(_section(line[2:]))
        elif sections and line.startswith("a="):
            _note(sections[-1], line[2:])
    return tuple(_media(section) for section in sections)


def video_of(description: str) -> Media | None:
    """Return the first video of a session description, or None."""
    return next((media for media in media_of(description) if media.kind == "video"), None)


def _section(line: str) -> _Section:
    words = line.split()
    payloads = tuple(int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) < 4)
    return _Section(words[0].lower() if words else "", payloads)


def _note(section: _Section, attribute: str) -> None:
    name, _, value = attribute.partition(":")
    if name == "rtpmap":
        payload, _, encoding = value.strip().partition(" ")
        if payload.isascii() and payload.isdigit() and len(payload) < 4:
            section.codecs[int(payload)] = encoding.strip().partition("/")[0].upper()
    elif name == "control":
        section.control = value.strip()
    elif name == "fmtp" and not section.parameters:
        section.parameters = value.strip()


def _media(section: _Section) -> Media:
    return Media(section.kind, section.payloads, _codec(section), section.control, section.parameters)


def _codec(section: _Section) -> str | None:
    named = [section.codecs.get(payload) or _FIXED_PAYLOADS.get(payload) for payload in section.payloads]
    # Some cameras describe another payload than the m= line announces; one rtpmap alone can mean nothing else.
    name = next((name for name in named if name), None) or next(iter(section.codecs.values()), None)
    return _NAMES.get(name, name.lower()) if name else None
