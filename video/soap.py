"""ONVIF replies read from bytes: clock, identity, profiles, addresses, faults. Pure.

Elements are found by their local names, because cameras bind prefixes to anything or to nothing, and broken XML is read
as far as it goes. What a device sends is hostile until read: no entities, no DTD, no network, 2 MiB at most.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from data.looks import DeviceIdentity

MOST_BYTES = 2 * 1024 * 1024
_LONGEST_TEXT = 200
_MOST_SERVERS = 4
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
    source: str = ""


@dataclass(frozen=True, slots=True)
class DiscoveryMatch:
    """What a device says of itself over WS-Discovery: who it is, where it can be asked, and its scopes."""

    uuid: str
    addresses: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def is_soap(reply: bytes) -> bool:
    """Return whether `reply` is a SOAP envelope."""
    root = root_of(reply)
    return root is not None and _local(root) == "Envelope"


def clock_of(reply: bytes) -> datetime | None:
    """Return the UTC time in a GetSystemDateAndTime reply, or None.

    Only UTCDateTime is read: time zone strings lie, local times are missing. Minute 60 and month 13 are carried over.
    """
    utc = first(root_of(reply), "UTCDateTime")
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
    said = first(root_of(reply), "GetDeviceInformationResponse")
    if said is None:
        return None
    return DeviceIdentity(
        manufacturer=text_of(said, "Manufacturer"),
        model=text_of(said, "Model"),
        firmware=text_of(said, "FirmwareVersion"),
        serial=text_of(said, "SerialNumber"),
    )


def profiles_of(reply: bytes) -> tuple[Profile, ...]:
    """Return the media profiles of a GetProfiles reply, in its order."""
    return tuple(_profile(element) for element in every(root_of(reply), "Profiles") if element.get("token"))


def clock_source_of(reply: bytes) -> str | None:
    """Return "ntp" or "manual", by which a GetSystemDateAndTime reply says that the clock is set."""
    said = (text_of(root_of(reply), "DateTimeType") or "").lower()
    return said if said in {"ntp", "manual"} else None


def ntp_servers_of(reply: bytes) -> tuple[str, ...]:
    """Return the time servers of a GetNTP reply; "dhcp" stands for those that come with the address."""
    said = first(root_of(reply), "NTPInformation")
    if text_of(said, "FromDHCP") == "true":
        return ("dhcp",)
    names = (
        text_of(server, name)
        for server in every(said, "NTPManual")
        for name in ("IPv4Address", "IPv6Address", "DNSname")
    )
    return tuple(name for name in names if name)[:_MOST_SERVERS]


def sources_of(profiles: tuple[Profile, ...], channel: int | None) -> tuple[str, ...]:
    """Return the tokens by which a device may name the video of a channel, counted from 1: of profiles and source."""
    mine = of_channel(profiles, channel)
    return tuple(dict.fromkeys(name for profile in mine for name in (profile.source, profile.token) if name))


def of_channel(profiles: tuple[Profile, ...], channel: int | None) -> tuple[Profile, ...]:
    """Return the profiles of one channel; all of them where the device does not have as many."""
    sources = list(dict.fromkeys(profile.source for profile in profiles))
    if channel is None or not 1 < len(sources) >= channel:
        return profiles
    return tuple(profile for profile in profiles if profile.source == sources[channel - 1])


def sub_stream(profiles: tuple[Profile, ...]) -> Profile | None:
    """Return the profile that costs the device least: the smallest video that is not a row of JPEGs."""
    sized = [profile for profile in profiles if profile.width and profile.encoding.upper() != "JPEG"]
    return min(sized, key=lambda profile: profile.width * profile.height, default=profiles[0] if profiles else None)


def uri_of(reply: bytes) -> str | None:
    """Return the address in a GetStreamUri or GetSnapshotUri reply, or None."""
    return text_of(first(root_of(reply), "MediaUri"), "Uri", longest=2048)


def service_address_of(reply: bytes, service: str) -> str | None:
    """Return where a service ("Media", "Events", "Search") is, from a GetCapabilities or GetServices reply, or None."""
    root = root_of(reply)
    found = first(first(root, "Capabilities"), service)
    if found is not None:
        return text_of(found, "XAddr", longest=2048)
    end = f"/ver10/{service.lower()}/wsdl"
    services = (one for one in every(root, "Service") if (text_of(one, "Namespace") or "").endswith(end))
    return next((text_of(one, "XAddr", longest=2048) for one in services), None)


def fault_of(reply: bytes) -> SoapFault | None:
    """Return the SOAP fault in a reply (SOAP 1.2 or 1.1), or None."""
    fault = first(root_of(reply), "Fault")
    if fault is None:
        return None
    codes = [_words(found) for name in ("Value", "faultcode") for found in every(fault, name)]
    reason = text_of(first(fault, "Reason"), "Text") or text_of(fault, "faultstring") or ""
    return SoapFault(tuple(code.rpartition(":")[2] for code in codes if code), reason)


def discovery_matches_of(reply: bytes, question: str) -> tuple[DiscoveryMatch, ...]:
    """Return the matches in a ProbeMatches message that answers `question`; none in whatever else it is."""
    root = root_of(reply)
    if text_of(root, "RelatesTo") != question:
        return ()
    return tuple(match for match in map(_match, every(root, "ProbeMatch")) if match.uuid)


def root_of(reply: bytes) -> etree._Element | None:
    """Return the document in a reply, broken or not; None where there is none, or one that may be a trap."""
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


def every(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield every element of that local name inside an element."""
    if element is not None:
        yield from (found for found in element.iter() if _local(found) == name)


def first(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first element of that local name inside an element, or None."""
    return next(every(element, name), None)


def _words(element: etree._Element | None, longest: int = _LONGEST_TEXT) -> str:
    return " ".join((element.text or "").split())[:longest] if element is not None else ""


def _match(element: etree._Element) -> DiscoveryMatch:
    words = (_words(first(element, name), _LONGEST_LIST).split()[:_MOST_LISTED] for name in ("XAddrs", "Scopes"))
    addresses, scopes = (tuple(word[:_LONGEST_URL] for word in listed) for listed in words)
    return DiscoveryMatch(text_of(first(element, "EndpointReference"), "Address") or "", addresses, scopes)


def text_of(element: etree._Element | None, name: str, *, longest: int = _LONGEST_TEXT) -> str | None:
    """Return the words of the first element of that local name, cut to `longest`; None where there are none."""
    return _words(first(element, name), longest) or None


def time_of(written: str | None) -> datetime | None:
    """Return a moment written as xs:dateTime, taken as UTC where it names no zone; None where it cannot be read."""
    try:
        at = datetime.fromisoformat((written or "").strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _whole(element: etree._Element, name: str) -> int | None:
    text = _words(first(element, name))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _profile(element: etree._Element) -> Profile:
    video = first(element, "VideoEncoderConfiguration")
    size = first(video, "Resolution")
    return Profile(
        token=str(element.get("token"))[:_LONGEST_TEXT],
        name=text_of(element, "Name") or "",
        encoding=text_of(video, "Encoding") or "",
        width=(_whole(size, "Width") or 0) if size is not None else 0,
        height=(_whole(size, "Height") or 0) if size is not None else 0,
        source=text_of(first(element, "VideoSourceConfiguration"), "SourceToken") or "",
    )
