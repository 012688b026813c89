"""The state of the records: rates, rules, doubles, codes, labels, photos and the history; inside one's areas only."""

import base64
import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import segno
from PIL import Image
from sqlalchemy import text

from data import completeness, db
from data.records import CAMERAS
from gis import codes
from tests.web.towns import MARK_A, MARK_B, TwoTowns
from web.camera_labels import SHEETS, address_of, pdf

Open = Callable[[str | None], Any]


@pytest.fixture
def camera(two_towns: TwoTowns) -> str:
    """Return the code of the camera of town A, which is of class 1 and lacks what that class must have."""
    with db.transaction() as session:
        session.execute(text("UPDATE cameras SET monitor_class = 1"))
        asked = text("SELECT code FROM cameras WHERE id = :id")
        return str(session.execute(asked, {"id": two_towns.a.ids["cameras"]}).scalar_one())


def page_of(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.get_data(as_text=True))


def test_a_record_lacks_what_its_class_must_have(browser: Open, camera: str) -> None:
    client = browser("editor_a")
    assert camera in page_of(client, "/cameras?missing=any")
    assert camera in page_of(client, "/cameras?missing=retention_days&class=1")
    assert camera not in page_of(client, "/cameras?missing=none")
    assert camera not in page_of(client, "/cameras?missing=lng")
    filled = {"retention_days": 30, "install_date": "2024-05-01", "managing_unit": "镇综治中心",
              "managing_duty_line": "0813-3901110"}  # fmt: skip
    version = client.get(f"/api/v1/cameras/{camera}").get_json()["version"]
    client.patch(f"/api/v1/cameras/{camera}", json={"version": version, "values": filled})
    assert camera in page_of(client, "/cameras?missing=none")
    assert "100.00 %" in page_of(client, "/records")


def test_the_rate_shows_its_two_sides_and_counts_the_own_town_alone(browser: Open, camera: str) -> None:
    assert "0 / 1" in page_of(browser("viewer_a"), "/records")
    assert "0 / 2" in page_of(browser("viewer_county"), "/records")


def test_a_rule_is_changed_by_who_answers_for_everything_alone(browser: Open, camera: str) -> None:
    assert browser("admin_a").post("/records/rules", data={"rule": ["vendor:1"]}).status_code == 403
    assert browser("chief").post("/records/rules", data={"rule": ["vendor:1", "lng:1"]}).status_code == 302
    page = page_of(browser("viewer_a"), "/cameras?missing=vendor")
    assert camera in page
    assert camera not in page_of(browser("viewer_a"), "/cameras?missing=retention_days")
    with db.transaction() as session:
        found = completeness.rules(session)
        assert found["vendor"] == {1}
        assert found["install_date"] == frozenset()
        completeness.decide(session, "install_date", CAMERAS.by_name["install_date"].wanted_for)
        assert completeness.rules(session)["install_date"] == {1}


def test_a_photo_may_be_asked_for(browser: Open, camera: str) -> None:
    with db.transaction() as session:
        for name in completeness.RULED:
            completeness.decide(session, name, {1} if name == "signage_photo" else set())
    assert camera in page_of(browser("viewer_a"), "/cameras?missing=signage_photo")
    send(browser("editor_a"), camera, "标识.jpg", jpeg(), kind="signage")
    assert camera in page_of(browser("viewer_a"), "/cameras?missing=none")


def test_doubles_are_listed_and_those_of_another_town_are_not(browser: Open, camera: str) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE cameras SET mac = '3C:EF:8C:01:02:03'"))
    assert "MAC 地址相同" in page_of(browser("viewer_county"), "/records/duplicates")
    alone = page_of(browser("viewer_a"), "/records/duplicates")
    assert "1 台摄像机没有重复" in alone
    assert MARK_B not in alone
    assert "1 台" not in page_of(browser("viewer_county"), "/records/duplicates?shared=mac")


def test_new_codes_follow_the_highest_in_use_anywhere(browser: Open, two_towns: TwoTowns) -> None:
    taken = codes.device_code(centre="51031101", industry="01", kind=132, network=0, serial=41).code
    with db.transaction() as session:
        session.execute(
            text("UPDATE cameras SET code = :code WHERE id = :id"), {"code": taken, "id": two_towns.b.ids["cameras"]}
        )
    asked = {"centre": "51031101", "most": 3}
    made = browser("editor_a").get("/api/v1/codes/next", query_string=asked).get_json()["codes"]
    assert [codes.device(code).serial for code in made] == [42, 43, 44]
    last = codes.device_code(centre="51031101", industry="01", kind=132, network=0, serial=999_999).code
    with db.transaction() as session:
        session.execute(
            text("UPDATE cameras SET code = :code WHERE id = :id"), {"code": last, "id": two_towns.b.ids["cameras"]}
        )
    made = browser("editor_a").get("/api/v1/codes/next", query_string=asked).get_json()["codes"]
    assert [codes.device(code).serial for code in made] == [1, 2, 3]


@pytest.mark.parametrize("asked", [{"centre": "99031101"}, {"centre": "510311"}, {"centre": "51031101", "device": 301}])
def test_a_code_that_breaks_its_rule_is_not_made(browser: Open, asked: dict[str, Any]) -> None:
    answer = browser("editor_a").get("/api/v1/codes/next", query_string=asked)
    assert answer.status_code == 400


def test_labels_are_a_pdf_with_the_chinese_font_in_it(browser: Open, camera: str) -> None:
    answer = browser("viewer_a").get(f"/camera-labels.pdf?code={camera}")
    assert answer.content_type == "application/pdf"
    content = answer.get_data()
    assert content.startswith(b"%PDF-")
    assert b"/FontFile2" in content
    assert b"WenQuanYi" in content
    assert browser("editor_b").get(f"/camera-labels.pdf?code={camera}").status_code == 400
    assert browser("viewer_a").get("/camera-labels.pdf?missing=any&sheet=8").status_code == 200


def test_the_bars_of_a_label_are_the_code_that_a_phone_reads() -> None:
    made = pdf([{"code": "A1", "name": "村口", "area": "示范村"}], SHEETS["8"], site="https://10.1.2.3:8000/")
    drawn = bars(made)
    matrix = np.array(segno.make(address_of("A1", "https://10.1.2.3:8000/"), error="m", micro=False,
                                 boost_error=False, mask=3).matrix, dtype=bool)  # fmt: skip
    left, bottom = drawn[:, 0].min(), drawn[:, 1].min()
    cell = (drawn[:, 0] + drawn[:, 2]).max() - left
    cell /= len(matrix)
    seen = np.zeros_like(matrix)
    for x, y, width, _height in drawn:
        row, column = len(matrix) - 1 - round((y - bottom) / cell), round((x - left) / cell)
        seen[row, column : column + round(width / cell)] = True
    assert (seen == matrix).all()


def bars(made: bytes) -> np.ndarray[Any, Any]:
    """Return the rectangles a PDF draws, each as x, y, width, height in points."""
    streams = re.findall(rb"(ASCII85)?(?:Decode )?/?FlateDecode[^>]*>>\s*stream\r?\n(.+?)endstream", made, re.DOTALL)
    packed = [base64.a85decode(one.strip().removesuffix(b"~>")) if as_letters else one for as_letters, one in streams]
    drawn = b"\n".join(zlib.decompressobj().decompress(one) for one in packed)
    number = rb"(-?[\d.]+)"
    rectangles = re.findall(rb" ".join([number] * 4) + rb" re\b", drawn)
    return np.array([[float(part) for part in one] for one in rectangles])


def jpeg(size: tuple[int, int] = (3000, 2000)) -> bytes:
    """Return a photo as a phone makes it: large, turned, with the place it was taken in its metadata."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PhoneOfSomebody"
    Image.new("RGB", size, (90, 120, 60)).save(out, "JPEG", exif=exif, comment=b"taken by somebody")
    return out.getvalue()


def send(client: Any, code: str, name: str, content: bytes, *, kind: str = "site") -> Any:
    form = {"kind": kind, "file": (io.BytesIO(content), name)}
    return client.post(f"/cameras/{code}/files", data=form, content_type="multipart/form-data")


def added(client: Any, code: str, name: str, content: bytes, *, kind: str = "site") -> str:
    """Send a file and return its number."""
    before = files_of(client, code)
    assert send(client, code, name, content, kind=kind).status_code == 302
    (number,) = set(files_of(client, code)) - set(before)
    return number


def files_of(client: Any, code: str) -> list[str]:
    found = re.findall(r"/camera-files/(\d+)/whole", page_of(client, f"/cameras/{code}"))
    return list(dict.fromkeys(found))


def test_a_photo_is_made_small_upright_and_forgets_who_took_it(browser: Open, camera: str) -> None:
    client = browser("editor_a")
    kept = client.get(f"/camera-files/{added(client, camera, '现场.jpg', jpeg())}/whole")
    assert kept.content_type == "image/jpeg"
    assert b"PhoneOfSomebody" not in kept.get_data()
    assert b"somebody" not in kept.get_data()
    with Image.open(io.BytesIO(kept.get_data())) as picture:
        assert picture.height > picture.width
        assert max(picture.size) == 2560


def test_a_document_is_kept_as_it_is_and_saved_rather_than_opened(browser: Open, camera: str) -> None:
    client = browser("editor_a")
    number = added(client, camera, "验收单.pdf", b"%PDF-1.7 text", kind="acceptance")
    kept = client.get(f"/camera-files/{number}/whole")
    assert kept.get_data() == b"%PDF-1.7 text"
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("张三13800138000.jpg", jpeg((20, 20)), "site"),
        ("业主身份证.jpg", jpeg((20, 20)), "site"),
        ("a.exe", b"MZ", "other"),
        ("a.svg", b"<svg onload='x()'/>", "site"),
        ("a.jpg", b"", "site"),
        ("a.jpg", b"\xff\xd8 no picture", "site"),
        ("a.jpg", b"%PDF-1.7", "site"),
        ("a.docx", b"PK\x03\x04 damaged", "other"),
        ("a.jpg", jpeg((20, 20)), "portrait"),
    ],
)  # fmt: skip
def test_what_is_no_photo_or_document_of_a_camera_is_refused(
    browser: Open, camera: str, name: str, content: bytes, kind: str
) -> None:
    client = browser("editor_a")
    before = files_of(client, camera)
    assert send(client, camera, name, content, kind=kind).status_code == 400
    assert files_of(client, camera) == before


def test_a_picture_of_far_too_many_pixels_costs_nothing(browser: Open, camera: str) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert send(browser("editor_a"), camera, "a.png", bomb.getvalue()).status_code == 400


def test_files_of_another_town_are_neither_seen_nor_brought_nor_removed(
    browser: Open, camera: str, two_towns: TwoTowns
) -> None:
    client = browser("editor_a")
    number = added(client, camera, "现场.jpg", jpeg((20, 20)))
    other = browser("editor_b")
    assert other.get(f"/camera-files/{number}/whole").status_code == 404
    assert other.post(f"/camera-files/{number}/remove").status_code == 404
    assert send(other, camera, "a.jpg", jpeg((20, 20))).status_code == 404
    assert client.post(f"/camera-files/{number}/remove").status_code == 302
    assert client.get(f"/camera-files/{number}/whole").status_code == 404


def test_files_follow_their_camera_into_another_town(browser: Open, camera: str, two_towns: TwoTowns) -> None:
    client = browser("editor_a")
    number = added(client, camera, "现场.jpg", jpeg((20, 20)))
    with db.transaction() as session:
        session.execute(
            text("UPDATE cameras SET path = (SELECT path FROM areas WHERE id = :id) WHERE code = :code"),
            {"id": two_towns.b.town, "code": camera},
        )
    assert client.get(f"/camera-files/{number}/whole").status_code == 404
    assert browser("editor_b").get(f"/camera-files/{number}/whole").status_code == 200


def test_the_history_tells_fields_in_words_who_and_why_and_undoes_what_still_stands(browser: Open, camera: str) -> None:
    client = browser("editor_a")
    for values, reason in (({"pole": "P1"}, "立杆编号补录"), ({"pole": "P2", "indoor": "1"}, "")):
        version = client.get(f"/api/v1/cameras/{camera}").get_json()["version"]
        client.patch(f"/api/v1/cameras/{camera}", json={"version": version, "values": values, "reason": reason})
    page = page_of(client, f"/cameras/{camera}/changes")
    assert "立杆编号补录" in page
    assert "<dt>室内外</dt>" in page
    assert "<ins>室内</ins>" in page
    assert f"{MARK_A}值班台" in page
    # Only the last word on a field can be taken back.
    assert len(re.findall(r'class="quiet end undo"', page)) == 1
    change = re.search(r'data-change="(\d+)"', page)
    assert change
    version = client.get(f"/api/v1/cameras/{camera}").get_json()["version"]
    undone = client.post(f"/api/v1/cameras/{camera}/undo", json={"version": version, "change": int(change[1])})
    assert undone.get_json()["pole"] == "P1"
    assert f"撤销第 {change[1]} 号变更" in page_of(client, f"/cameras/{camera}/changes")


def test_an_export_in_gbk_opens_in_programs_that_know_nothing_else(browser: Open, camera: str) -> None:
    content = browser("viewer_a").get("/cameras.csv?encoding=gb18030").get_data()
    assert "设备编码" in content.decode("gbk")
