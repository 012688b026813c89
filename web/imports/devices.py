"""What rows of cameras are checked for beyond the rules of their fields: codes, completeness and twins."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import shapely
from sqlalchemy.orm import Session

from data import completeness, duplicates
from data.completeness import Rules
from data.records import CAMERAS
from gis import codes
from gis.errors import BadCode
from gis.twins import Identity, Sameness, Twin, twins
from web.imports.rows import Geometries, Problems, Row

# Beyond so many rows with one and the same fault the file is told once.
MOST_ROWS = 500
_CAMERA_KINDS = frozenset({131, 132})
# What is about as long as a device code and nearly all digits was meant to be one.
_LENGTHS = range(18, 23)
_MOST_LETTERS = 3
_FIELDS = {
    Sameness.STREAM: "rtsp_url",
    Sameness.CHANNEL: "recorder_channel",
    Sameness.ADDRESS: "ipv4",
    Sameness.MAC: "mac",
    Sameness.PLACE: "lng",
}
_SHARED = {
    Sameness.STREAM: "the stream",
    Sameness.CHANNEL: "the recorder's channel",
    Sameness.ADDRESS: "the IP address",
    Sameness.MAC: "the MAC address",
    Sameness.PLACE: "place and direction",
}


def check_codes(rows: Sequence[Row], problems: Problems) -> None:
    """Refuse codes that were meant to be 20-digit device codes and are none; warn of those of other devices."""
    for number, row in enumerate(rows, start=1):
        code = str(row.get("code") or "")
        if not _was_meant(code):
            continue
        try:
            device = codes.device(code)
        except BadCode as refused:
            problems.error(number, "code", str(refused))
            continue
        if device.kind not in _CAMERA_KINDS:
            problems.warning(number, "code", f"The code {code} says type {device.kind}; cameras are 131 or 132.")


def warn_of_incomplete(rows: Sequence[Row], columns: Iterable[str], rules: Rules, problems: Problems) -> None:
    """Name what the class of each camera needs and its row lacks; what the file has no column for is told once."""
    present = set(columns)
    if "monitor_class" not in present:
        return
    lacking: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        if number not in problems.refused:
            for name in completeness.lacking(rules, row):
                lacking[name].append(number)
    # Rows without a place were named where the geometry was read.
    lacking.pop("lng", None)
    for name, numbers in lacking.items():
        title = CAMERAS.by_name[name].zh[0]
        if name not in present or len(numbers) > MOST_ROWS:
            problems.warning(0, name, f"{len(numbers)} of {len(rows)} rows lack {title}, which their class needs.")
            continue
        for number in numbers:
            wants = _wants(rows[number - 1].get("monitor_class"), title)
            problems.warning(number, name, wants)


def warn_of_twins(
    session: Session, rows: Sequence[Row], shapes: Geometries, problems: Problems, *, within_m: float
) -> None:
    """Name rows that may be a device which another row, or a stored camera of another code, already is."""
    numbers = [number for number in range(1, len(rows) + 1) if number not in problems.refused]
    of_file = [_identity(rows[number - 1], shapes[number - 1]) for number in numbers]
    here = {one.code for one in of_file}
    stored = [Identity(**row) for row in duplicates.identities(session) if row["code"] not in here]
    devices = [*stored, *of_file]
    found = [twin for twin in twins(devices, within_m=within_m) if twin.second >= len(stored)]
    if len(found) > MOST_ROWS:
        problems.warning(0, "code", f"{len(found)} rows may repeat another camera; the list of duplicates has them.")
        return
    for twin in found:
        number = numbers[twin.second - len(stored)]
        problems.warning(number, _FIELDS[twin.sameness], _sentence(twin, devices, stored, numbers))


def _was_meant(code: str) -> bool:
    letters = sum(not sign.isdigit() for sign in code)
    return len(code) in _LENGTHS and letters <= _MOST_LETTERS and not codes.is_generated(code)


def _wants(monitor_class: object, title: str) -> str:
    return f"Class {monitor_class} wants {title}." if monitor_class else f"The row has no {title}."


def _identity(row: Row, shape: shapely.Geometry | None) -> Identity:
    known: Mapping[str, object] = {name: row.get(name) for name in _IDENTITY}
    place = {} if shape is None else {"lng": shapely.get_x(shape), "lat": shapely.get_y(shape)}
    return Identity(code=str(row.get("code") or ""), **known, **place)  # type: ignore[arg-type]


_IDENTITY = ("rtsp_url", "recorder", "recorder_channel", "ipv4", "mac", "ptz_type", "bearing_deg")


def _sentence(twin: Twin, devices: Sequence[Identity], stored: Sequence[Identity], numbers: Sequence[int]) -> str:
    first = devices[twin.first]
    shared = _SHARED[twin.sameness]
    if twin.first < len(stored):
        return f"It shares {shared} with camera {first.code}. If it is the same camera, give it that code."
    return f"It shares {shared} with row {numbers[twin.first - len(stored)]}. Is it the same camera twice?"
