"""Rows of every kind but areas: read, coded, placed by the database, and written by code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data import cameras, completeness, events, options, secrets
from data.health import CAMERA_PASSWORD
from data.imports import staging
from data.imports.staging import Comparison, Staged
from data.records import Record
from web.imports import devices, naming, shapes
from web.imports.order import BearingKind, Order, zone_of
from web.imports.rows import Geometries, Problems, Row, Table, read_rows

_HOST = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.\-]+)(:\d{1,5})?")
_DEVICES = frozenset({"cameras", "buttons"})
_OUTSIDE = "It lies outside the areas granted to you. Leave it out, or ask an administrator for the area."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a file says, ready to be staged: every row with its shape, refused ones included."""

    record: Record
    rows: Sequence[Row]
    shapes: Geometries
    columns: Mapping[str, str]


def prepare(record: Record, table: Table, columns: Mapping[str, str], order: Order, problems: Problems) -> Prepared:
    """Return the rows of a file with codes and names, everything said that needs no database."""
    rows = read_rows(record, table, columns, zone=zone_of(order), bearing=order.bearing, problems=problems)
    found = shapes.clean(record, table.shapes, rows, problems)
    naming.give_codes(record, rows, found, columns=columns, code_from=order.code_from, problems=problems)
    naming.warn_of_nameless(record, rows, problems)
    naming.require(record, rows, problems)
    naming.refuse_twins(rows, problems)
    if record.kind == "cameras":
        devices.check_codes(rows, problems)
    return Prepared(record=record, rows=rows, shapes=found, columns=columns)


def compare(session: Session, prepared: Prepared, order: Order, problems: Problems, *, scoped: bool) -> Comparison:
    """Stage the rows that are not refused, place them, and return what writing them would change."""
    if prepared.record.kind == "cameras":
        _fill_streams(session, prepared, problems)
        _check_records(session, prepared, problems)
    staged = staged_for(prepared, order)
    if scoped:
        _refuse_elsewhere(session, prepared, problems)
    staging.stage(session, staged, _lines(prepared, staged, problems.refused))
    comparison = staging.settle(session, staged)
    if scoped:
        comparison = _without_outside(session, staged, comparison, problems)
    _warn_of_unplaced(session, prepared, problems)
    return comparison


def write(session: Session, prepared: Prepared, order: Order, *, at: datetime) -> None:
    """Write what `compare` staged, and tell open pages of devices; tiles notice by themselves."""
    staging.write(session, staged_for(prepared, order), at=at, reason=f"import {order.shown_name}")
    for path in staging.touched(session) if prepared.record.table in _DEVICES else ():
        events.announce(session, prepared.record.kind, path=path, body={})


def staged_for(prepared: Prepared, order: Order) -> Staged:
    """Return which columns the rows of a file bring."""
    record, columns = prepared.record, prepared.columns
    names = [name for name in record.columns() if name in columns or name == "code"]
    kept = set(staging.KEPT_IF_EMPTY)
    if "name" in record.by_name and record.by_name["name"].required:
        names += [] if "name" in names else ["name"]
        kept.add("name")
    if record.kind == "cameras":
        extra, left = _camera_columns(columns, order)
        names += [name for name in extra if name not in names]
        kept |= left
    return Staged(table=record.table, columns=(*names, "geom"), kept_if_empty=frozenset(kept))


def hide_known_passwords(rows: Sequence[Row], known: Mapping[str, bytes]) -> None:
    """Drop from the rows every password that is stored already, so that only new ones count as changes."""
    for row in rows:
        sealed = known.get(str(row.get("code")))
        if row.get("password") and sealed is not None and _opens_to(sealed, str(row["password"])):
            row["password"] = None


def _opens_to(sealed: bytes, password: str) -> bool:
    try:
        return secrets.decrypt(sealed, purpose=CAMERA_PASSWORD) == password
    except secrets.SecretError:
        # Sealed with a key that is gone: the file's password is the one that counts.
        return False


def _camera_columns(columns: Mapping[str, str], order: Order) -> tuple[list[str], set[str]]:
    """Return the columns that follow from others, and those of them that are left alone when empty."""
    extra, left = ["code_generated"], set()
    if {"bearing_deg", "direction_type"} & columns.keys():
        extra += ["bearing_deg", "bearing_doubt_deg"]
    if order.bearing is BearingKind.OSM and "hfov_deg" not in columns:
        extra.append("hfov_deg")
        left.add("hfov_deg")
    if {"recorder", "recorder_channel"} <= columns.keys() and "rtsp_url" not in columns:
        extra.append("rtsp_url")
        left.add("rtsp_url")
    if "password" in columns:
        extra.append("password_encrypted")
    return extra, left


def _lines(prepared: Prepared, staged: Staged, refused: set[int]) -> Iterator[list[object]]:
    geometry = shapes.as_hex(prepared.shapes)
    readable = [name for name in staged.columns if name not in ("geom", "password_encrypted")]
    for number, (row, shape) in enumerate(zip(prepared.rows, geometry, strict=True), start=1):
        if number in refused:
            continue
        values: dict[str, object] = {name: row.get(name) for name in readable}
        values["geom"] = shape
        if "password_encrypted" in staged.columns:
            password = row.get("password")
            values["password_encrypted"] = secrets.encrypt(str(password), purpose=CAMERA_PASSWORD) if password else None
        yield [number, *(values[name] for name in staging.order_of(staged))]


def _fill_streams(session: Session, prepared: Prepared, problems: Problems) -> None:
    """Give cameras behind a recorder their stream address: vendor, recorder and channel name it."""
    if not {"recorder", "recorder_channel"} <= prepared.columns.keys():
        return
    templates = cameras.stream_templates(session)
    for number, row in enumerate(prepared.rows, start=1):
        if row.get("rtsp_url") or not row.get("recorder") or row.get("recorder_channel") is None:
            continue
        template = templates.get(str(row.get("vendor") or "").casefold())
        if template is None:
            problems.warning(number, "vendor", f"No stream template for the vendor {row.get('vendor') or ''!r}; "
                             "the camera has no stream address. Add a template or write the address.")  # fmt: skip
        elif not _HOST.fullmatch(str(row["recorder"])):
            problems.error(number, "recorder", "The recorder is no address. Write a name or IP, as in 10.1.2.3:554.")
        else:
            row["rtsp_url"] = f"rtsp://{row['recorder']}{template.format(channel=row['recorder_channel'])}"


def _check_records(session: Session, prepared: Prepared, problems: Problems) -> None:
    """Warn of cameras whose record lacks something, and of those that may be entered already."""
    rows = prepared.rows
    devices.warn_of_incomplete(rows, prepared.columns, completeness.rules(session), problems)
    within_m = options.value(session, "duplicates_within_m")
    devices.warn_of_twins(session, rows, prepared.shapes, problems, within_m=within_m)


def _warn_of_unplaced(session: Session, prepared: Prepared, problems: Problems) -> None:
    """Name devices that lie in no area one by one; of the many others only say how many."""
    table = prepared.record.table
    unplaced = [at for at in staging.unplaced(session, table) if prepared.shapes[at - 1] is not None]
    if not unplaced:
        return
    if table not in _DEVICES:
        problems.warning(0, "area", f"{len(unplaced)} of {len(prepared.rows)} rows lie in no area; they are kept.")
        return
    for number in unplaced:
        problems.warning(number, "area", "It lies in no area; it is kept and listed as belonging to none.")


def _refuse_elsewhere(session: Session, prepared: Prepared, problems: Problems) -> None:
    codes = [str(row["code"]) for row in prepared.rows if row.get("code")]
    elsewhere = staging.codes_elsewhere(session, prepared.record.table, codes)
    for number, row in enumerate(prepared.rows, start=1):
        if row.get("code") in elsewhere:
            problems.error(number, "code", f"The code {row['code']} is in use outside the areas granted to you.")


def _without_outside(session: Session, staged: Staged, comparison: Comparison, problems: Problems) -> Comparison:
    rows = staging.outside(session, staged.table)
    if not rows:
        return comparison
    for number in rows:
        problems.error(number, "area", _OUTSIDE)
    staging.leave_out(session, rows)
    return staging.count(session)
