"""A superior's list read from a file, compared device by device with what we know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from data import claims, persons
from data.errors import Refusal
from data.types import Fault, Health, Interval, Layer
from gis import sheets
from gis.archives import Bounds
from gis.errors import Refused
from video.claims import Claimed, Evidence, Finding, compare, read_claim, read_when
from web.words import mark

MOST_ROWS = 20_000
BOUNDS = Bounds(bytes=32 * 2**20, unpacked_bytes=512 * 2**20, rows=MOST_ROWS, cells=1_000_000)
# The headers of lists that were seen; the first that is there counts.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": ("设备编码", "国标编码", "国标ID", "摄像机编码", "通道编码", "编码", "code"),
    "name": ("设备名称", "点位名称", "摄像机名称", "通道名称", "名称", "name"),
    "when": ("日期", "离线时间", "异常时间", "通报日期", "检测时间", "抽检时间", "时间", "date"),
    "claimed": ("通报状态", "设备状态", "在线状态", "状态", "问题类型", "异常类型", "问题", "通报内容", "state"),
}
# Why a row says nothing, as it is told.
NO_STATE = mark("What is claimed cannot be understood; write 离线, 图像异常 or 在线.")
NO_TIME = mark("The date cannot be read; write 2026-06-03 or 2026-06-03 14:30.")
NO_CAMERA = mark("No camera of this code or name is in the record.")
PERSONAL = mark("The row holds a number of a person and was not kept.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One row of a list, read: what it says, of which camera and time, or why it cannot be compared."""

    row: int
    code: str = ""
    name: str = ""
    claimed: str = ""
    state: Claimed | None = None
    since: datetime | None = None
    until: datetime | None = None
    camera: Mapping[str, Any] | None = None
    reason: str = ""


def read(path: Path, zone: tzinfo) -> list[Claim]:
    """Return the rows of a CSV or XLSX. Raises Refusal when it cannot be read or lacks a column."""
    try:
        raw = (
            sheets.read_csv(path, bounds=BOUNDS)
            if path.suffix == ".csv"
            else sheets.read_xlsx(path, layer=None, bounds=BOUNDS)
        )
    except Refused as refused:
        raise Refusal(str(refused).replace("%", "%%"), field="file") from refused
    heads = {str(name).strip(): name for name in raw.columns.columns}
    column = {field: next((heads[one] for one in known if one in heads), None) for field, known in HEADERS.items()}
    if column["when"] is None or column["claimed"] is None or (column["code"] is None and column["name"] is None):
        raise Refusal(
            "The list needs a code or name, a date and a state: 设备编码, 设备名称, 日期, 状态.", field="file"
        )
    table = raw.columns
    cells = {field: [""] * len(table) if name is None else list(table[name]) for field, name in column.items()}
    return [
        _claim(number, {field: str(values[number - 1] or "").strip() for field, values in cells.items()}, zone)
        for number in range(1, len(table) + 1)
    ]


def match(session: Session, read_: Sequence[Claim]) -> list[Claim]:
    """Return the claims with the camera each is about, by code, else by a name that only one bears."""
    by_code, by_name = claims.cameras(session, [one.code for one in read_], [one.name for one in read_ if not one.code])
    return [_matched(one, by_code.get(one.code) if one.code else by_name.get(one.name)) for one in read_]


def compared(session: Session, found: Sequence[Claim]) -> Iterator[dict[str, Any]]:
    """Yield each claim as it is kept: its finding, and the evidence it rests on."""
    asked = [
        (one.row, one.camera["id"], one.since, one.until)
        for one in found
        if one.camera and one.since and one.until and not one.reason
    ]
    known = claims.evidence(session, asked)
    for one in found:
        yield _kept(one, known.get(one.row))


def _claim(row: int, cells: Mapping[str, str], zone: tzinfo) -> Claim:
    if any(persons.personal_data_in(cells[field]) for field in ("name", "claimed")):
        return Claim(row=row, code=cells["code"], reason=PERSONAL)
    state, when = read_claim(cells["claimed"]), read_when(cells["when"], zone)
    return Claim(
        row=row,
        code=cells["code"][:64],
        name=cells["name"][:200],
        claimed=cells["claimed"][:200],
        state=state,
        since=when[0] if when else None,
        until=when[1] if when else None,
        reason=NO_STATE if state is None else NO_TIME if when is None else "",
    )


def _matched(claim: Claim, camera: Mapping[str, Any] | None) -> Claim:
    if camera is None and not claim.reason:
        return replace(claim, reason=NO_CAMERA)
    return replace(claim, camera=camera)


def _kept(claim: Claim, known: Mapping[str, Any] | None) -> dict[str, Any]:
    evidence = _evidence(claim, known)
    finding = evidence.finding if evidence else Finding.NO_EVIDENCE if claim.reason == NO_CAMERA else Finding.UNREADABLE
    camera = claim.camera or {}
    told: dict[str, Any] = {"reason": claim.reason, "record_state": camera.get("record_state")}
    if evidence and known:
        told |= asdict(evidence) | {name: known[name] for name in ("stretches", "looks", "picture")}
    return {
        "row": claim.row, "code": claim.code or camera.get("code", ""), "name": claim.name or camera.get("name", ""),
        "since": claim.since, "until": claim.until, "claimed": claim.claimed, "camera_id": camera.get("id"),
        "finding": finding, "evidence": told, "path": camera.get("path"),
    }  # fmt: skip


def _evidence(claim: Claim, known: Mapping[str, Any] | None) -> Evidence | None:
    if known is None or claim.state is None or claim.since is None or claim.until is None:
        return None
    stretches = [_stretch(one) for one in known["stretches"]]
    return compare(claim.state, stretches, since=claim.since, until=claim.until, valid_until=known["valid_until"])


def _stretch(one: Mapping[str, Any]) -> Interval:
    return Interval(
        since=datetime.fromisoformat(one["since"]),
        until=datetime.fromisoformat(one["until"]) if one["until"] else None,
        health=Health(one["health"]),
        fault=Fault(one["fault"]) if one["fault"] else None,
        layer=Layer(one["layer"]) if one["layer"] else None,
    )
