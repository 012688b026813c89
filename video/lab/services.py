"""What a virtual camera says over ONVIF beside the essentials: its time server, its events, its recordings."""

from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from video.lab.camera import LabCamera

_TRACK = "video"
_RECORDING = "recording"


def ntp(camera: LabCamera, now: datetime) -> str:
    """Return where the camera gets its time from."""
    server = camera.spec.ntp_server
    inner = (
        f"<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>{escape(server)}</tt:DNSname></tt:NTPManual>"
        if server
        else "<tt:NTPFromDHCP><tt:Type>IPv4</tt:Type><tt:IPv4Address>10.0.0.1</tt:IPv4Address></tt:NTPFromDHCP>"
    )
    told = f"<tt:FromDHCP>{str(not server).lower()}</tt:FromDHCP>{inner}"
    return f"<tds:GetNTPResponse><tds:NTPInformation>{told}</tds:NTPInformation></tds:GetNTPResponse>"


def pull_point(camera: LabCamera, now: datetime) -> str:
    """Return where a new subscription lives."""
    camera.counters.subscriptions += 1
    return (
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
        f"<wsa:Address>{camera.reported_url('/onvif/subscription')}</wsa:Address></tev:SubscriptionReference>"
        f"<wsnt:CurrentTime>{_written(now)}</wsnt:CurrentTime>"
        f"<wsnt:TerminationTime>{_written(now + timedelta(minutes=1))}</wsnt:TerminationTime>"
        "</tev:CreatePullPointSubscriptionResponse>"
    )


def messages(camera: LabCamera, now: datetime) -> str:
    """Return what every new subscriber is told: when the camera started."""
    booted = now - timedelta(hours=camera.spec.running_h)
    return (
        f"<tev:PullMessagesResponse><tev:CurrentTime>{_written(now)}</tev:CurrentTime>"
        f"<tev:TerminationTime>{_written(now + timedelta(minutes=1))}</tev:TerminationTime>"
        "<wsnt:NotificationMessage><wsnt:Topic>tns1:Monitoring/OperatingTime/LastReboot</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{_written(now)}" PropertyOperation="Initialized"><tt:Data>'
        f'<tt:SimpleItem Name="Status" Value="{_written(booted)}"/></tt:Data></tt:Message></wsnt:Message>'
        "</wsnt:NotificationMessage></tev:PullMessagesResponse>"
    )


def unsubscribed(camera: LabCamera, now: datetime) -> str:
    """Return the farewell of a subscription."""
    camera.counters.subscriptions -= 1
    return "<wsnt:UnsubscribeResponse/>"


def find_recordings(camera: LabCamera, now: datetime) -> str:
    """Return the token of a search for recordings."""
    return "<tse:FindRecordingsResponse><tse:SearchToken>1</tse:SearchToken></tse:FindRecordingsResponse>"


def found_recordings(camera: LabCamera, now: datetime) -> str:
    """Return the one recording a camera has."""
    return (
        "<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
        f"<tt:RecordingInformation><tt:RecordingToken>{_RECORDING}</tt:RecordingToken>"
        "<tt:Source><tt:SourceId>source</tt:SourceId><tt:Name>main</tt:Name></tt:Source>"
        f"<tt:EarliestRecording>{_written(now - timedelta(days=30))}</tt:EarliestRecording>"
        f"<tt:LatestRecording>{_written(now)}</tt:LatestRecording><tt:Content/>"
        f"<tt:Track><tt:TrackToken>{_TRACK}</tt:TrackToken><tt:TrackType>Video</tt:TrackType></tt:Track>"
        "<tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>"
        "</tse:ResultList></tse:GetRecordingSearchResultsResponse>"
    )


def find_events(camera: LabCamera, now: datetime) -> str:
    """Return the token of a search for events."""
    return "<tse:FindEventsResponse><tse:SearchToken>2</tse:SearchToken></tse:FindEventsResponse>"


def found_events(camera: LabCamera, now: datetime) -> str:
    """Return when data came and stopped over the last day: one gap in its middle."""
    gap = timedelta(days=1) * (1 - (camera.spec.records or 0.0))
    middle = now - timedelta(hours=12)
    told = ((now - timedelta(days=1), "true"), (middle - gap / 2, "false"), (middle + gap / 2, "true"))
    results = "".join(_result(at, value, is_start=at == told[0][0]) for at, value in told)
    return (
        "<tse:GetEventSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
        f"{results}</tse:ResultList></tse:GetEventSearchResultsResponse>"
    )


def _result(at: datetime, has_data: str, *, is_start: bool) -> str:
    return (
        f"<tt:Result><tt:RecordingToken>{_RECORDING}</tt:RecordingToken><tt:TrackToken>{_TRACK}</tt:TrackToken>"
        f"<tt:Time>{_written(at)}</tt:Time><tt:Event><wsnt:Topic>tns1:RecordingHistory/Track/State</wsnt:Topic>"
        f'<wsnt:Message><tt:Message UtcTime="{_written(at)}"><tt:Data><tt:SimpleItem Name="IsDataPresent" '
        f'Value="{has_data}"/></tt:Data></tt:Message></wsnt:Message></tt:Event>'
        f"<tt:StartStateEvent>{str(is_start).lower()}</tt:StartStateEvent></tt:Result>"
    )


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
