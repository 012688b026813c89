"""ONVIF replies read from bytes: clock, identity, profiles, addresses, faults. Pure.

Elements are found by their local names, because cameras bind prefixes to anything or to nothing, and broken XML is read
as far as it goes. What a device sends is hostile until read: no entities, no DTD, no network, 2 MiB at most.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from data.types import DeviceIdentity

MOST_BYTES = 2 * 1024 * 1024
_LONGEST_TEXT = 200
_LONGEST_URL = 2048
_LONGEST_LIST = 16_384
_MOST_LISTED = 64
_REFUSALS = {"NotAuthorized", "FailedAuthentication", "InvalidSecurityToken", "FailedCheck"}
# Possessive and bounded, so that no reply makes them look at it more than once.
_PREAMBLE = re.compile(rb"<[?!][^<>]*+>")
_TAG = re.compile(rb"<(/?)(?:[\w.-]{1,64}+:)?([\w.-]{1,64}+)([^<>]*+)>")


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP fault: its codes from general to particular, without prefixes, and the reason in words."""

    codes: tuple[str, ...]
    reason: str

    @property
    def refuses_login(self) -> bool:
        """Whether this says that the login is wrong or missing; HTTP statuses do not tell, some send 400 or 500."""
        return bool(_REFUSALS.intersection(self.codes)) or "not authorized" in self.reason.lower()


@dataclass(frozen=True, slots=True)
class Profile:
    """A media profile; the size is 0 × 0 where the device does not tell."""

    token: str
    name: str = ""
    encoding: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class DiscoveryMatch:
    """What a device says of itself over WS-Discovery: who it is, where it can be asked, and its scopes."""

    uuid: str
    addresses: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def is_soap(reply: bytes) -> bool:
    """Return whether `reply` is a SOAP envelope."""
    root = _root(reply)
    return root is not None and _local(root) == "Envelope"


def clock_of(reply: bytes) -> datetime | None:
    """Return the UTC time in a GetSystemDateAndTime reply, or None.

    Only UTCDateTime is read: time zone strings lie, local times are missing. Minute 60 and month 13 are carried over.
    """
    utc = _first(_root(reply), "UTCDateTime")
    if utc is None:
        return None
    parts = [_whole(utc, name) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
    if any(part is None or part > 9998 for part in parts):
        return None
    year, month, day, hour, minute, second = (part or 0 for part in parts)
    if year < 1970 or not 1 <= month <= 13 or day > 32 or hour > 25:
        return None
    start = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
    return start + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)


def identity_of(reply: bytes) -> DeviceIdentity | None:
    """Return what a GetDeviceInformation reply says the device is, or None."""
    said = _first(_root(reply), "GetDeviceInformationResponse")
    if said is None:
        return None
    return DeviceIdentity(
        manufacturer=_text(said, "Manufacturer"),
        model=_text(said, "Model"),
        firmware=_text(said, "FirmwareVersion"),
        serial=_text(said, "SerialNumber"),
    )


def profiles_of(reply: bytes) -> tuple[Profile, ...]:
    """Return the media profiles of a GetProfiles reply, in its order."""
    return tuple(_profile(element) for element in _all(_root(reply), "Profiles") if element.get("token"))


def sub_stream(profiles: tuple[Profile, ...]) -> Profile | None:
    """Return the profile that costs the device least: the smallest video that is not a row of JPEGs."""
    sized = [profile for profile in profiles if profile.width and profile.encoding.upper() != "JPEG"]
    return min(sized, key=lambda profile: profile.width * profile.height, default=profiles[0] if profiles else None)


def uri_of(reply: bytes) -> str | None:
    """Return the address in a GetStreamUri or GetSnapshotUri reply, or None."""
    return _text(_first(_root(reply), "MediaUri"), "Uri", longest=2048)


def media_address_of(reply: bytes) -> str | None:
    """Return where the media service is, from a GetCapabilities or GetServices reply, or None."""
    root = _root(reply)
    media = _first(_first(root, "Capabilities"), "Media")
    if media is not None:
        return _text(media, "XAddr", longest=2048)
    services = (_text(found, "XAddr", longest=2048) for found in _all(root, "Service") if _is_media(found))
    return next(services, None)


def fault_of(reply: bytes) -> SoapFault | None:
    """Return the SOAP fault in a reply (SOAP 1.2 or 1.1), or None."""
    fault = _first(_root(reply), "Fault")
    if fault is None:
        return None
    codes = [_words(found) for name in ("Value", "faultcode") for found in _all(fault, name)]
    reason = _text(_first(fault, "Reason"), "Text") or _text(fault, "faultstring") or ""
    return SoapFault(tuple(code.rpartition(":")[2] for code in codes if code), reason)


def discovery_matches_of(reply: bytes, question: str) -> tuple[DiscoveryMatch, ...]:
    """Return the matches in a ProbeMatches message that answers `question`; none in whatever else it is."""
    root = _root(reply)
    if _text(root, "RelatesTo") != question:
        return ()
    return tuple(match for match in map(_match, _all(root, "ProbeMatch")) if match.uuid)


def _root(reply: bytes) -> etree._Element | None:
    if len(reply) > MOST_BYTES:
        return None
    root = _parsed(reply, recover=False)
    if root is None:
        # Broken in its attributes and name spaces most often, and those are not needed.
        plain = _TAG.sub(_bare, _PREAMBLE.sub(b"", reply))
        root = _parsed(plain[plain.find(b"<") :], recover=True)
    # SOAP forbids document types, and entities live nowhere else.
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        return None
    return root


def _bare(tag: re.Match[bytes]) -> bytes:
    return b"<%b%b%b>" % (tag[1], tag[2], b"/" if tag[3].endswith(b"/") else b"")


def _parsed(reply: bytes, *, recover: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(reply, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _local(element: etree._Element) -> str:
    # Prefixes that are bound to nothing stay in the name.
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _all(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from (found for found in element.iter() if _local(found) == name)


def _first(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(_all(element, name), None)


def _words(element: etree._Element | None, longest: int = _LONGEST_TEXT) -> str:
    return " ".join((element.text or "").split())[:longest] if element is not None else ""


def _match(element: etree._Element) -> DiscoveryMatch:
    words = (_words(_first(element, name), _LONGEST_LIST).split()[:_MOST_LISTED] for name in ("XAddrs", "Scopes"))
    addresses, scopes = (tuple(word[:_LONGEST_URL] for word in listed) for listed in words)
    return DiscoveryMatch(_text(_first(element, "EndpointReference"), "Address") or "", addresses, scopes)


def _text(element: etree._Element | None, name: str, *, longest: int = _LONGEST_TEXT) -> str | None:
    return _words(_first(element, name), longest) or None


def _whole(element: etree._Element, name: str) -> int | None:
    text = _words(_first(element, name))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _is_media(service: etree._Element) -> bool:
    return (_text(service, "Namespace") or "").endswith("/ver10/media/wsdl")


def _profile(element: etree._Element) -> Profile:
    video = _first(element, "VideoEncoderConfiguration")
    size = _first(video, "Resolution")
    return Profile(
        token=str(element.get("token"))[:_LONGEST_TEXT],
        name=_text(element, "Name") or "",
        encoding=_text(video, "Encoding") or "",
        width=(_whole(size, "Width") or 0) if size is not None else 0,
        height=(_whole(size, "Height") or 0) if size is not None else 0,
    )
