import hashlib
import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.persons import forbidden_column, personal_data_in

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(region: str, born: date, serial: int) -> str:
    """An 18-digit number made up for the test, with its check digit."""
    body = f"{region}{born:%Y%m%d}{serial:03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


id_numbers = st.builds(
    id_number,
    st.sampled_from(["110101", "510311", "330604", "820000"]),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)
before_it = st.sampled_from(["", "电话", "（", "。", " ", "tel:", "tel", "，", "_", "/"])
after_it = st.sampled_from(["", "电话", "）", "。", " ", "，", "_", "/", ".jpg", ". "])


@pytest.mark.parametrize(
    "name",
    [
        "姓名", "户主姓名", "身份证号", "身份证 号码", "公民身份号码", "民族", "宗教信仰", "手机号", "手机号码",
        "性别", "出生日期", "年龄", "籍贯", "户籍地址", "信访人", "是否吸毒", "重点人员", "精神病史", "残疾证",
        "人脸ID", "指纹", "政治面貌", "婚姻状况", "联系人", "责任单位联系人", "负责人", "网格员", "网格员电话",
        "责任民警", "单位负责人姓名", "当事人", "车牌号码", "face_id", "faceId", "FaceID", "id_card", "IDCard",
        "ID Number", "passport_no", "full_name", "SURNAME", "gender", "Sex", "date of birth", "dob", "age", "race",
        "victim_age", "suspect_race", "ethnic group", "religion", "mobile_phone", "petitioner", "sfzh", "ｓｆｚ",
        "身\u200b份证号", "contact_person", "email", "wechat",
    ],
)  # fmt: skip
def test_a_column_that_describes_persons_is_refused(name):
    assert forbidden_column(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "名称", "name", "摄像机名称", "摄像机名字", "责任单位", "管理单位", "维护单位", "维护单位电话",
        "值班电话", "duty_line", "unit", "unit_phone", "所属派出所", "联系电话", "网格员人数", "岗位", "包保岗位",
        "街道", "户数", "人口", "常住人口", "户籍人口", "地址", "安装时间", "健康状态", "设备健康状况", "fault",
        "health", "building_age", "snapshot_age_s", "surface", "interface", "facing", "direction", "manufacturer",
        "operator", "hostname", "image", "village", "percentage", "sector", "terrace", "trace", "essex_street",
        "mac", "ip", "rtsp_url", "code", "parent", "lng", "lat", "population", "camera_mount", "方位角", "民警人数",
        "mobile_network",
    ],
)  # fmt: skip
def test_a_column_about_places_equipment_and_units_passes(name):
    assert forbidden_column(name) is None


@given(id_numbers, before_it, after_it)
def test_an_id_card_number_is_found_wherever_it_stands(number, before, after):
    assert personal_data_in(before + number + after) == "an ID-card number"
    assert personal_data_in(before + number.lower() + after) == "an ID-card number"


@given(id_numbers, st.integers(1, 9))
def test_an_id_card_number_with_a_wrong_digit_is_none(number, step):
    wrong = number[:16] + str((int(number[16]) + step) % 10) + number[17]
    assert personal_data_in(wrong) is None


@given(mobiles, before_it, after_it)
def test_a_mobile_number_is_found_wherever_it_stands(number, before, after):
    assert personal_data_in(before + number + after) == "a mobile number"


@given(
    mobiles,
    st.sampled_from([" ", "-", "－", "\u00a0", "–", "\u3000"]),
    st.sampled_from(["", "+86", "86", "+86 ", "0086-"]),
)
def test_a_spaced_out_mobile_number_is_found(number, gap, prefix):
    assert personal_data_in(prefix + gap.join((number[:3], number[3:7], number[7:]))) == "a mobile number"
    assert personal_data_in(prefix + gap.join((number[:3], number[3:6], number[6:]))) == "a mobile number"


@given(id_numbers, st.sampled_from([" ", "-", "\u2011"]))
def test_a_spaced_out_id_card_number_is_found(number, gap):
    assert personal_data_in("证 " + gap.join((number[:6], number[6:14], number[14:]))) == "an ID-card number"
    assert personal_data_in(gap.join((number[:6], number[6:10], number[10:14], number[14:]))) == "an ID-card number"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", "an ID-card number"),
        ("１１０１０５１９４９１２３１００２Ｘ", "an ID-card number"),
        ("110105491231002", "an old ID-card number"),
        ("张三１３８００１３８０００", "a mobile number"),
        ("tel13800138000", "a mobile number"),
        ("8613800138000", "a mobile number"),
        ("138\u200b0013\u200b8000", "a mobile number"),
        ("见 11010519491231002X，电话 0813-8201234", "an ID-card number"),
        ("110105194912310021", None),
        ("110105194902300021", None),
        ("110105491331002", None),
        ("值班电话 0813-8201234", None),
        ("400-820-8820", None),
        ("34020000001320000001", None),
        ("34020000 00 132 0 000001", None),
        ("510311001002", None),
        ("510311001002001", None),
        ("104.770000,29.350000", None),
        ("104.13800138000 29.3", None),
        ("13800138000.5", None),
        ("2024-05-01 08:00:00", None),
        ("1999-05-01 123", None),
        ("20240501080000123", None),
        ("1714521600000", None),
        ("rtsp://192.168.138.100:554/Streaming/Channels/13801", None),
        ("DS-2CD13800138000", None),
        ("sn a13800138000f", None),
        ("", None),
    ],
)
def test_known_texts_are_judged_right(text, kind):
    assert personal_data_in(text) == kind


device_codes = st.from_regex(r"(11|33|51)[0-9]{6}0[0-7](111|118|131|132|134)[0-8][0-9]{6}", fullmatch=True)


@given(device_codes.filter(str.isascii), st.sampled_from(["", "编码", "/", "_"]))
def test_a_device_code_is_never_a_person(code, before):
    assert personal_data_in(f"{before}{code}{before}") is None


@given(
    st.from_regex(r"(11|33|51)[0-9]{4}[0-3][0-9]{2}[0-9]{3}", fullmatch=True).filter(str.isascii), st.integers(1, 999)
)
def test_a_division_or_cell_code_is_never_a_person(code, sequence):
    assert personal_data_in(code) is None
    assert personal_data_in(f"{code}{sequence:03d}") is None


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_coordinates_are_never_a_person(lng, lat):
    for text in (f"{lng},{lat}", f"{lng:.11f} {lat:.11f}", f"POINT ({lng:.7f} {lat:.7f})"):
        assert personal_data_in(text) is None


@given(st.datetimes())
def test_times_are_never_a_person(at):
    for text in (
        at.isoformat(),
        f"{at:%Y%m%d%H%M%S}",
        f"{at:%Y-%m-%d %H:%M:%S}",
        f"{at:%Y%m%d %H%M%S}",
        f"{at:%Y年%m月%d日 %H%M}",
    ):
        assert personal_data_in(text) is None


@given(st.binary(max_size=32), st.uuids())
def test_hashes_are_never_a_person(content: bytes, name: uuid.UUID):
    assert personal_data_in(hashlib.sha256(content).hexdigest()) is None
    assert personal_data_in(str(name)) is None


@given(st.text())
def test_any_text_is_judged_without_an_error(text):
    assert personal_data_in(text) in {None, "an ID-card number", "an old ID-card number", "a mobile number"}
    assert forbidden_column(text) is None or isinstance(forbidden_column(text), str)
