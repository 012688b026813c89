"""The month of the demonstration county, added up by hand from its raw rows in whole seconds, is the one reported.

Nothing of the program counts here but the rows it wrote: bounds are integers, each stretch of time between two of them
is judged alone, and the sums are compared with every figure of the page, the interface and the workbook.
"""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import text

from data import completeness, db
from data.records import CAMERAS
from tests.web import towns
from tests.web.conftest import Browser
from web import demonstration
from web.jobs.rates import count_since

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 3, 10, 0, 0, 250_000, tzinfo=ZONE)
SINCE, UNTIL = (int(datetime(2026, month, 1, tzinfo=ZONE).timestamp()) for month in (6, 7))
DAY = 86_400
Span = tuple[int, int]


@pytest.fixture(scope="module")
def county(database: object) -> Iterator[None]:
    """Fill an empty database with a small demonstration county and count its days; leave it empty again."""
    with db.transaction() as session:
        demonstration.fill(session, demonstration.Size(cells=12, cameras=60, lab=4), now=NOW)
    count_since(NOW.date().replace(month=6, day=1), NOW)
    yield
    with db.transaction() as session:
        names = session.execute(
            text("SELECT string_agg(quote_ident(relname), ', ') FROM pg_class JOIN pg_policies ON tablename = relname"
                 " WHERE relkind = 'r' AND policyname = 'owner_sees_all'"
                 " AND relname NOT IN ('stream_templates', 'options', 'base_maps', 'forbidden_kinds')")
        ).scalar_one()  # fmt: skip
        session.execute(text(f"TRUNCATE {names}, procrastinate_jobs RESTART IDENTITY CASCADE"))
        session.execute(text("DELETE FROM options"))


@pytest.fixture(scope="module")
def chief(app: Flask, county: None) -> Browser:
    """Return the browser of an account that sees the county."""
    with db.transaction() as session:
        account = session.execute(
            text("INSERT INTO accounts (login, password_hash, roles, must_change_password)"
                 " VALUES ('chief', 'x', '{admin}', false) RETURNING id")
        ).scalar_one()  # fmt: skip
        session.execute(text("INSERT INTO account_grants (account_id) VALUES (:id)"), {"id": account})
    client = app.test_client()
    assert isinstance(client, Browser)
    client.set_cookie(f"sharpeyes_{app.config['PORT']}_token", towns.open_sign_in(account))
    return client


def rows(statement: str) -> list[Any]:
    with db.transaction() as session:
        return list(session.execute(text(statement)).all())


def within(spans: Iterable[Span], at: int) -> bool:
    return any(began <= at < ended for began, ended in spans)


def of_state(camera: Any) -> tuple[list[Span], list[Span]]:
    """Return when a camera was not in use, and when in repair, from what was changed in its record."""
    out: list[Span] = [(0, int(camera.created_at.timestamp()))]
    mended: list[Span] = []
    last = 0
    for change in rows(
        f"SELECT at, before ->> 'record_state' AS was FROM camera_changes WHERE camera_id = {camera.id} ORDER BY at, id"
    ):
        at = int(change.at.timestamp())
        {"in_use": [], "repair": mended}.get(change.was, out).append((last, at))
        last = at
    {"in_use": [], "repair": mended}.get(camera.record_state, out).append((last, UNTIL + DAY))
    return out, mended


def kind(one: Any) -> str:
    if one.health == "online" or (one.health == "degraded" and one.layer in ("clock", "onvif")):
        return "good_s"
    if one.health == "degraded":
        return "bad_s" if one.layer in ("picture", "key_frame") else "blocked_s"
    return "offline_s" if one.health == "offline" else "unchecked_s"


def add_up(
    told: Sequence[Any], out: Sequence[Span], maintained: Sequence[Span], since: int, until: int
) -> Counter[str]:
    """Return the seconds of [since, until) by what they count as."""
    ends = [(int(one.since.timestamp()), int(one.until.timestamp()), kind(one)) for one in told]
    bounds = {since, until}
    for span in (*out, *maintained, *((began, ended) for began, ended, _ in ends)):
        bounds |= {at for at in span if since < at < until}
    found: Counter[str] = Counter()
    for began, ended in pairwise(sorted(bounds)):
        if within(out, began):
            found["out_s"] += ended - began
        elif within(maintained, began):
            found["maintenance_s"] += ended - began
        else:
            held = [what for a, b, what in ends if a <= began < b]
            found[held[0] if held else "unchecked_s"] += ended - began
    return found


def turns(told: Sequence[Any], left_out: Sequence[Span]) -> Counter[str]:
    """Return failures, repairs and the seconds until repair that fall into the month."""
    found: Counter[str] = Counter()
    down: int | None = None
    for one in told:
        at = int(one.since.timestamp())
        counts = SINCE <= at < UNTIL and not within(left_out, at)
        if one.health == "offline" and down is None:
            down = at
            found["failures"] += counts
        elif one.health in ("online", "degraded") and down is not None:
            found["repairs"] += counts
            found["repair_s"] += (at - down) * counts
            down = None
    return found


def clock(camera: Any, due_days: set[int]) -> Counter[str]:
    skews: dict[int, list[float]] = defaultdict(list)
    for one in rows(f"SELECT * FROM observation_hours WHERE camera_id = {camera.id}"):
        skews[(int(one.hour.timestamp()) - SINCE) // DAY] += [abs(one.clock_skew_s_min), abs(one.clock_skew_s_max)]
    found: Counter[str] = Counter()
    for day in due_days:
        name = (
            "clock_unread_days" if day not in skews else "clock_good_days" if max(skews[day]) <= 5 else "clock_bad_days"
        )
        found[name] += 1
    return found


def of_record(camera: Any, rules: completeness.Rules) -> Counter[str]:
    record = {field.name: getattr(camera, field.name) for field in CAMERAS.fields if field.column}
    record["lng"] = camera.geom
    is_used, is_there = camera.record_state == "in_use", camera.record_state in ("in_use", "repair")
    found = Counter({camera.record_state: 1, "cameras": int(is_there)})
    claims = {
        "placed": camera.geom is not None,
        "complete": not completeness.lacking(rules, record),
        "labelled": bool(camera.osd_name),
    }
    for name, holds in claims.items():
        found[name] += is_there and holds
        found[f"{name}_in_use"] += is_used and holds
    return found


@pytest.fixture(scope="module")
def by_hand(county: None) -> dict[str, Counter[str]]:
    """Return the sums of every camera by code."""
    with db.transaction() as session:
        rules = completeness.rules(session)
    windows = rows("SELECT camera_id, starts_at, ends_at FROM maintenance_windows")
    told = defaultdict(list)
    for one in rows(
        "SELECT camera_id, health, fault, layer, lower(during) AS since, upper(during) AS until"
        " FROM health_intervals ORDER BY camera_id, lower(during)"
    ):
        told[one.camera_id].append(one)
    sums = {}
    for camera in rows("SELECT * FROM cameras"):
        out, mended = of_state(camera)
        mine = [(int(w.starts_at.timestamp()), int(w.ends_at.timestamp())) for w in windows if w.camera_id == camera.id]
        stretches, found, due_days = told[camera.id], of_record(camera, rules), set()
        for day in range((UNTIL - SINCE) // DAY):
            since = SINCE + day * DAY
            one = add_up(stretches, out, [*mended, *mine], since, since + DAY)
            if one["out_s"] == DAY:
                continue
            in_line = one["good_s"] + one["bad_s"] + one["blocked_s"]
            known = in_line + one["offline_s"]
            if known + one["unchecked_s"]:
                due_days.add(day)
                name = "unchecked_days" if not known else "online_days" if 2 * in_line >= known else "not_online_days"
                found[name] += 1
            found += one
        found += turns(stretches, [*out, *mended, *mine])
        found += clock(camera, due_days)
        found["recording_unchecked_s"] = sum(
            found[f"{name}_s"] for name in ("good", "bad", "blocked", "offline", "unchecked")
        )
        sums[camera.code] = found
    return sums


def together(of: Iterable[Counter[str]]) -> Counter[str]:
    return sum(of, Counter())


# Numerator, denominator and unchecked of every rate, as the field defines them.
RATES = {
    "online": (("good_s", "bad_s", "blocked_s"), ("good_s", "bad_s", "blocked_s", "offline_s"), ("unchecked_s",)),
    "online_cameras": (("online_days",), ("online_days", "not_online_days"), ("unchecked_days",)),
    "picture": (("good_s",), ("good_s", "bad_s"), ("blocked_s",)),
    "intact": (("good_s",), ("good_s", "bad_s", "offline_s"), ("blocked_s", "unchecked_s")),
    "position": (("placed",), ("cameras",), ()),
    "record": (("complete",), ("cameras",), ()),
    "clock": (("clock_good_days",), ("clock_good_days", "clock_bad_days"), ("clock_unread_days",)),
    "labelling": (("labelled",), ("cameras",), ()),
    "recording": (("recorded_s",), ("recorded_s", "unrecorded_s"), ("recording_unchecked_s",)),
}
WEIGHTS = {
    "online": 30,
    "picture": 20,
    "intact": 10,
    "position": 10,
    "record": 10,
    "clock": 10,
    "labelling": 5,
    "recording": 5,
}


def figures(of: Counter[str]) -> dict[str, tuple[int, int, int]]:
    made = {name: tuple(sum(of[one] for one in part) for part in parts) for name, parts in RATES.items()}
    return {name: (one[0], one[1], one[2]) for name, one in made.items()}


def points(of: Counter[str]) -> Fraction:
    made = figures(of)
    return sum(
        (WEIGHTS[name] * Fraction(made[name][0], made[name][1]) for name in WEIGHTS if made[name][1]), Fraction()
    )


def told(rates: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    return {one["measure"]: (one["numerator"], one["denominator"], one["unchecked"]) for one in rates}


def test_the_past_has_everything_that_can_go_wrong(by_hand: dict[str, Counter[str]]) -> None:
    whole = together(by_hand.values())
    for name in ("good_s", "bad_s", "blocked_s", "offline_s", "unchecked_s", "maintenance_s", "failures", "repairs",
                 "clock_bad_days", "clock_unread_days", "not_online_days", "dismantled"):  # fmt: skip
        assert whole[name] > 0, name


def test_the_interface_reports_what_adds_up_by_hand(chief: Browser, by_hand: dict[str, Counter[str]]) -> None:
    said = chief.get("/api/v1/reports?month=2026-06&by=vendor").json
    whole = together(by_hand.values())
    assert said["made_up"]
    assert {name: value for name, value in said["sums"].items() if value} == {n: v for n, v in whole.items() if v}
    assert told(said["rates"]) == figures(whole)
    assert Fraction(said["score"]) == round(points(whole), 2)
    vendor = {row.code: row.vendor or "" for row in rows("SELECT code, vendor FROM cameras")}
    for group in said["groups"]:
        mine = together(sums for code, sums in by_hand.items() if vendor[code] == group["key"])
        assert told(group["rates"]) == figures(mine)
        assert Fraction(group["score"]) == round(points(mine), 2)
    assert {group["key"] for group in said["groups"]} == set(vendor.values())


def test_the_page_shows_what_adds_up_by_hand(chief: Browser, by_hand: dict[str, Counter[str]]) -> None:
    page = chief.get("/reports?month=2026-06").get_data(as_text=True)
    shown = [int(value) for value in re.findall(r'<data value="(\d+)"', page)]
    whole = together(by_hand.values())
    wanted = [value for figure in figures(whole).values() for value in figure]
    assert shown[: len(wanted)] == wanted
    assert f"<b>{float(points(whole)):.2f}</b>" in page
    assert "演示数据，均为虚构" in page


@pytest.mark.parametrize("measure", RATES)
def test_every_figure_clicks_through_to_cameras_that_add_up_to_it(
    chief: Browser, by_hand: dict[str, Counter[str]], measure: str
) -> None:
    page = chief.get(f"/reports/cameras?month=2026-06&measure={measure}&size=500").get_data(as_text=True)
    seen: Counter[str] = Counter()
    for code, row in re.findall(r'<td class="code"><a href="/cameras/(\w+)">(.*?)</tr>', page, re.DOTALL):
        numbers = tuple(int(value) for value in re.findall(r'<data value="(\d+)"', row))
        assert numbers == figures(by_hand[code])[measure], code
        seen[code] += 1
    assert set(seen) == set(by_hand)
    assert set(seen.values()) == {1}


def test_the_workbook_adds_up_by_hand(chief: Browser, by_hand: dict[str, Counter[str]]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(chief.get("/reports/month.xlsx?month=2026-06").data))
    whole = together(by_hand.values())
    summary = list(book["考核汇总"].iter_rows(min_row=4, max_row=3 + len(RATES), values_only=True))
    assert [row[2:5] for row in summary] == list(figures(whole).values())
    assert [row[9] for row in summary] == [WEIGHTS.get(name, 0) for name in RATES]
    heads, *cameras = book["摄像机"].iter_rows(values_only=True)
    column = {head: place for place, head in enumerate(heads)}
    for head, name in {
        "图像完好（秒）": "good_s",
        "离线（秒）": "offline_s",
        "维护（秒）": "maintenance_s",
        "故障次数": "failures",
    }.items():
        assert {row[0]: row[column[head]] for row in cameras} == {code: sums[name] for code, sums in by_hand.items()}
    town_heads, *town_rows, last = book["乡镇（街道）"].iter_rows(values_only=True)
    online = town_heads.index("在线率（按时长）")
    for place in range(online + 1, online + 4):
        assert sum(row[place] for row in town_rows) == last[place] == figures(whole)["online"][place - online - 1]


def test_the_stretches_handed_out_are_those_it_was_counted_from(
    chief: Browser, by_hand: dict[str, Counter[str]]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(chief.get("/reports/month.xlsx?month=2026-06").data))
    _, *found = book["状态时段"].iter_rows(values_only=True)
    offline: Counter[str] = Counter()
    for code, health, _fault, _began, _ended, seconds in found:
        offline[code] += seconds if health == "离线" else 0
    left_out = {code for code, sums in by_hand.items() if sums["maintenance_s"] or sums["out_s"]}
    assert len(left_out) < len(by_hand)
    for code, sums in by_hand.items():
        assert code in left_out or offline[code] == sums["offline_s"]


def test_outages_cost_what_their_members_lost(chief: Browser) -> None:
    lost: Counter[str] = Counter()
    for one in rows("SELECT o.cause, m.since, m.until FROM outage_members m JOIN outages o ON o.id = m.outage_id"):
        began, ended = max(int(one.since.timestamp()), SINCE), min(int(one.until.timestamp()), UNTIL)
        lost[one.cause] += max(0, ended - began)
    said = chief.get("/api/v1/reports?month=2026-06").json["outages"]
    assert {one["cause"]: one["lost_s"] for one in said} == {
        cause: seconds for cause, seconds in lost.items() if seconds
    }
    assert len(said) >= 3
