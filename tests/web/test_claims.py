"""A superior's list, from the file that was received to the table that is sent back."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns

Browsers = Callable[[str | None], Browser]
# Every camera of the towns is offline since an hour ago; what was before is not known.
NOW = datetime.now(UTC)


def camera(of: Any) -> str:
    return f"{of.code}011310001"


def hand_in(client: Browser, rows: list[tuple[str, ...]], encoding: str = "gb18030") -> Any:
    lines = [("设备编码", "设备名称", "日期", "状态", "备注"), *rows]
    body = "\r\n".join(",".join(row) for row in lines).encode(encoding)
    return client.post("/reports/claims", data={"file": (io.BytesIO(body), "通报.csv")})


def findings(client: Browser, address: str) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data))
    heads, *rows = book.active.iter_rows(values_only=True)
    wanted = [heads.index(name) for name in ("行", "编码", "比对结果")]
    return [tuple(row[place] for place in wanted) for row in rows]


@pytest.fixture
def known(two_towns: TwoTowns) -> TwoTowns:
    """Give the camera of town A a past: online yesterday."""
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO health_intervals (camera_id, health, during, path) SELECT camera_id, 'online',"
                " tstzrange(lower(during) - interval '60 hours', lower(during)), path"
                " FROM health_intervals"
            )
        )
    return two_towns


def written(hours_ago: float) -> str:
    """Return a time as lists in China write it."""
    at = NOW - timedelta(hours=hours_ago) + timedelta(hours=8)
    # Midnight would be read as the whole day.
    return max(at, at.replace(minute=1) if (at.hour, at.minute) == (0, 0) else at).strftime("%Y-%m-%d %H:%M")


def test_each_row_is_held_against_our_evidence(browser: Browsers, known: TwoTowns) -> None:
    chief, code = browser("chief"), camera(known.a)
    answer = hand_in(
        chief,
        [
            (code, "", written(0.5), "离线", ""),
            (code, "", written(20), "离线", ""),
            (code, "", written(200), "离线", ""),
            ("", f"{known.b.mark}村口", written(0.5), "图像异常", ""),
            ("99999999999999999999", "", written(1), "离线", ""),
            (code, "", "上周三", "离线", ""),
            (code, "", written(1), "已整改", ""),
        ],
    )
    assert answer.status_code == 302
    assert findings(chief, answer.location) == [
        ("1", code, "属实"),
        ("2", code, "有异议"),
        ("3", code, "无证据"),
        ("4", camera(known.b), "属实"),
        ("5", "99999999999999999999", "无证据"),
        ("6", code, "无法识别"),
        ("7", code, "无法识别"),
    ]
    page = chief.get(answer.location).get_data(as_text=True)
    assert "日期无法识别" in page
    assert chief.get("/reports/claims").get_data(as_text=True).count("通报.csv") == 1


def test_a_list_is_read_as_xlsx_too(browser: Browsers, known: TwoTowns) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["国标编码", "点位名称", "离线时间", "问题"])
    book.active.append([camera(known.a), "村口", written(0.5), "掉线"])
    body = io.BytesIO()
    book.save(body)
    body.seek(0)
    chief = browser("chief")
    answer = chief.post("/reports/claims", data={"file": (body, "list.xlsx")})
    assert findings(chief, answer.location) == [("1", camera(known.a), "属实")]


def test_a_town_sees_only_the_rows_about_its_own_cameras(browser: Browsers, known: TwoTowns) -> None:
    both = [(camera(of), "", written(0.5), "离线", "") for of in (known.a, known.b)]
    kept = hand_in(browser("chief"), both).location
    assert browser("viewer_a").get(kept).status_code == 404
    mine = hand_in(browser("editor_a"), both).location
    assert findings(browser("editor_a"), mine) == [("1", camera(known.a), "属实"), ("2", camera(known.b), "无证据")]
    assert browser("editor_b").get(mine).status_code == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "list.csv"),
        ("编码,名称\n1,2\n".encode(), "list.csv"),
        (b"PK\x03\x04rubbish", "list.xlsx"),
        (b"x", "list.exe"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(
    browser: Browsers, two_towns: TwoTowns, body: bytes, name: str
) -> None:
    assert browser("chief").post("/reports/claims", data={"file": (io.BytesIO(body), name)}).status_code == 400


def test_numbers_of_persons_are_not_kept(browser: Browsers, two_towns: TwoTowns) -> None:
    chief = browser("chief")
    answer = hand_in(chief, [(camera(two_towns.a), "村口", written(1), "离线 13812345678", "")])
    assert "13812345678" not in chief.get(answer.location).get_data(as_text=True)
    with db.transaction() as session:
        assert "13812345678" not in str(session.execute(text("SELECT * FROM claims")).all())


def test_a_list_is_kept_as_it_was_compared(browser: Browsers, two_towns: TwoTowns) -> None:
    hand_in(browser("chief"), [(camera(two_towns.a), "", written(1), "离线", "")])
    with pytest.raises(Exception, match="kept as they were written"), db.transaction() as session:
        session.execute(text("UPDATE claims SET finding = 'disputed'"))
