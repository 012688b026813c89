"""The words of ONVIF (device and media service, ver10): what a request asks, and what a camera replies."""

from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from video.lab.camera import LabCamera
from video.lab.login import Token

_SPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:ter="http://www.onvif.org/ver10/error" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
    'xmlns:tse="http://www.onvif.org/ver10/search/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:tns1="http://www.onvif.org/ver10/topics"'
)
_SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
_WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"


def read(body: bytes) -> tuple[str, Token | None]:
    """Return the name of the call and the WS-UsernameToken it carries; raise ValueError when it is no SOAP."""
    try:
        # Requests come from loopback, and expat itself stops entity bombs.
        envelope = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError(f"the request is no XML: {error}") from error
    call = envelope.find(f"{_SOAP}Body/*")
    if call is None:
        raise ValueError("the request has no SOAP body")
    token = envelope.find(f".//{_WSSE}UsernameToken")
    return call.tag.rpartition("}")[2], None if token is None else _token(token)


def _token(token: ElementTree.Element) -> Token:
    return Token(
        user=token.findtext(f"{_WSSE}Username", ""),
        digest=token.findtext(f"{_WSSE}Password", ""),
        nonce=token.findtext(f"{_WSSE}Nonce", ""),
        created=token.findtext(f"{_WSU}Created", ""),
    )


def envelope(body: str) -> bytes:
    """Return a SOAP 1.2 document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_SPACES}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def fault(subcode: str, reason: str, *, is_ours: bool = False) -> bytes:
    """Return a SOAP fault; `is_ours` blames the receiver."""
    return envelope(
        f"<s:Fault><s:Code><s:Value>s:{'Receiver' if is_ours else 'Sender'}</s:Value>"
        f"<s:Subcode><s:Value>ter:{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(reason)}</s:Text></s:Reason></s:Fault>'
    )


def date_and_time(at: datetime) -> str:
    """Return the camera's clock; `at` in UTC."""
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
        f"<tt:Second>{at.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date>"
        "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def device_information(camera: LabCamera) -> str:
    """Return who the camera says it is."""
    spec = camera.spec
    said = (
        ("Manufacturer", spec.manufacturer),
        ("Model", spec.model),
        ("FirmwareVersion", spec.firmware),
        ("SerialNumber", spec.serial or spec.name),
        ("HardwareId", "lab"),
    )
    inner = "".join(f"<tds:{name}>{escape(value)}</tds:{name}>" for name, value in said)
    return f"<tds:GetDeviceInformationResponse>{inner}</tds:GetDeviceInformationResponse>"


def capabilities(camera: LabCamera) -> str:
    """Return where the device and media services are."""
    device, media = _addresses(camera)
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"<tt:Device><tt:XAddr>{device}</tt:XAddr></tt:Device>"
        f"<tt:Media><tt:XAddr>{media}</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
        "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"
        f"{_more_services(camera)}</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def _more_services(camera: LabCamera) -> str:
    events = f"<tt:Events><tt:XAddr>{camera.reported_url('/onvif/event_service')}</tt:XAddr></tt:Events>"
    search = f"<tt:Search><tt:XAddr>{camera.reported_url('/onvif/search_service')}</tt:XAddr></tt:Search>"
    has = camera.spec
    return (events if has.events else "") + (
        f"<tt:Extension>{search}</tt:Extension>" if has.records is not None else ""
    )


def services(camera: LabCamera) -> str:
    """Return where the services are, in the newer form."""
    names = ("http://www.onvif.org/ver10/device/wsdl", "http://www.onvif.org/ver10/media/wsdl")
    entries = "".join(
        f"<tds:Service><tds:Namespace>{name}</tds:Namespace><tds:XAddr>{address}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, address in zip(names, _addresses(camera), strict=True)
    )
    return f"<tds:GetServicesResponse>{entries}</tds:GetServicesResponse>"


def _addresses(camera: LabCamera) -> tuple[str, str]:
    return camera.reported_url("/onvif/device_service"), camera.reported_url("/onvif/media_service")


def profiles(camera: LabCamera) -> str:
    """Return the one profile every lab camera has."""
    spec = camera.spec
    encoding = "H264" if spec.codec == "h264" else "H265"
    size = f"<tt:Width>{spec.width}</tt:Width><tt:Height>{spec.height}</tt:Height>"
    return (
        '<trt:GetProfilesResponse><trt:Profiles token="main" fixed="true"><tt:Name>main</tt:Name>'
        '<tt:VideoSourceConfiguration token="source"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount>'
        f'<tt:SourceToken>source</tt:SourceToken><tt:Bounds x="0" y="0" width="{spec.width}" height="{spec.height}"/>'
        '</tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="encoder"><tt:Name>encoder</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{encoding}</tt:Encoding><tt:Resolution>{size}</tt:Resolution>"
        f"<tt:Quality>4</tt:Quality><tt:RateControl><tt:FrameRateLimit>{spec.fps}</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>1024</tt:BitrateLimit></tt:RateControl>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
        "</trt:GetProfilesResponse>"
    )


def stream_uri(camera: LabCamera) -> str:
    """Return where the stream is."""
    return _media_uri("GetStreamUri", camera.reported_stream)


def snapshot_uri(camera: LabCamera) -> str:
    """Return where a still picture is."""
    return _media_uri("GetSnapshotUri", camera.reported_url("/onvif/snapshot.jpg"))


def _media_uri(call: str, address: str) -> str:
    return (
        f"<trt:{call}Response><trt:MediaUri><tt:Uri>{escape(address)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
        f"<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:{call}Response>"
    )
