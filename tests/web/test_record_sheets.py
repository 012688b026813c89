"""A county's sheet of 5,000 cameras with Chinese headers: in, out and in again, and every mistake at row and column."""

import csv
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db
from data.types import ImportReport
from web.cli import main
from web.imports.order import Order
from web.imports.phrases import in_chinese
from web.imports.run import run

ROWS = 5000
MISTAKES = 100
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
HEADERS = {
    "code": "设备编码", "name": "设备名称", "record_state": "设备状态", "monitor_class": "监控点位类型",
    "division_code": "行政区划代码", "lng": "经度", "lat": "纬度", "address": "安装地址", "position_type": "位置类型",
    "indoor": "室内外", "pole": "立杆编号", "bearing_deg": "方位角", "direction_type": "监视方位",
    "hfov_deg": "水平视场角", "tilt_deg": "俯仰角", "height_m": "安装高度(米)", "reach_m": "最大可视距离(米)",
    "max_resolution": "最大分辨率", "rtsp_url": "视频流地址", "onvif_url": "ONVIF地址", "recorder": "录像机地址",
    "recorder_channel": "录像机通道", "ipv4": "IP地址", "ipv6": "IPv6地址", "mac": "MAC地址",
    "network_kind": "联网属性", "vendor": "设备厂商", "model": "设备型号", "ptz_type": "摄像机类型",
    "codec": "视频编码格式", "fill_light": "补光属性", "power_source": "取电方式",
    "power_duty_line": "供电单位值班电话", "install_date": "安装时间", "build_phase": "建设期数",
    "managing_unit": "管理单位", "managing_duty_line": "管理单位值班电话", "maintaining_unit": "运维单位",
    "retention_days": "录像保存天数", "security_level": "安全等级", "legal_basis": "设置依据",
    "signage_date": "提示标识设置日期", "filing_date": "备案日期",
}  # fmt: skip
VENDORS = ("海康威视", "大华", "宇视")
DIRECTIONS = {1: 90, 2: 270, 3: 180, 4: 0, 5: 135, 6: 45, 7: 225, 8: 315}
Row = dict[str, Any]


def good_row(at: int, chance: random.Random) -> Row:
    """Return a record without a mistake; places are 50 m and more apart."""
    direction = chance.choice(list(DIRECTIONS))
    behind = at % 5 == 0
    installed = date(2019, 1, 1) + timedelta(days=chance.randrange(2000))
    ip = f"10.{at // 60000}.{at // 250 % 240}.{at % 250 + 1}"
    return {
        "code": f"51031101011320{at:06d}", "name": f"示范镇第{at}号点", "record_state": chance.choice(("在用", "维修")),
        "monitor_class": chance.choice(("一类", "二类", "三类", "其他")), "division_code": "510311102204",
        "lng": round(104.70 + at % 100 * 0.0006, 6), "lat": round(29.20 + at // 100 * 0.0006, 6),
        "address": f"示范路{at}号", "position_type": chance.choice(("校园周边", "交通干线", "桥头")),
        "indoor": chance.choice(("室内", "室外")), "pole": f"SF-{at:05d}", "bearing_deg": DIRECTIONS[direction],
        "direction_type": direction, "hfov_deg": chance.choice((62.5, 90)), "tilt_deg": chance.randrange(5, 30),
        "height_m": round(chance.uniform(3, 8), 1), "reach_m": chance.choice((50, 80, 120)),
        "max_resolution": "2560x1440", "onvif_url": f"http://{ip}/onvif",
        "rtsp_url": "" if behind else f"rtsp://{ip}:554/live", "recorder_channel": at % 16 + 1 if behind else "",
        "recorder": f"10.250.{at // 250 % 250}.{at % 250 + 1}" if behind else "",
        "ipv4": ip, "ipv6": f"fd00::{at + 1:x}", "mac": f"3C:EF:8C:{at >> 16:02X}:{at >> 8 & 255:02X}:{at & 255:02X}",
        "network_kind": "公安视频传输网", "vendor": VENDORS[at % 3], "model": f"DS-{at % 40:03d}",
        "ptz_type": chance.choice(("球机", "固定枪机", "半球")), "codec": "H.265", "fill_light": "红外补光",
        "power_source": "市电", "power_duty_line": "0813-3901119", "install_date": installed,
        "build_phase": "二期", "managing_unit": "示范镇综治中心", "managing_duty_line": "0813-3901110",
        "maintaining_unit": "示范县运维中心", "retention_days": chance.choice((30, 90)),
        "security_level": chance.choice(("A级", "B级", "C级")), "legal_basis": "公共安全视频图像信息系统管理条例第七条",
        "signage_date": installed + timedelta(days=9), "filing_date": installed + timedelta(days=20),
    }  # fmt: skip


def _as(name: str, value: object) -> tuple[str, Callable[[Row, Row], Row]]:
    return name, lambda row, _: row | {name: value}


def _of_class(number: str, name: str) -> tuple[str, Callable[[Row, Row], Row]]:
    return name, lambda row, _: row | {"monitor_class": number, name: ""}


def _shared(*names: str, blamed: str) -> tuple[str, Callable[[Row, Row], Row]]:
    return blamed, lambda row, other: row | {name: other[name] for name in names}


def behind_recorder(row: Row) -> Row:
    return {"rtsp_url": "", "recorder": f"nvr{row['code']}", "recorder_channel": 3}


# What a clerk gets wrong: the column that must be named, and how the row comes to be wrong.
WRONG: tuple[tuple[str, Callable[[Row, Row], Row]], ...] = (
    _shared("code", blamed="code"),
    ("code", lambda row, _: row | {"code": row["code"][:-1]}),
    ("code", lambda row, _: row | {"code": f"{row['code']}0"}),
    ("code", lambda row, _: row | {"code": row["code"].replace("0", "O", 1)}),
    ("code", lambda row, _: row | {"code": f"99{row['code'][2:]}"}),
    ("code", lambda row, _: row | {"code": f"{row['code'][:10]}301{row['code'][13:]}"}),
    ("code", lambda row, _: row | {"code": f"{row['code'][:10]}134{row['code'][13:]}"}),
    ("code", lambda row, _: row | {"code": f"{row['code'][:13]}9{row['code'][14:]}"}),
    ("code", lambda row, _: row | {"code": f"G 12{row['code'][4:9]}"}),
    _as("name", ""),
    _as("name", "李某 11010519491231002X"),
    _as("record_state", "坏了"),
    _as("monitor_class", "五类"),
    _as("monitor_class", ""),
    _as("division_code", "51031"),
    _as("lng", 204.7),
    _as("lng", "东边"),
    ("lng", lambda row, _: row | {"lng": 0, "lat": 0}),
    ("lng", lambda row, _: row | {"lng": row["lat"], "lat": row["lng"]}),
    ("lng", lambda row, _: row | {"monitor_class": "二类", "lng": "", "lat": ""}),
    ("area", lambda row, _: row | {"lng": 103.0 + row["lat"] / 1000}),
    _as("address", "桥头，联系13800138000"),
    _as("indoor", "也许"),
    _as("bearing_deg", 400),
    _as("bearing_deg", "偏东"),
    _as("direction_type", 9),
    _as("hfov_deg", 0),
    _as("tilt_deg", 120),
    _as("height_m", "很高"),
    _as("height_m", -3),
    _as("reach_m", 0.1),
    _as("max_resolution", "高清"),
    _as("rtsp_url", "http://10.1.2.3/"),
    _as("rtsp_url", "rtsp://admin:12345@10.1.2.3/"),
    _as("onvif_url", "ftp://10.1.2.3/"),
    ("recorder", lambda row, _: row | {"rtsp_url": "", "recorder": "第二台录像机", "recorder_channel": 3}),
    ("vendor", lambda row, _: row | behind_recorder(row) | {"vendor": "无名"}),
    _as("recorder_channel", 0),
    _as("recorder_channel", "一号"),
    _as("ipv4", "10.1.2.300"),
    _as("ipv6", "fd00::g"),
    _as("mac", "3C:EF:8C:01:02"),
    _as("ptz_type", "飞碟"),
    _as("power_duty_line", "13900139000"),
    _as("install_date", "2024-13-01"),
    _as("install_date", "去年夏天"),
    _as("managing_duty_line", "老王"),
    _as("retention_days", "三十天"),
    _as("retention_days", 30.5),
    _as("retention_days", -1),
    _as("security_level", "D"),
    _as("signage_date", "2024年2月30日"),
    _as("filing_date", "昨天"),
    _of_class("一类", "install_date"),
    _of_class("一类", "managing_unit"),
    _of_class("一类", "managing_duty_line"),
    _of_class("一类", "retention_days"),
    _shared("mac", blamed="mac"),
    _shared("lng", "lat", "bearing_deg", "ptz_type", blamed="lng"),
    ("rtsp_url", lambda row, other: row | {"rtsp_url": other["rtsp_url"] or "rtsp://10.255.0.1/x"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def sheet() -> list[Row]:
    chance = random.Random(7)
    return [good_row(at, chance) for at in range(ROWS)]


@pytest.fixture(scope="module")
def county(database: Path) -> Iterator[None]:
    """Commit an area around every place of the sheet; everything is removed after the module."""
    with db.transaction() as session:
        session.execute(
            text(
                "WITH a AS (INSERT INTO areas (code, level, path) VALUES ('510311', 'county', '1') RETURNING id)"
                " INSERT INTO area_versions (area_id, name, boundary, during) SELECT id, '示范县',"
                " ST_Multi(ST_MakeEnvelope(104.6, 29.1, 104.9, 29.4, 4326)), tstzrange('2025-01-01Z', NULL) FROM a"
            )
        )
        session.execute(text("SELECT refresh_paths()"))
    yield
    with db.transaction() as session:
        session.execute(text("TRUNCATE areas, cameras CASCADE"))


def write_xlsx(path: Path, rows: list[Row]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("一机一档")
    page.append(list(HEADERS.values()))
    for row in rows:
        page.append([row[name] for name in HEADERS])
    book.save(path)
    return path


def write_gbk(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="gbk", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADERS.values())
        out.writerows([row[name] for name in HEADERS] for row in rows)
    return path


WRITERS = {"xlsx": write_xlsx, "csv": write_gbk}


def cli(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code in (0, 1), done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def counts(done: dict[str, Any]) -> tuple[int, int, int, int]:
    return done["added"], done["updated"], done["unchanged"], done["refused"]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_sheet_of_5000_comes_in_goes_out_and_comes_in_again_unchanged(
    county: None, sheet: list[Row], tmp_path: Path, form: str
) -> None:
    with db.transaction() as session:
        session.execute(text("TRUNCATE cameras CASCADE"))
    mine = WRITERS[form](tmp_path / f"一机一档.{form}", sheet)
    first = cli("import", "cameras", str(mine), "--crs", "wgs84")
    assert first["problems"] == []
    assert counts(first) == (ROWS, 0, 0, 0)
    back = tmp_path / f"导出.{form}"
    assert cli("export", "cameras", str(back), *(["--encoding", "gb18030"] if form == "csv" else []))["rows"] == ROWS
    again = cli("import", "cameras", str(back))
    assert counts(again) == (0, 0, ROWS, 0)
    assert again["problems"] == []


@pytest.mark.parametrize(("form", "seed"), [("xlsx", 11), ("csv", 12)])
def test_a_hundred_mistakes_are_each_named_at_row_and_column_and_nothing_else_is(
    session: Session, county: None, sheet: list[Row], tmp_path: Path, form: str, seed: int
) -> None:
    chance = random.Random(seed)
    rows, expected = spoil(sheet, chance)
    session.execute(text("TRUNCATE cameras CASCADE"))
    done = take(session, WRITERS[form](tmp_path / f"rows.{form}", rows))
    found = {(one.row, one.field) for one in done.problems}
    assert found - expected == set()
    assert expected - found == set()
    assert all(len(one.reason) > 15 for one in done.problems)
    assert [one.reason for one in done.problems if in_chinese(one.reason) == one.reason] == []


def spoil(sheet: list[Row], chance: random.Random) -> tuple[list[Row], set[tuple[int, str]]]:
    """Return the sheet with mistakes in a hundred rows, each of which may borrow from a good row before it."""
    rows = [dict(row) for row in sheet]
    places = chance.sample(range(ROWS // 2, ROWS), MISTAKES)
    lenders = chance.sample([at for at in range(ROWS // 2) if at % 5], MISTAKES)
    kinds = [*WRONG, *chance.choices(WRONG, k=MISTAKES - len(WRONG))]
    expected = set()
    for at, lender, (field, spoiled) in zip(places, lenders, kinds, strict=True):
        rows[at] = spoiled(rows[at], rows[lender])
        expected.add((at + 1, field))
    return rows, expected


def take(session: Session, path: Path) -> ImportReport:
    return run(session, Order(kind="cameras", path=path, crs="wgs84", dry_run=True), now=NOW)
