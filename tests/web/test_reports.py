"""The monthly assessment as it is used: how it counts, submitting, versions, files, the command line."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data import db
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns
from video.days import month_turn
from video.rates import Measure
from web.cli import main
from web.jobs.rates import count_health, count_health_again, count_since
from web.reports.wording import month, month_before, percent, rounded

Browsers = Callable[[str | None], Browser]
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime.now(UTC)
LAST = month_before(NOW.astimezone(ZONE).date())
TURN = month_turn(LAST, ZONE)
DAY_S = 86_400
DAYS = (TURN.until - TURN.since) // timedelta(days=1)


def tell(since: datetime, until: datetime, health: str, *, layer: str | None = None) -> None:
    """Write a stretch for every camera."""
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO health_intervals (camera_id, health, layer, during, path)"
                " SELECT id, :health, :layer, tstzrange(:since, :until), path FROM cameras"
            ),
            {"since": since, "until": until, "health": health, "layer": layer},
        )


@pytest.fixture
def counted(two_towns: TwoTowns) -> TwoTowns:
    """Give both cameras a last month: two days offline, the rest online; and count it."""
    with db.transaction() as session:
        session.execute(text("DELETE FROM health_intervals"))
        session.execute(text("UPDATE cameras SET created_at = :at"), {"at": TURN.since - timedelta(days=9)})
    tell(TURN.since, TURN.since + timedelta(days=2), "offline")
    tell(TURN.since + timedelta(days=2), TURN.until, "online")
    count_since(LAST, TURN.until)
    return two_towns


def said(client: Browser, **asked: object) -> dict[str, object]:
    answer = client.get("/api/v1/reports", query_string=asked)
    assert answer.status_code == 200, answer.json
    document: dict[str, object] = answer.json
    return document


def online(client: Browser, **asked: object) -> tuple[int, int]:
    rates = {one["measure"]: one for one in client.get("/api/v1/reports", query_string=asked).json["rates"]}
    return rates["online"]["numerator"], rates["online"]["denominator"]


def submit(client: Browser, reason: str = "") -> int:
    status: int = client.post("/reports", data={"month": month(LAST), "area": "", "reason": reason}).status_code
    return status


def test_last_month_is_shown_unless_another_is_asked_for(browser: Browsers, counted: TwoTowns) -> None:
    chief = browser("chief")
    assert said(chief)["month"] == month(LAST)
    assert online(chief) == (2 * (DAYS - 2) * DAY_S, 2 * DAYS * DAY_S)


def test_an_account_of_a_town_gets_the_month_of_its_town(browser: Browsers, counted: TwoTowns) -> None:
    here = browser("viewer_a")
    assert said(here)["area"] == counted.a.code
    assert online(here) == ((DAYS - 2) * DAY_S, DAYS * DAY_S)
    assert online(browser("chief"), area=counted.a.code) == online(here)
    assert here.get(f"/api/v1/reports?area={counted.b.code}").status_code == 404


def test_a_submitted_month_is_frozen_and_a_later_version_says_what_differs(
    browser: Browsers, counted: TwoTowns
) -> None:
    chief = browser("chief")
    before = online(chief)
    assert submit(chief) == 302
    # The past is judged anew: the second day was online after all.
    with db.transaction() as session:
        session.execute(text("DELETE FROM health_intervals WHERE health = 'offline'"))
    tell(TURN.since, TURN.since + timedelta(days=1), "offline")
    tell(TURN.since + timedelta(days=1), TURN.since + timedelta(days=2), "online")
    count_health_again(LAST.isoformat())
    assert online(chief) == online(chief, version=1) == before
    assert online(chief, version=0) == (before[0] + 2 * DAY_S, before[1])
    assert submit(chief) == 400
    assert submit(chief, "重新判定") == 302
    assert online(chief) == online(chief, version=2) == (before[0] + 2 * DAY_S, before[1])
    assert online(chief, version=1) == before
    page = chief.get("/reports").get_data(as_text=True)
    assert "与第 1 版的差异" in page
    assert "重新判定" in page
    assert "2 台摄像机有差异" in page
    assert f"offline_s: {2 * DAY_S} → {DAY_S}" in page
    assert chief.get("/reports/month.pdf").data.startswith(b"%PDF")


def test_a_version_keeps_the_record_as_it_was(browser: Browsers, counted: TwoTowns) -> None:
    chief = browser("chief")
    submit(chief)
    with db.transaction() as session:
        session.execute(text("UPDATE cameras SET geom = NULL, vendor = '乙'"))
    placed = {one["measure"]: one["numerator"] for one in chief.get("/api/v1/reports").json["rates"]}["position"]
    assert placed == 2
    live = chief.get("/api/v1/reports?version=0&by=vendor").json
    assert {one["measure"]: one["numerator"] for one in live["rates"]}["position"] == 0
    assert [one["key"] for one in live["groups"]] == ["乙"]


def test_the_database_lets_nobody_change_a_submitted_month(browser: Browsers, counted: TwoTowns) -> None:
    submit(browser("chief"))
    for change in ("UPDATE {} SET path = ''", "DELETE FROM {}"):
        for table in ("reports", "report_cameras"):
            with pytest.raises(DBAPIError, match="kept as they were written"), db.transaction() as session:
                session.execute(text(change.format(table)))


def test_a_month_that_is_not_over_cannot_be_submitted(browser: Browsers, counted: TwoTowns) -> None:
    this = month(NOW.astimezone(ZONE).date())
    answer = browser("chief").post("/reports", data={"month": this, "area": ""})
    assert answer.status_code == 400
    assert "尚未结束" in answer.get_data(as_text=True)


def test_a_town_submits_its_own_month_beside_that_of_the_county(browser: Browsers, counted: TwoTowns) -> None:
    assert submit(browser("chief")) == 302
    assert submit(browser("editor_a")) == 302
    assert online(browser("editor_a")) == ((DAYS - 2) * DAY_S, DAYS * DAY_S)
    assert said(browser("viewer_a"))["version"] == 1
    assert said(browser("viewer_a"), version=0)["version"] is None
    assert browser("viewer_a").post("/reports", data={"month": month(LAST), "area": ""}).status_code == 403


def weigh(client: Browser, **changed: str) -> int:
    default = dict.fromkeys(Measure, "checked") | {
        Measure.POSITION: "all",
        Measure.RECORD: "all",
        Measure.LABELLING: "all",
    }
    form = {f"of-{name}": of for name, of in default.items()} | {f"weight-{name}": "10" for name in default}
    status: int = client.post("/reports/basis", data=form | changed).status_code
    return status


def test_weights_and_denominators_hold_from_then_on_and_are_printed(browser: Browsers, counted: TwoTowns) -> None:
    chief = browser("chief")
    submit(chief)
    assert weigh(chief, **{"of-online": "due", "weight-online": "55", "target-online": "99.5"}) == 302
    (now,) = (one for one in chief.get("/api/v1/reports?version=0").json["rates"] if one["measure"] == "online")
    assert (now["of"], now["weight"], now["target"]) == ("due", 55, 99.5)
    (then,) = (one for one in chief.get("/api/v1/reports?version=1").json["rates"] if one["measure"] == "online")
    assert (then["of"], then["weight"]) == ("checked", 30)
    assert "应检时长（含未检）" in chief.get("/reports?version=0").get_data(as_text=True)


def test_a_basis_that_makes_no_sense_is_refused(browser: Browsers, counted: TwoTowns) -> None:
    for name, value in (
        ("weight-online", "101"),
        ("weight-online", "x"),
        ("of-online", "all"),
        ("target-online", "-1"),
    ):
        assert weigh(browser("chief"), **{name: value}) == 400
        assert said(browser("chief"))["reachable"] == 85


def test_an_administrator_of_a_town_does_not_weigh_for_all(browser: Browsers, counted: TwoTowns) -> None:
    assert weigh(browser("admin_a"), **{"weight-online": "1"}) == 403


def test_a_question_that_makes_no_sense_is_a_problem(browser: Browsers, two_towns: TwoTowns) -> None:
    for query in ("month=June", "month=2026-13", "by=colour", "version=x", "version=77", "area=0"):
        answer = browser("chief").get(f"/api/v1/reports?{query}")
        assert answer.status_code in (400, 404), query
        assert answer.mimetype == "application/problem+json"


def test_a_month_without_any_count_says_what_to_do(browser: Browsers, two_towns: TwoTowns) -> None:
    assert "本月尚无统计" in browser("chief").get("/reports?month=2001-01").get_data(as_text=True)
    assert browser("chief").get("/reports/month.pdf?month=2001-01").status_code == 200
    assert browser("chief").get("/reports/month.xlsx?month=2001-01").status_code == 200


def test_the_hourly_job_counts_what_nobody_counted_yet(browser: Browsers, counted: TwoTowns) -> None:
    wanted = online(browser("chief"))
    with db.transaction() as session:
        session.execute(text("TRUNCATE health_days, health_months"))
    assert online(browser("chief")) == (0, 0)
    count_health()
    assert online(browser("chief")) == wanted


def test_the_command_line_reports_a_month(browser: Browsers, counted: TwoTowns, tmp_path: Path) -> None:
    for name, head in (("month.xlsx", b"PK"), ("month.pdf", b"%PDF")):
        ran = CliRunner().invoke(main, ["report", month(LAST), "--out", str(tmp_path / name), "--json"])
        assert ran.exit_code == 0, ran.output
        assert json.loads(ran.stdout)["rates"] == said(browser("chief"))["rates"]
        assert (tmp_path / name).read_bytes().startswith(head)
    ran = CliRunner().invoke(main, ["report", month(LAST), "--area", counted.a.code])
    assert f"{(DAYS - 2) * DAY_S} / {DAYS * DAY_S}" in ran.stdout


def test_a_wrong_command_says_so(database: Path) -> None:
    for words, code in ((["June"], 2), (["2026-06", "--out", "x.doc"], 2), (["2026-06", "--area", "0"], 1)):
        assert CliRunner().invoke(main, ["report", *words]).exit_code == code


def test_the_paper_has_the_chinese_font_in_it(browser: Browsers, counted: TwoTowns) -> None:
    paper = browser("chief").get("/reports/month.pdf").data
    assert b"FontFile2" in paper
    assert io.BytesIO(paper).read(5) == b"%PDF-"


@pytest.mark.parametrize(
    ("parts", "written"), [((1, 3), "33.33 %"), ((2, 3), "66.67 %"), ((1, 1), "100.00 %"), ((1, 200), "0.50 %")]
)
def test_a_share_is_rounded_half_up(parts: tuple[int, int], written: str) -> None:
    assert percent(Fraction(*parts)) == written
    assert rounded(Fraction(1, 8), 2) == "0.13"
    assert percent(None) == "—"
