"""What somebody asks of an import: the file, what its columns mean, and how strict to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.records import RECORDS
from data.types import Level
from gis import coords, topology
from gis.errors import Refused


class BadOrder(Exception):
    """The order itself is wrong, before any row is read; the message says what to write instead."""


class BearingKind(StrEnum):
    """How the bearing column is meant."""

    COMPASS = "compass"
    FROM_EAST = "from-east"
    DIRECTION_TYPE = "direction-type"
    OSM = "osm"


class CodeFrom(StrEnum):
    """Where codes come from: the row, or place and name where a source has none."""

    ROW = "row"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One import. `columns` maps fields to headers of the file, an empty header leaves a field out.

    `fixed` is what a field holds in every row, whatever the file says, such as the kind of all its places.

    `tolerance_m` is how wide a strip of a child may stand out of its parent, or of a neighbour overlap, metres.
    `file_name` is the name the person knows the file by.
    """

    kind: str
    path: Path
    file_name: str = ""
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    level: Level | None = None
    parent: str | None = None
    parent_by_geometry: bool = False
    code_from: CodeFrom | None = None
    tolerance_m: float = topology.TOLERANCE_M
    bearing: BearingKind = BearingKind.COMPASS
    timezone: str = "Asia/Shanghai"
    dry_run: bool = False
    skip_errors: bool = False

    @property
    def shown_name(self) -> str:
        """The name of the file for messages and the change history."""
        return self.file_name or self.path.name

    def as_choices(self) -> dict[str, Any]:
        """Return the choices that can be stored and taken up again, without the file."""
        left_out = {"kind", "path", "file_name", "dry_run"}
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in left_out}


def check(order: Order) -> None:
    """Raise BadOrder when the order contradicts itself or names what does not exist."""
    if order.kind not in RECORDS:
        raise BadOrder(f"{order.kind!r} cannot be imported. Choose one of {', '.join(RECORDS)}.")
    unknown = [name for name in (*order.columns, *order.fixed) if name not in RECORDS[order.kind].by_name]
    if unknown:
        raise BadOrder(f"{order.kind} have no field {unknown[0]}. Fields: {', '.join(RECORDS[order.kind].by_name)}.")
    if {"code", "lng", "lat"} & order.fixed.keys():
        raise BadOrder("Codes and places differ from row to row; they cannot be the same for all.")
    if order.crs:
        try:
            coords.crs_named(order.crs)
        except Refused as error:
            raise BadOrder(str(error)) from error
    if not 0 <= order.tolerance_m <= 1000:
        raise BadOrder(f"A tolerance of {order.tolerance_m:g} m cannot be used. Write 0 to 1000 metres.")
    if order.parent and order.parent_by_geometry:
        raise BadOrder("Name one parent for all rows, or find parents by geometry; not both.")
    if order.kind != "areas" and (order.parent or order.parent_by_geometry or order.level):
        raise BadOrder("Levels and parents belong to areas; leave them out here.")
    zone_of(order)


def from_choices(kind: str, path: Path, choices: Mapping[str, Any], **more: Any) -> Order:
    """Return the order that `as_choices` stored, for a file. Raises BadOrder for a choice that is not one."""
    given = {name: value for name, value in choices.items() if value not in (None, "")}
    try:
        if "level" in given:
            given["level"] = Level(given["level"])
        if "code_from" in given:
            given["code_from"] = CodeFrom(given["code_from"])
        if "bearing" in given:
            given["bearing"] = BearingKind(given["bearing"])
        if "tolerance_m" in given:
            given["tolerance_m"] = float(given["tolerance_m"])
        order = Order(kind=kind, path=path, **given, **more)
    except (ValueError, TypeError) as error:
        raise BadOrder(f"The choices cannot be used: {error}.") from error
    check(order)
    return order


def zone_of(order: Order) -> ZoneInfo:
    """Return the zone of times that state none. Raises BadOrder."""
    try:
        return ZoneInfo(order.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadOrder(f"{order.timezone!r} is no time zone. Write one as in Asia/Shanghai.") from None
