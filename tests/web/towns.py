"""The county of two towns that tests of pages look at: areas, posts, devices, pictures, events, accounts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import accounts, db

PASSWORD = "correct-horse-9"
MARK_A, MARK_B = "柳溪", "石桥"
CODE_A, CODE_B = "510311101", "510311202"
# login: (roles, what was granted)
STAFF = {
    "chief": (["admin"], "everything"),
    "admin_a": (["admin"], "a"),
    "admin_b": (["admin"], "b"),
    "editor_a": (["editor"], "a"),
    "editor_b": (["editor"], "b"),
    "operator_a": (["operator"], "a"),
    "operator_b": (["operator"], "b"),
    "viewer_a": (["viewer"], "a"),
    "viewer_county": (["viewer"], "county"),
    "editor_all": (["editor"], "everything"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One town: a town > a village > two cells, the first staffed and the second vacant, and one row of each kind.

    `mark` stands in every name and `code` begins every code of the town. `ids` by table: cameras, buttons, alarms,
    snapshots, places, incidents, buildings, roads, import_runs, events, posts (of the staffed cell) and accounts (its
    editor).
    """

    mark: str
    code: str
    west: float
    town: int
    village: int
    cells: tuple[int, int]
    ids: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoTowns:
    """The county, its two towns, and the ids of accounts by login; every password is PASSWORD."""

    county: int
    a: Town
    b: Town
    accounts: dict[str, int]


def build(session: Session) -> TwoTowns:
    """Insert the county; the caller commits."""
    county = _area(session, "510311", "county", "示范县", None, (104.70, 29.20, 104.90, 29.30))
    a = _town(session, MARK_A, CODE_A, county, west=104.70)
    b = _town(session, MARK_B, CODE_B, county, west=104.80)
    session.execute(text("SELECT refresh_paths()"))
    granted = {"a": a.town, "b": b.town, "county": county, "everything": None}
    staff = {login: _account(session, login, roles, granted[where]) for login, (roles, where) in STAFF.items()}
    for town, editor in ((a, "editor_a"), (b, "editor_b")):
        town.ids["accounts"] = staff[editor]
        _equip(session, town)
    return TwoTowns(county=county, a=a, b=b, accounts=staff)


def write_pictures(store: Path, county: TwoTowns) -> None:
    """Put the files of the two snapshots into the picture store; each holds the mark of its town."""
    for town in (county.a, county.b):
        for kind in ("full", "thumb"):
            file = store / f"{town.code}-{kind}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"\xff\xd8" + town.mark.encode())


def open_sign_in(account_id: int) -> str:
    """Open a session of an account and return its token."""
    with db.transaction() as session:
        return accounts.open_sign_in(
            session, account_id, until=datetime.now(UTC) + timedelta(hours=1), address="127.0.0.1"
        )


@cache
def _hash() -> str:
    return accounts.hashed(PASSWORD)


def _one(session: Session, sql: str, **values: object) -> int:
    return int(session.execute(text(sql), values).scalar_one())


def _area(
    session: Session, code: str, level: str, name: str, parent: int | None, box: tuple[float, float, float, float]
) -> int:
    area = _one(session, "INSERT INTO areas (code, level) VALUES (:code, :level) RETURNING id", code=code, level=level)
    session.execute(
        text(
            "INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (:area, :parent, :name,"
            " ST_Multi(ST_MakeEnvelope(:w, :s, :e, :n, 4326)), tstzrange('2025-01-01Z', NULL))"
        ),
        {"area": area, "parent": parent, "name": name, **dict(zip("wsen", box, strict=True))},
    )
    return area


def _town(session: Session, mark: str, code: str, county: int, *, west: float) -> Town:
    town = _area(session, code, "town", f"{mark}镇", county, (west, 29.2, west + 0.1, 29.3))
    village = _area(session, f"{code}001", "village", f"{mark}村", town, (west, 29.2, west + 0.1, 29.25))
    cells = tuple(
        _area(
            session, f"{code}00100{n}", "cell", f"{mark}第{n}网格", village,
            (west + 0.05 * (n - 1), 29.2, west + 0.05 * n, 29.25),
        )
        for n in (1, 2)
    )  # fmt: skip
    posts = [
        _one(
            session,
            "INSERT INTO posts (area_id, name, unit, duties, staffed, duty_line)"
            " VALUES (:area, :name, :unit, '{巡查,调解}', :staffed, '') RETURNING id",
            area=cell, name=f"{mark}网格岗{n}", unit=f"{mark}镇综治中心", staffed=n == 1,
        )
        for n, cell in enumerate(cells, start=1)
    ]  # fmt: skip
    return Town(
        mark=mark, code=code, west=west, town=town, village=village, cells=(cells[0], cells[1]), ids={"posts": posts[0]}
    )


def _account(session: Session, login: str, roles: list[str], area: int | None) -> int:
    account = _one(
        session,
        "INSERT INTO accounts (login, title, password_hash, roles, must_change_password)"
        " VALUES (:login, :title, :hash, :roles, false) RETURNING id",
        login=login, title=_title(login), hash=_hash(), roles=roles,
    )  # fmt: skip
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
        {"account": account, "area": area},
    )
    return account


def _title(login: str) -> str:
    mark = {"a": MARK_A, "b": MARK_B}.get(login.rpartition("_")[2], "县")
    return f"{mark}值班台"


# One row of each kind per town; :path is the path of its first cell, :point a place in it.
ROWS = {
    "cameras": "INSERT INTO cameras"
    " (code, name, area_id, path, geom, address, rtsp_url, bearing_deg, hfov_deg, reach_m)"
    " VALUES (:code || '011310001', :mark || '村口', :cell, :path, {point}, :mark || '路1号',"
    " 'rtsp://127.0.0.1/' || :code, 90, 90, 60)",
    "buttons": "INSERT INTO buttons (code, name, area_id, path, geom, place)"
    " VALUES (:code || '011340001', :mark || '小学按钮', :cell, :path, {point}, :mark || '小学门口')",
    "places": "INSERT INTO places (code, name, kind, area_id, path, geom)"
    " VALUES (:code || '-P1', :mark || '小学', 'school', :cell, :path, {point})",
    "incidents": "INSERT INTO incidents (code, kind, at, area_id, path, geom, place)"
    " VALUES (:code || '-I1', :mark || '盗窃', now(), :cell, :path, {point}, :mark || '路')",
    "buildings": "INSERT INTO buildings (code, name, path, geom)"
    " VALUES (:code || '-B1', :mark || '小学楼', :path, ST_Expand({point}, 0.0005))",
    "roads": "INSERT INTO roads (code, name, kind, paths, geom) VALUES (:code || '-R1', :mark || '大道', 'main',"
    " ARRAY[CAST(:path AS ltree)], ST_MakeLine({point}, ST_Translate({point}, 0.01, 0)))",
    "snapshots": "INSERT INTO snapshots (camera_id, at, file, thumbnail, width, height, size_bytes, sha256, path)"
    " VALUES (:cameras, now() - interval '5 minutes',"
    " :code || '-full.jpg', :code || '-thumb.jpg', 1280, 720, 8, '', :path)",
    "camera_files": "INSERT INTO camera_files"
    " (camera_id, kind, name, file, thumbnail, content_type, size_bytes, sha256, path)"
    " VALUES (:cameras, 'site', :mark || '.jpg', :code || '-full.jpg', :code || '-thumb.jpg', 'image/jpeg', 8, '',"
    " :path)",
    "camera_changes": "INSERT INTO camera_changes (camera_id, account_id, reason, before, after, path)"
    " VALUES (:cameras, :accounts, :mark || '调整', '{}', jsonb_build_object('name', CAST(:mark AS text)), :path)",
    "signals": "INSERT INTO signals (button_id, kind, nonce, sent_at, way, path)"
    " VALUES (:buttons, 'press', :code, now(), 'http', :path)",
    "alarms": "INSERT INTO alarms (button_id, area_id, raised_at, path, geom)"
    " VALUES (:buttons, :cell, now(), :path, {point})",
    "alarm_steps": "INSERT INTO alarm_steps (alarm_id, step, note, path)"
    " VALUES (:alarms, 'raised', :mark || '按下', :path)",
    "events": "INSERT INTO events (kind, body, path)"
    " VALUES ('health', jsonb_build_object('name', CAST(:mark AS text)), :path)",
    "import_runs": "INSERT INTO import_runs (account_id, kind, file_name, stored_as)"
    " VALUES (:accounts, 'cameras', :mark || '.csv', :code)",
    "audit": "INSERT INTO audit (account_id, action, subject) VALUES (:accounts, 'camera.edit', :mark || '村口')",
    "notice_channels": "INSERT INTO notice_channels (name, way, url, area_id, path)"
    " VALUES (:mark || '值班台', 'webhook', 'http://127.0.0.1:1/' || :code, :cell, :path)",
    "notice_rules": "INSERT INTO notice_rules (name, kinds, channels, delay_s, group_s, timezone, area_id, path)"
    " VALUES (:mark || '规则', '{offline}', ARRAY[CAST(:notice_channels AS integer)], 60, 0, 'Asia/Shanghai', :cell,"
    " :path)",
    "notices": "INSERT INTO notices (channel_id, lines, state, path) VALUES (:notice_channels, 1, 'failed', :path)",
    "notice_lines": "INSERT INTO notice_lines (notice_id, channel_id, rule_id, matter, since, times, step, trouble,"
    " devices, at, said) VALUES (:notices, :notice_channels, :notice_rules, 'camera:' || :cameras, now(), 1, 'opened',"
    " 'offline', 1, now(), jsonb_build_object('name', :mark || '村口'))",
    "links": "INSERT INTO links (name, path) VALUES (:mark || '光缆', :path)",
    "link_ends": "INSERT INTO link_ends (link_id, recorder) VALUES (:links, :mark || '录像机')",
    "outages": "INSERT INTO outages (cause_kind, cause_key, name, opened_at, members, members_now, path)"
    " VALUES ('link', CAST(:links AS text), :mark || '光缆', now() - interval '1 hour', 1, 1, :path)",
    "outage_members": "INSERT INTO outage_members (outage_id, camera_id, since, path)"
    " VALUES (:outages, :cameras, now() - interval '1 hour', :path)",
    # It is to come: one that runs would take the camera from the list of what is wrong.
    "maintenance_windows": "INSERT INTO maintenance_windows (camera_id, path, starts_at, ends_at, reason)"
    " VALUES (:cameras, :path, now() + interval '1 day', now() + interval '25 hours', :mark || '检修')",
    "scenarios": "INSERT INTO scenarios (account_id, area_id, name, shared, path)"
    " VALUES (:accounts, :cell, :mark || '方案', true, :path)",
    "scenario_cameras": "INSERT INTO scenario_cameras (scenario_id, name, geom, bearing_deg, hfov_deg, reach_m)"
    " VALUES (:scenarios, :mark || '新增', {point}, 90, 90, 60)",
    "siting_runs": "INSERT INTO siting_runs (scenario_id, account_id, wanted, state)"
    " VALUES (:scenarios, :accounts, jsonb_build_object('name', CAST(:mark AS text)), 'failed')",
    "forbidden_places": "INSERT INTO forbidden_places (account_id, name, reason, geom, path)"
    " VALUES (:accounts, :mark || '公厕', 'toilet', ST_Expand({point}, 0.0002), :path)",
    "health_intervals": "INSERT INTO health_intervals (camera_id, area_id, health, fault, during, path)"
    " VALUES (:cameras, :cell, 'offline', 'timeout', tstzrange(now() - interval '1 hour', NULL), :path)",
}  # fmt: skip


def _equip(session: Session, town: Town) -> None:
    cell = town.cells[0]
    path = session.execute(text("SELECT path::text FROM areas WHERE id = :id"), {"id": cell}).scalar_one()
    point = f"ST_SetSRID(ST_MakePoint({town.west + 0.02}, 29.22), 4326)"
    given = {"code": town.code, "mark": town.mark, "cell": cell, "path": path}
    for table, sql in ROWS.items():
        town.ids[table] = _one(session, sql.replace("{point}", point) + " RETURNING id", **(given | town.ids))
    _cover(session, town, path)
    session.execute(
        text(
            "UPDATE camera_state SET health = 'offline', fault = 'timeout', layer = 'tcp', checked_at = now(),"
            " valid_until = now() + interval '1 hour', since = now() - interval '1 hour' WHERE camera_id = :camera"
        ),
        {"camera": town.ids["cameras"]},
    )


def _cover(session: Session, town: Town, path: str) -> None:
    """Remember a view of the camera and the coverage of its cell."""
    given = {"camera": town.ids["cameras"], "cell": town.cells[0], "path": path, "west": town.west}
    session.execute(
        text(
            "INSERT INTO camera_views"
            " (camera_id, camera_version, px_per_m, geom, area_m2, sector_m2, computed_at, path)"
            " VALUES (:camera, 1, 25, ST_MakeEnvelope(:west, 29.21, :west + 0.001, 29.211, 4326),"
            " 900, 1000, now(), :path)"
        ),
        given,
    )
    session.execute(
        text(
            "INSERT INTO cell_coverage (area_id, area_m2, open_m2, seen_m2, seen_now_m2, cameras, cameras_now, gaps,"
            " computed_at, path) SELECT :cell, 1000, 1000, 900, 0, 1, 0, boundary, now(), :path"
            " FROM area_versions WHERE area_id = :cell"
        ),
        given,
    )
    numbers = ("area_id", "px_per_m", "seen_m2", "least_m2", "most_m2", "worst_camera_id", "worst_m2", "places")
    parts = ("", "_seen", "_now")
    counted = (f"{matter}{part}" for matter in ("crossings", "buildings", "incidents") for part in parts)
    metres = (f"roads{part}_m" for part in parts)
    nothing = ("seen_now_m2", "seen_by_2_m2", "sectors_m2", "places_seen", "places_now", *counted, *metres)
    session.execute(
        text(
            f"INSERT INTO cell_shares ({', '.join((*numbers, *nothing))}) VALUES"
            f" (:cell, 25, 900, 800, 950, :camera, 900, 1, {', '.join('0' for _ in nothing)})"
        ),
        given,
    )


def traces(of: Town) -> Iterable[bytes]:
    """Return the ways in which a trace of a town may be written."""
    written = (of.mark, json.dumps(of.mark)[1:-1], of.mark.encode("ascii", "xmlcharrefreplace").decode(), of.code)
    return (*(one.encode() for one in written), of.mark.encode("gbk"))


def shows(body: bytes, of: Town) -> bool:
    """Say whether a trace of a town stands in an answer."""
    return any(trace in body for trace in traces(of))


def many_incidents(two_towns: TwoTowns) -> None:
    """Put 200 more incidents where that of town A is, enough to make a tile worth compressing."""
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO incidents (code, kind, at, geom, path) SELECT 'g' || n, 'x', now(), geom, path"
                " FROM incidents, generate_series(1, 200) n WHERE id = :id"
            ),
            {"id": two_towns.a.ids["incidents"]},
        )
