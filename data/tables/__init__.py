"""Every table, one file per noun, and the rules the database itself keeps."""

from data.tables.accounts import Account, AccountGrant, Audit, LoginAttempt, SignIn
from data.tables.alarms import Alarm, AlarmStep, Button, ButtonInterval, ButtonState, Signal
from data.tables.areas import Area, AreaVersion, Post
from data.tables.base import Base
from data.tables.cameras import Camera, CameraChange, CameraFile, RecordRule, StreamTemplate
from data.tables.coverage import CameraView, CellCoverage, CellShare, CellView
from data.tables.ground import Building, Place, Road
from data.tables.health import CameraState, HealthInterval, Observation, ObservationHour, Snapshot
from data.tables.incidents import Incident
from data.tables.judging import PictureReference, PictureThreshold
from data.tables.looks import LookTurn, RecorderTurn
from data.tables.networks import DiscoveryRun, FoundDevice, LoginTry, Network
from data.tables.notices import Notice, NoticeChannel, NoticeLine, NoticeRule
from data.tables.outages import ClassLimit, Link, LinkEnd, MaintenanceWindow, Outage, OutageMember, Prober
from data.tables.plans import ForbiddenKind, ForbiddenPlace, Scenario, ScenarioCamera, SitingRun
from data.tables.rates import (
    Claim,
    ClaimList,
    HealthDay,
    HealthMonth,
    RateBasis,
    Report,
    ReportCamera,
)
from data.tables.system import BaseMap, Event, ImportRun, Option
from data.tables.tiles import IncidentSquare, LayerChange

__all__ = [
    "Account",
    "AccountGrant",
    "Alarm",
    "AlarmStep",
    "Area",
    "AreaVersion",
    "Audit",
    "Base",
    "BaseMap",
    "Building",
    "Button",
    "ButtonInterval",
    "ButtonState",
    "Camera",
    "CameraChange",
    "CameraFile",
    "CameraState",
    "CameraView",
    "CellCoverage",
    "CellShare",
    "CellView",
    "Claim",
    "ClaimList",
    "ClassLimit",
    "DiscoveryRun",
    "Event",
    "ForbiddenKind",
    "ForbiddenPlace",
    "FoundDevice",
    "HealthDay",
    "HealthInterval",
    "HealthMonth",
    "ImportRun",
    "Incident",
    "IncidentSquare",
    "LayerChange",
    "Link",
    "LinkEnd",
    "LoginAttempt",
    "LoginTry",
    "LookTurn",
    "MaintenanceWindow",
    "Network",
    "Notice",
    "NoticeChannel",
    "NoticeLine",
    "NoticeRule",
    "Observation",
    "ObservationHour",
    "Option",
    "Outage",
    "OutageMember",
    "PictureReference",
    "PictureThreshold",
    "Place",
    "Post",
    "Prober",
    "RateBasis",
    "RecordRule",
    "RecorderTurn",
    "Report",
    "ReportCamera",
    "Road",
    "Scenario",
    "ScenarioCamera",
    "SignIn",
    "Signal",
    "SitingRun",
    "Snapshot",
    "StreamTemplate",
]
