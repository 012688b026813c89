"""The guard that keeps persons out: columns that describe them, and ID-card and mobile numbers in text.

The product manages places, equipment and events. Units, posts and duty lines are welcome, persons are not. Pure.
"""

import re
import unicodedata
from datetime import date

# Chinese words that describe a person wherever they stand in a column name, by what they give away.
_CHINESE = {
    "a person's name": "姓名 姓氏 曾用名 当事人 户主 房主 报警人 报案人 受害人 嫌疑人 租客 住户名 居民名",
    "an identity number": "身份证 证件号 公民身份 护照 社保号 驾驶证号",
    "a personal phone": "手机 移动电话 个人电话 家庭电话 本人电话",
    "a personal account": "微信号 qq号 银行卡 邮箱账号",
    "ethnicity": "民族 族别 种族",
    "religion": "宗教 信仰 教派",
    "sex, age or birth": "性别 出生 生日 年龄",
    "origin": "籍贯 户籍 户口",
    "family": "婚姻 配偶 子女 监护人 家庭成员",
    "political views": "政治面貌 党派",
    "education": "学历 文化程度",
    "petitioning": "信访 上访 访民",
    "a label on a person": "吸毒 涉毒 前科 刑满 社区矫正 重点人 人员类别 人员标签",
    "health": "精神病 精神障碍 病史 疾病 残疾 艾滋 血型 怀孕 孕妇",
    "biometrics": "人脸 指纹 虹膜 声纹 步态",
    "a vehicle's plate": "车牌号 号牌号",
    "a person": "人员id 人员编号 人员信息 人员轨迹 行动轨迹",
}
# English words and phrases that describe a person wherever they stand, as whole words.
_ENGLISH = {
    "a person's name": "full name|first name|last name|given name|surname|person name|owner name|contact name|"
    "contact person|resident name|staff name|officer name|victim|suspect|offender|complainant",
    "an identity number": "id card|idcard|id no|id number|identity card|identity no|identity number|passport|ssn|"
    "social security|national id|sfz|sfzh|person id",
    "a personal phone": "mobile phone|mobile no|mobile number|cell phone|cellphone|personal phone|home phone|sjh",
    "a personal account": "wechat|personal email|bank account",
    "ethnicity": "ethnicity|ethnic",
    "religion": "religion|religious",
    "sex, age or birth": "sex|gender|birth|birthday|birthdate|dob",
    "family": "marital|spouse|guardian",
    "petitioning": "petition|petitioner|petitioning",
    "a label on a person": "drug user|addict|criminal record|key person|key population|convict",
    "health": "disability|disabled person|diagnosis|medical history|blood type|pregnant|patient",
    "biometrics": "face id|faceid|face image|face feature|fingerprint|iris|biometric|biometrics",
    "a vehicle's plate": "plate number|plate no|license plate|licence plate",
}
# Words that describe a person only when nothing else stands in the name: "age" does, "building_age" does not.
_ALONE = {
    "a person's name": "名字 业主 xm person persons resident owner_person",
    "sex, age or birth": "age xb nl csrq",
    "ethnicity": "race nationality mz",
    "biometrics": "face",
    "a personal phone": "mobile",
    "a personal account": "微信 wx qq email",
    "health": "disease medical",
    "political views": "political",
    "family": "children",
}
_CHINESE_KINDS = {word: kind for kind, words in _CHINESE.items() for word in words.split()}
_ENGLISH_KINDS = {term: kind for kind, terms in _ENGLISH.items() for term in terms.split("|")}
_ALONE_KINDS = {word: kind for kind, words in _ALONE.items() for word in words.split()}
# A column that ends in one of these holds the name or phone of whoever has the duty, not the duty.
_WHO = re.compile(
    r"(联系人|负责人|责任人|经办人|网格员|网格长|管理员|值班员|民警|法人|法定代表人)(姓名|名字|名称|电话|联系电话|联系方式|手机)?$"
)
# Head counts are about nobody in particular.
_COUNT = re.compile(
    r"(人数|人口数|人口|数量|总数|件数|次数|户数|比例|率)$|(^| )(count|number of|total|population)( |$)"
)

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_REGION = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_MOBILE = re.compile(r"(?:0|86|\+86|0086)?(1[3-9][0-9]{9})")
# The ways people space out a mobile number; a date with a time never has these lengths.
_MOBILE_GROUPS = {(11,), (3, 4, 4), (3, 3, 5), (4, 3, 4), (3, 8), (7, 4), (5, 6)}
# Digits between letters belong to a hash, a serial number or a model; between dots to a decimal or an address.
_DIGITS = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]+[Xx]?(?![0-9A-Za-z])(?!\.[0-9])")
_LABEL = re.compile(r"(?i)\b(tel|phone|mobile|mob|id|sfz|sfzh)(?=[0-9])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_MOST_GROUPS = 6


def forbidden_column(name: str) -> str | None:
    """Return what a column of this name would tell about a person, or None when it may be imported.

    Knows Chinese and English names in any spelling (ID_Card, idCard, 身份证 号). Names of units, posts, duty
    lines and head counts pass.
    """
    words = _words(name)
    plain = words.replace(" ", "")
    if _COUNT.search(words):
        return None
    if plain in _ALONE_KINDS:
        return _ALONE_KINDS[plain]
    if _WHO.search(plain):
        return "a person's name or phone"
    for word, kind in _CHINESE_KINDS.items():
        if word in plain:
            return kind
    for term, kind in _ENGLISH_KINDS.items():
        if f" {term} " in f" {words} ":
            return kind
    return None


def personal_data_in(text: str) -> str | None:
    """Return what kind of personal number a free text or file name holds, or None; never the number itself.

    Finds ID-card numbers (18 digits by date and checksum; 15 by a date from 1940 to 1999, since cell codes of 15 digits
    look like earlier ones) and mainland mobile numbers, also in full-width digits or spaced out. Device and division
    codes, coordinates, times and hashes pass.
    """
    # Most texts are shorter than the shortest number.
    if len(text) < 11 or sum(map(str.isdigit, text)) < 11:
        return None
    for run in _runs(_normal(text)):
        found = _in_run(run)
        if found is not None:
            return found
    return None


def _words(name: str) -> str:
    """Return a name as lower-case words: IDCard_No becomes "id card no"."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.split(r"[\W_]+", text.lower())).strip()


def _normal(text: str) -> str:
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    return _LABEL.sub(" ", plain)


def _runs(text: str) -> list[list[str]]:
    """Return groups of digits, gathered into runs whose groups are apart by one space or dash only."""
    runs: list[list[str]] = []
    end = -2
    for match in _DIGITS.finditer(text):
        joined = match.start() == end + 1 and text[end] in " -"
        if not joined:
            runs.append([])
        runs[-1].append(match[0])
        end = match.end()
    return runs


def _in_run(groups: list[str]) -> str | None:
    for start in range(len(groups)):
        for stop in range(start + 1, min(start + _MOST_GROUPS, len(groups)) + 1):
            found = _kind_of(groups[start:stop])
            if found is not None:
                return found
    return None


def _kind_of(groups: list[str]) -> str | None:
    number = "".join(groups)
    if len(number) == 18 and _is_id18(number.upper()):
        return "an ID-card number"
    if len(number) == 15 and len(groups) == 1 and _is_id15(number):
        return "an old ID-card number"
    mobile = _MOBILE.fullmatch(number)
    if mobile and (len(groups[0]) - mobile.start(1), *map(len, groups[1:])) in _MOBILE_GROUPS:
        return "a mobile number"
    return None


def _is_id18(number: str) -> bool:
    body = number[:17]
    if not (body.isdigit() and _REGION.match(body) and _is_date(body[6:14])):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, body, strict=True))
    return number[17] == _ID_CHECKS[total % 11]


def _is_id15(number: str) -> bool:
    return number.isdigit() and bool(_REGION.match(number)) and number[6] >= "4" and _is_date(f"19{number[6:12]}")


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year < 2100
    except ValueError:
        return False
