"""Found devices made cameras. A login is tried on a device once in half an hour, and it is that of its own network.

Every try is audited, and written down before the device is contacted: a restart forgets none.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data import audit, db, discovery, found, networks, persons
from data.discovery import ONE_TRY_EACH, Run
from data.errors import Refusal
from data.looks import Credential, DeviceIdentity, OnvifOffer
from data.types import Fault, Standing
from gis.codes import Nameless, generated_codes, is_generated
from video.address import Address
from video.device import DeviceSeen, ask_device
from video.errors import AuthLocked, AuthRefused, CameraError
from video.networks import Networks, networks_of
from video.rtsp import Handshake
from video.standing import every_name
from web.jobs.found import found_of

log = logging.getLogger(__name__)

LOGIN_WITHIN_S = 8.0
REASON = "found on the network"
Clock = Callable[[], datetime]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of the one try: whether the login was taken, and what the device said then."""

    accepted: bool
    identity: DeviceIdentity
    stream_url: str | None = None


async def add(run: Run, *, clock: Clock) -> tuple[str, dict[str, Any]]:
    """Make cameras of the devices of a run; return its state and a line for each: what became of it, and why."""
    lines = []
    for count, choice in enumerate(run.choices["devices"], start=1):
        try:
            line = await _add_one(run, choice, clock)
        except Refusal as refused:
            line = {"result": "refused", "reason": refused.sentence, "values": _plain(refused.values)}
        lines.append({"found_id": choice["found_id"]} | line)
        with db.transaction() as session:
            added = sum(one["result"] == "added" for one in lines)
            total = len(run.choices["devices"])
            if not discovery.beat(session, run.id, now=clock(), total=total, done=count, found=added):
                return "cancelled", {"devices": lines}
    return "done", {"devices": lines}


async def _add_one(run: Run, choice: Row, clock: Clock) -> dict[str, Any]:
    with db.transaction() as session:
        device = found.find(session, choice["found_id"])
        _refuse_unfit(device)
        credential = networks.credential_of(session, device["network_id"]) if device["network_id"] else None
        if credential:
            _book(session, run, device, credential, clock())
        allowed = networks_of(networks.allowed(session, run.probe_site))
    tried = await _try(device, credential, allowed, clock) if credential else None
    with db.transaction() as session:
        if tried and credential:
            _tell(session, run, device, credential, "accepted" if tried.accepted else "refused")
        record = _record(device, choice, tried, run)
        kept = credential if tried and tried.accepted else None
        found.add_camera(
            session, device["id"], record, credential=kept, at=clock(), account_id=run.account_id, reason=REASON
        )
        audit.write(
            session,
            action="discovery.add",
            account_id=run.account_id,
            subject=record["code"],
            detail={"ip": device["ip"], "with_login": kept is not None},
            address="",
        )
    login = "none" if tried is None else ("accepted" if tried.accepted else "refused")
    return {"result": "added", "code": record["code"], "login": login}


def _refuse_unfit(device: Row) -> None:
    if device["standing"] != Standing.NEW:
        raise Refusal("Only new devices are added; this one is in the record, gone, or outside the allowed networks.")


def _book(session: Any, run: Run, device: Row, credential: Credential, now: datetime) -> None:
    last = discovery.book_try(session, every_name(found_of(device)), now=now)
    if last is not None:
        wait: timedelta = last + ONE_TRY_EACH - now
        raise Refusal(
            "A login was tried on %(ip)s less than half an hour ago. Add it in %(minutes)s minutes, so that it is not"
            " locked.",
            ip=device["ip"],
            minutes=max(1, round(wait.total_seconds() / 60)),
        )
    _tell(session, run, device, credential, "tried")


def _tell(session: Any, run: Run, device: Row, credential: Credential, outcome: str) -> None:
    detail = {"user": credential.user, "network_id": device["network_id"], "outcome": outcome}
    audit.write(
        session,
        action="discovery.login",
        account_id=run.account_id,
        subject=device["ip"],
        detail=detail,
        address="",
    )
    log.info("discovery login ip=%s network=%s outcome=%s", device["ip"], device["network_id"], outcome)


async def _try(device: Row, credential: Credential, allowed: Networks, clock: Clock) -> _Tried:
    """Use the login once: over ONVIF where the device speaks it, else over RTSP."""
    if device["onvif_url"]:
        seen = await ask_device(device["onvif_url"], credential, now=clock(), within_s=LOGIN_WITHIN_S, networks=allowed)
        return _Tried(_took(seen), seen.identity or DeviceIdentity(), seen.stream_url)
    if device["rtsp_port"] is None:
        return _Tried(False, DeviceIdentity())
    url = _rtsp_url(device)
    handshake = Handshake(Address(url, device["ip"], device["rtsp_port"]), credential, networks=allowed)
    try:
        await handshake.run(connect_s=LOGIN_WITHIN_S / 2, reply_s=LOGIN_WITHIN_S)
    except (AuthRefused, AuthLocked):
        return _Tried(False, DeviceIdentity())
    except CameraError as error:
        # A path that is not there is told only to whom the device let in.
        return _Tried(error.fault in {Fault.NOT_FOUND, Fault.NO_VIDEO}, DeviceIdentity())
    return _Tried(True, DeviceIdentity())


def _took(seen: DeviceSeen) -> bool:
    return seen.offer is OnvifOffer.OFFERED and seen.fault is None


def _record(device: Row, choice: Row, tried: _Tried | None, run: Run) -> dict[str, Any]:
    ip, said = device["ip"], tried.identity if tried else DeviceIdentity()
    vendor, model = said.manufacturer or device["vendor"], said.model or device["model"]
    name = choice.get("name") or device["said_name"] or " ".join(word for word in (vendor, model) if word)
    # Devices are named by whoever installed them, and some by a person or a phone number.
    name = ip if not name or persons.personal_data_in(name) else name
    code = choice.get("code") or generated_codes([Nameless(name=device["known_by"], lng=0.0, lat=0.0)])[0]
    return {
        "code": code,
        "code_generated": is_generated(code),
        "name": name[:100],
        "area_id": run.choices.get("area_id"),
        "rtsp_url": (tried and tried.stream_url) or (None if device["onvif_url"] else _rtsp_url(device)),
        "onvif_url": device["onvif_url"],
        "probe_site": run.probe_site,
        "ipv4": None if ":" in ip else ip,
        "ipv6": ip if ":" in ip else None,
        "mac": device["mac"],
        "vendor": vendor,
        "model": model,
        "firmware": said.firmware or device["firmware"],
    }


def _rtsp_url(device: Row) -> str:
    host = f"[{device['ip']}]" if ":" in device["ip"] else device["ip"]
    return f"rtsp://{host}:{device['rtsp_port'] or 554}/"


def _plain(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}
