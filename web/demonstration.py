"""A demonstration county in the database, some of its cameras and buttons alive on this machine.

It goes in through the same import as any county. Every page then says that it is made up.
"""

import hashlib
import json
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from data import buttons, demonstration, options, settings
from data.demonstration import set_address
from data.settings import Settings
from gis.county.make import County, make_county
from gis.files import write
from video.lab.history import Made, make_past
from web.imports.order import Order
from web.imports.run import run

# The first cameras of the lab lie spread over the county; every fourth of these has a fault, all others are well.
SPREAD = 64
FAULTS = (
    "hang_describe", "wrong_password", "black", "covered", "blurred", "frozen", "not_found", "no_key_frame",
    "clock_wrong", "refuse", "session_cap", "garbage",
)  # fmt: skip
# What the living cameras show: few scenes, because each is drawn and encoded at the first start.
SCENES = (
    ("day-1", "h264", 1280, 720),
    ("day-2", "h264", 640, 360),
    ("dusk-1", "h265", 1280, 720),
    ("night-1", "h264", 640, 360),
    ("day-3", "h264", 1280, 720),
    ("dusk-2", "h265", 640, 360),
    ("day-4", "h264", 1280, 720),
    ("night-2", "h264", 1280, 720),
)
KINDS = ("areas", "roads", "buildings", "places", "cameras", "buttons", "incidents")
PATHS = {"press_path": "/api/v1/signals", "heartbeat_path": "/api/v1/signals"}
RTSP_PORT, ONVIF_PORT = 8554, 8088
# The sub stream, as a look prefers it: the records of the county speak of larger main streams.
STREAM_PATH = "/live/sub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a county is made."""

    cells: int = 243
    cameras: int = 1_300
    # How many cameras live. All by default: a virtual camera costs next to nothing, a dead map shows nothing.
    lab: int = 1_300
    seed: int = 1


def is_there(session: Session) -> bool:
    """Say whether the demonstration county is in the database already."""
    return bool(options.value(session, "demonstration"))


def fill(session: Session, size: Size, *, now: datetime) -> County:
    """Put a made-up county into an empty database, and describe its living devices in home/demo/cameras.json."""
    county = make_county(before=now, seed=size.seed, cells=size.cells, cameras=size.cameras, lab=min(size.lab, SPREAD))
    with tempfile.TemporaryDirectory() as folder:
        for kind, frame in _tables(county):
            file = Path(folder) / f"{kind}.gpkg"
            write(frame, file)
            report = run(session, Order(kind=kind, path=file, timezone=settings.get().timezone), now=now)
            if report.refused:
                raise ValueError(f"The demonstration county breaks the rules of imports: {report.problems[0].reason}")
    cast = {"cameras": _enliven(session, _living(county, size.lab)), "buttons": _wire_buttons(session, county)}
    _write_cast(settings.get(), cast)
    _make_past(session, size.seed, now)
    options.change(session, "demonstration", "true")
    options.change(session, "site_name", county.name)
    return county


def _tables(county: County) -> Iterator[tuple[str, Any]]:
    for kind in KINDS:
        frame = getattr(county, kind)
        if kind == "areas":
            posts = {post["area"]: post for post in county.posts}
            frame = frame.assign(
                post_name=[posts.get(code, {}).get("name") for code in frame["code"]],
                unit=[posts.get(code, {}).get("unit") for code in frame["code"]],
                duties=["、".join(posts[code]["duties"]) if code in posts else None for code in frame["code"]],
                staffed=[int(posts[code]["staffed"]) if code in posts else None for code in frame["code"]],
                duty_line=[posts.get(code, {}).get("duty_line") for code in frame["code"]],
            )
        yield kind, frame


def _make_past(session: Session, seed: int, now: datetime) -> None:
    """Make up what the cameras went through since the beginning of last month, so that there is a month to report."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = (midnight.replace(day=1) - timedelta(days=1)).replace(day=1)
    demonstration.settle_in(session, since=since - timedelta(days=1))
    made = [
        Made(camera_id=row["id"], town=row["town"], village=row["village"])
        for row in demonstration.places_of_cameras(session)
    ]
    past = make_past(made, since=since, until=now, seed=seed)
    demonstration.add_stretches(session, past.stretches)
    for lost in past.outages:
        demonstration.add_outage(
            session, name=lost.name, cause=lost.cause, since=lost.since, until=lost.until, members=lost.members
        )
    for camera, began, ended in past.maintenance:
        demonstration.add_maintenance(session, camera, since=began, until=ended)
    for camera, began, ended in past.mended:
        demonstration.change_state(session, camera, at=began, before="in_use", after="repair")
        demonstration.change_state(session, camera, at=ended, before="repair", after="in_use")
    for camera, at in past.dismantled:
        demonstration.change_state(session, camera, at=at, before="in_use", after="dismantled")
    demonstration.add_skews(session, past.skew_s, since=since, until=now)


def _living(county: County, count: int) -> list[str]:
    """Return the codes of the cameras that live: those spread over the county first, then others in use."""
    in_use = county.cameras.loc[county.cameras["record_state"] == "in_use", "code"]
    return [*county.lab, *(code for code in in_use if code not in set(county.lab))][:count]


def _enliven(session: Session, codes: list[str]) -> list[dict[str, Any]]:
    """Give cameras addresses and logins, and return what the lab must know of them."""
    living = []
    for number, code in enumerate(codes):
        address, password = _address(number), secrets.token_urlsafe(9)
        fault = FAULTS[number // 4] if number % 4 == 3 and number // 4 < len(FAULTS) else "none"
        scene, codec, width, height = SCENES[number % len(SCENES)]
        with_onvif = number < SPREAD and (number % 2 == 0 or fault == "clock_wrong")
        set_address(
            session,
            code,
            rtsp_url=f"rtsp://{address}:{RTSP_PORT}{STREAM_PATH}",
            onvif_url=f"http://{address}:{ONVIF_PORT}/onvif/device_service" if with_onvif else None,
            username="admin",
            password=password,
        )
        living.append(
            {
                "name": code,
                "title": f"示范画面 {number % len(SCENES) + 1}",
                "address": address,
                "port": RTSP_PORT,
                "path": STREAM_PATH,
                "onvif_port": ONVIF_PORT if with_onvif else None,
                "user": "admin",
                "password": password,
                "codec": codec,
                "auth": "digest_sha256" if number % 7 == 6 else "digest_md5",
                "width": width,
                "height": height,
                "scene": scene,
                "clock_skew_s": 252.0 if fault == "clock_wrong" else 0.2,
                "fault": fault,
            }
        )
    return living


def _wire_buttons(session: Session, county: County) -> list[dict[str, Any]]:
    """Give every button a secret and return what the lab must know of them; the last one stays silent."""
    url = f"http://127.0.0.1:{settings.get().signals_port}"
    wired = []
    for code in county.buttons["code"]:
        secret = secrets.token_urlsafe(24)
        buttons.set_secret(session, code, secret)
        wired.append({"device": code, "secret": secret, "url": url, "every_s": 20.0} | PATHS)
    return wired[:-1]


def _address(number: int) -> str:
    """Return the loopback address of a living camera; two installations on one machine have networks of their own."""
    mark = hashlib.sha256(str(settings.get().home).encode()).digest()
    return f"127.{64 + mark[0] % 128}.{(mark[1] + number // 250) % 256}.{number % 250 + 1}"


def _write_cast(chosen: Settings, cast: dict[str, Any]) -> None:
    file = chosen.home / "demo" / "cameras.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(cast, ensure_ascii=False, indent=1))
    draft.replace(file)
