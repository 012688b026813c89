"""One import from file to tables: what it takes, what it refuses, and that a second one changes nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import secrets
from data.health import CAMERA_PASSWORD
from data.records import RECORDS
from data.types import ImportReport, Level, Severity
from gis import files
from gis.errors import Refused
from web.cli import main
from web.imports import report as reports
from web.imports.export import export, template
from web.imports.order import BadOrder, BearingKind, Order, check
from web.imports.phrases import PHRASES, in_chinese
from web.imports.run import run

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
Write = Callable[..., Path]


def go(session: Session, kind: str, path: Path, *, now: datetime = NOW, **choices: object) -> ImportReport:
    return run(session, Order(kind=kind, path=path, **choices), now=now)  # type: ignore[arg-type]


def counts(done: ImportReport) -> tuple[int, int, int, int]:
    return done.added, done.updated, done.unchanged, done.refused


def errors(done: ImportReport) -> list[str]:
    return [one.reason for one in done.problems if one.severity is Severity.ERROR]


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    """Return a function that writes a CSV in an encoding and gives its path."""

    def write(content: str, *, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


def squares(path: Path, *, names: tuple[str, ...] = ("甲", "乙"), level: str = "cell", shift: float = 0.0) -> Path:
    """Write two squares side by side, each a hundredth of a degree wide."""
    boxes = [shapely.box(104.7 + at / 100 + shift, 29.3, 104.71 + at / 100 + shift, 29.31) for at in range(len(names))]
    table = {"code": [f"A{at}" for at in range(len(names))], "name": list(names), "level": [level] * len(names)}
    geopandas.GeoDataFrame(table, geometry=boxes, crs=4326).to_file(path)
    return path


CAMERAS = "设备编码,设备名称,经度,纬度,设备状态,监控点位类型,方位角\n"


def test_a_chinese_table_in_gb18030_is_read_by_its_headers(session: Session, csv: Write) -> None:
    path = csv(CAMERAS + "C1,村口,104.705,29.305,在用,三类,90\n", encoding="gb18030")
    assert counts(go(session, "cameras", path, crs="wgs84")) == (1, 0, 0, 0)
    row = session.execute(text("SELECT name, bearing_deg, monitor_class, ST_X(geom) AS lng FROM cameras")).one()
    assert tuple(row) == ("村口", 90, 3, 104.705)


def test_a_table_without_a_coordinate_system_is_refused_with_what_to_write(session: Session, csv: Write) -> None:
    done = go(session, "cameras", csv(CAMERAS + "C1,村口,104.705,29.305,,,\n"))
    assert "--crs" in errors(done)[0]
    assert done.rows == 0


def test_places_in_gcj02_are_moved_to_where_they_are(session: Session, csv: Write) -> None:
    go(session, "cameras", csv(CAMERAS + "C1,村口,104.705,29.305,,,\n"), crs="gcj02")
    lng = session.scalar(text("SELECT ST_X(geom) FROM cameras"))
    assert lng is not None
    assert 0.001 < abs(lng - 104.705) < 0.01


@pytest.mark.parametrize("header", ["姓名", "身份证号", "联系人手机", "religion", "民族"])
def test_a_column_that_tells_of_persons_refuses_the_file(session: Session, csv: Write, header: str) -> None:
    done = go(session, "cameras", csv(f"编码,经度,纬度,{header}\nC1,104.7,29.3,x\n"), crs="wgs84", skip_errors=True)
    assert "never people" in errors(done)[0]
    assert session.scalar(text("SELECT count(*) FROM cameras")) == 0


def test_a_file_named_after_a_persons_number_is_refused(session: Session, csv: Write) -> None:
    done = go(session, "cameras", csv(CAMERAS, name="13800138000.csv"), crs="wgs84")
    assert "name of the file" in errors(done)[0]


def test_one_bad_row_refuses_the_file_and_says_which(session: Session, csv: Write) -> None:
    path = csv(CAMERAS + "C1,好,104.7,29.3,,,\nC2,坏,104.7,29.3,坏了,,\nC1,又,104.7,29.3,,,\n")
    done = go(session, "cameras", path, crs="wgs84")
    assert counts(done) == (0, 0, 0, 2)
    assert [one.row for one in done.problems if one.severity is Severity.ERROR] == [2, 3]
    assert session.scalar(text("SELECT count(*) FROM cameras")) == 0
    assert counts(go(session, "cameras", path, crs="wgs84", skip_errors=True)) == (1, 0, 0, 2)


def test_a_dry_run_counts_and_writes_nothing(session: Session, csv: Write) -> None:
    done = go(session, "cameras", csv(CAMERAS + "C1,好,104.7,29.3,,,\n"), crs="wgs84", dry_run=True)
    assert counts(done) == (1, 0, 0, 0)
    assert session.scalar(text("SELECT count(*) FROM cameras")) == 0


def test_a_second_import_changes_nothing_and_a_changed_row_keeps_its_past(session: Session, csv: Write) -> None:
    go(session, "cameras", csv(CAMERAS + "C1,村口,104.7,29.3,,,90\nC2,桥头,104.7,29.3,,,\n"), crs="wgs84")
    again = csv(CAMERAS + "C1,村口,104.7,29.3,,,180\nC2,桥头,104.7,29.3,,,\n")
    assert counts(go(session, "cameras", again, crs="wgs84")) == (0, 1, 1, 0)
    assert counts(go(session, "cameras", again, crs="wgs84")) == (0, 0, 2, 0)
    change = session.execute(text("SELECT before, after, reason FROM camera_changes")).one()
    assert (change.before, change.after) == ({"bearing_deg": 90.0}, {"bearing_deg": 180.0})
    assert session.scalar(text("SELECT version FROM cameras WHERE code = 'C1'")) == 2


def test_a_column_that_is_not_there_is_left_alone_and_a_blank_cell_clears(session: Session, csv: Write) -> None:
    go(session, "cameras", csv("编码,名称,厂商,型号\nC1,村口,大华,X1\n"))
    go(session, "cameras", csv("编码,型号\nC1,\n"))
    row = session.execute(text("SELECT name, vendor, model FROM cameras")).one()
    assert tuple(row) == ("村口", "大华", None)


@pytest.mark.parametrize(
    ("kind", "cell", "bearing", "doubt"),
    [
        (BearingKind.COMPASS, "360", 0, 0),
        (BearingKind.FROM_EAST, "0", 90, 0),
        (BearingKind.FROM_EAST, "300", 30, 0),
        (BearingKind.DIRECTION_TYPE, "6", 45, 22.5),
        (BearingKind.OSM, "45-135", 90, 45),
        (BearingKind.OSM, "NNW", 337.5, 11.25),
    ],
)
def test_a_bearing_is_read_in_the_convention_named(
    session: Session, csv: Write, kind: BearingKind, cell: str, bearing: float, doubt: float
) -> None:
    done = go(session, "cameras", csv(f"编码,方位角\nC1,{cell}\n"), bearing=kind)
    assert not errors(done)
    row = session.execute(text("SELECT bearing_deg, bearing_doubt_deg FROM cameras")).one()
    assert tuple(row) == (bearing, doubt)


def test_direction_type_counts_where_a_row_has_no_bearing(session: Session, csv: Write) -> None:
    go(session, "cameras", csv("编码,方位角,监视方位\nC1,10,1\nC2,,1\n"))
    rows = session.execute(text("SELECT bearing_deg, bearing_doubt_deg FROM cameras ORDER BY code")).all()
    assert [tuple(row) for row in rows] == [(10, 0), (90, 22.5)]


def test_a_camera_behind_a_recorder_gets_its_stream_address(session: Session, csv: Write) -> None:
    done = go(
        session,
        "cameras",
        csv("编码,厂商,录像机地址,通道号\nC1,海康威视,10.1.2.3,4\nC2,Dahua,10.1.2.4:8554,2\nC3,某牌,10.1.2.5,1\n"),
    )
    urls = list(session.scalars(text("SELECT rtsp_url FROM cameras ORDER BY code")))
    assert urls == [
        "rtsp://10.1.2.3/Streaming/Channels/401",
        "rtsp://10.1.2.4:8554/cam/realmonitor?channel=2&subtype=0",
        None,
    ]
    assert any("某牌" in one.reason for one in done.problems)


def test_a_password_is_sealed_and_the_same_one_again_is_no_change(session: Session, csv: Write) -> None:
    path = csv("编码,登录用户名,登录密码\nC1,admin,s3cret-Pass\n")
    go(session, "cameras", path)
    sealed = session.scalar(text("SELECT password_encrypted FROM cameras"))
    assert sealed is not None
    assert b"s3cret" not in bytes(sealed)
    assert secrets.decrypt(bytes(sealed), purpose=CAMERA_PASSWORD) == "s3cret-Pass"
    assert counts(go(session, "cameras", path)) == (0, 0, 1, 0)
    other = csv("编码,登录用户名,登录密码\nC1,admin,another\n")
    assert counts(go(session, "cameras", other)) == (0, 1, 0, 0)
    assert session.scalar(text("SELECT credential_version FROM cameras")) == 1
    go(session, "cameras", csv("编码,登录用户名\nC1,operator\n"))
    assert session.scalar(text("SELECT credential_version FROM cameras")) == 2
    assert "another" not in str(session.execute(text("SELECT before, after FROM camera_changes")).all())


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".gpkg", ".geojson", ".parquet"])
def test_an_export_can_be_imported_again_without_change(
    session: Session, csv: Write, tmp_path: Path, suffix: str
) -> None:
    go(session, "areas", squares(tmp_path / "cells.gpkg"))
    go(
        session,
        "cameras",
        csv(
            "编码,名称,经度,纬度,室内外,安装时间,方位角,管理单位值班电话,登录密码,安装高度\n"
            "C1,=村口,104.70512345678,29.305,室外,2024-05-01,12.5,0813-3901110,pw,4.5\nC2,,,,,,,,,\n"
        ),
        crs="wgs84",
    )
    for kind, rows in (("cameras", 2), ("areas", 2)):
        out = tmp_path / f"{kind}{suffix}"
        assert export(session, kind, out, timezone="Asia/Shanghai") == rows
        assert b"pw" not in out.read_bytes() or suffix in (".xlsx", ".parquet", ".gpkg")
        done = go(session, kind, out)
        assert counts(done) == (0, 0, rows, 0), done.problems


def test_a_template_is_blank(tmp_path: Path) -> None:
    for kind, record in RECORDS.items():
        template(record, tmp_path / f"{kind}.xlsx")
        with pytest.raises(Refused, match="no rows"):
            files.read(tmp_path / f"{kind}.xlsx", crs="wgs84")


def test_unchanged_areas_make_no_version_and_changed_ones_close_theirs(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "cells.gpkg"
    go(session, "areas", squares(path))
    later = NOW + timedelta(days=1)
    assert counts(go(session, "areas", path, now=later)) == (0, 0, 2, 0)
    path.unlink()
    assert counts(go(session, "areas", squares(path, names=("甲", "丙")), now=later)) == (0, 1, 1, 0)
    rows = session.execute(
        text("SELECT v.name, upper(during) FROM area_versions v JOIN areas a ON a.id = v.area_id"
             " WHERE a.code = 'A1' ORDER BY lower(during)")
    ).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [("乙", later), ("丙", None)]


def test_devices_follow_the_boundary_when_it_moves(session: Session, csv: Write, tmp_path: Path) -> None:
    go(session, "areas", squares(tmp_path / "one.gpkg"))
    go(session, "cameras", csv(CAMERAS + "C1,村口,104.705,29.305,,,\n"), crs="wgs84")
    cell_of = "SELECT a.code FROM cameras c LEFT JOIN areas a ON a.id = c.area_id"
    assert session.scalar(text(cell_of)) == "A0"
    go(session, "areas", squares(tmp_path / "two.gpkg", shift=-0.01), now=NOW + timedelta(days=1))
    assert session.scalar(text(cell_of)) == "A1"
    go(session, "areas", squares(tmp_path / "three.gpkg", shift=1), now=NOW + timedelta(days=2))
    assert session.execute(text("SELECT area_id, path::text FROM cameras")).one() == (None, "")


def test_an_area_cannot_hang_under_one_of_its_own_level_or_under_none(session: Session, csv: Write) -> None:
    rows = "编码,名称,级别,上级编码\nT1,镇,镇,\nT2,镇,镇,T1\nV1,村,村,T9\nV2,村,村,T2\n"
    done = go(session, "areas", csv(rows))
    assert [one.row for one in done.problems if one.severity is Severity.ERROR] == [2, 3, 4]


def test_a_post_comes_with_its_cell_and_never_names_a_person(session: Session, csv: Write) -> None:
    headers = "编码,名称,级别,岗位,责任单位,岗位职责,是否在岗,值班电话\n"
    rows = f"{headers}G1,一格,网格,网格一岗,某村委会,治安巡防、矛盾排查,空缺,0813-3901110\n"
    assert counts(go(session, "areas", csv(rows))) == (1, 0, 0, 0)
    post = session.execute(text("SELECT name, unit, duties, staffed FROM posts")).one()
    assert tuple(post) == ("网格一岗", "某村委会", ["治安巡防", "矛盾排查"], False)
    assert counts(go(session, "areas", csv(rows))) == (0, 0, 1, 0)
    assert counts(go(session, "areas", csv(rows.replace("空缺", "在岗")))) == (0, 1, 0, 0)


def test_cells_that_overlap_are_named_but_taken(session: Session, tmp_path: Path) -> None:
    table = {"code": ["A", "B"], "name": ["A", "B"], "level": ["cell", "cell"]}
    boxes = [shapely.box(104.7, 29.3, 104.712, 29.31), shapely.box(104.71, 29.3, 104.72, 29.31)]
    geopandas.GeoDataFrame(table, geometry=boxes, crs=4326).to_file(tmp_path / "cells.gpkg")
    done = go(session, "areas", tmp_path / "cells.gpkg")
    assert counts(done) == (2, 0, 0, 0)
    assert any("A and B overlap" in one.reason for one in done.problems)


def test_the_problems_come_back_as_a_file_with_their_rows(session: Session, csv: Write, tmp_path: Path) -> None:
    path = csv(CAMERAS + "C1,好,104.7,29.3,,,\nC2,坏,104.7,29.3,坏了,,\n")
    done = go(session, "cameras", path, crs="wgs84")
    reports.write_problems(done, path, tmp_path / "problems.csv", crs="wgs84")
    content = (tmp_path / "problems.csv").read_text(encoding="utf-8-sig").splitlines()
    assert content[0].startswith("行号,字段,级别,原因,设备编码")
    assert any(line.startswith("2,record_state,错误,") and ",C2,坏," in line for line in content)


@pytest.mark.parametrize(
    "choices",
    [
        {"kind": "people"},
        {"kind": "cameras", "columns": {"colour": "x"}},
        {"kind": "cameras", "crs": "mars"},
        {"kind": "cameras", "level": Level.CELL},
        {"kind": "areas", "tolerance_m": -1.0},
        {"kind": "areas", "parent": "A", "parent_by_geometry": True},
        {"kind": "incidents", "timezone": "Mars/Olympus"},
    ],
)
def test_an_order_that_contradicts_itself_is_refused_before_reading(choices: dict[str, object]) -> None:
    with pytest.raises(BadOrder):
        check(Order(path=Path("nowhere"), **choices))  # type: ignore[arg-type]


def test_the_command_prints_one_json_document_and_exits_by_what_it_found(database: Path, csv: Write) -> None:
    good = csv("编码,名称,经度,纬度\nCLI-1,村口,104.7,29.3\n", name="good.csv")
    runner = CliRunner()
    dry = ["--dry-run", "--json", "--crs", "wgs84"]
    done = runner.invoke(main, ["import", "places", str(good), *dry])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["kind"] == "places"
    assert (document["rows"], document["added"], document["dry_run"]) == (1, 1, True)
    bad = csv("编码,名称,经度,纬度\nCLI 1,村口,104.7,29.3\n", name="bad.csv")
    refused = runner.invoke(main, ["import", "places", str(bad), *dry])
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["problems"][0].keys() == {"row", "field", "severity", "reason"}
    assert runner.invoke(main, ["import", "places", str(good), "--map", "colour=x"]).exit_code == 2


def test_a_shapefile_in_gbk_is_read_by_its_cpg(session: Session, tmp_path: Path) -> None:
    table = {"编码": ["S1", "S2"], "名称": ["村口", "桥头"]}
    points = [shapely.Point(104.705, 29.305), shapely.Point(104.715, 29.305)]
    geopandas.GeoDataFrame(table, geometry=points, crs=4326).to_file(tmp_path / "points.shp", encoding="GBK")
    assert "GBK" in (tmp_path / "points.cpg").read_text().upper() or (tmp_path / "points.cpg").write_text("GBK")
    assert counts(go(session, "places", tmp_path / "points.shp")) == (2, 0, 0, 0)
    assert list(session.scalars(text("SELECT name FROM places ORDER BY code"))) == ["村口", "桥头"]


@pytest.mark.parametrize(("english", "chinese"), PHRASES.items())
def test_a_phrase_carries_every_value_over(english: str, chinese: str) -> None:
    assert english.count("{}") == chinese.count("{}")
    values = [f"v{at}" for at in range(english.count("{}"))]
    said = in_chinese(english.format(*values))
    assert said == chinese.format(*values)


def test_what_imports_say_has_a_phrase(session: Session, csv: Write, tmp_path: Path) -> None:
    rows = "C1,村口,104.705,29.305,坏了,,90\nC1,,999,29.3,,一类,abc\n,桥头,,,,,400\n"
    done = go(session, "cameras", csv(CAMERAS + rows), crs="wgs84")
    grid = go(session, "areas", csv("编码,名称,级别,上级编码\nT1,镇,镇,\nT2,镇,镇,T1\nV1,村,村,T9\n"))
    spoken = [one.reason for one in (*done.problems, *grid.problems) if in_chinese(one.reason) == one.reason]
    # What gis/ itself refuses is still in English.
    assert [reason for reason in spoken if "turn" not in reason and "Earth" not in reason] == []
