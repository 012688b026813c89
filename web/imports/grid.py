"""Grid checks on the way in, as problems of rows: neighbours that overlap or leave gaps, and parents by geometry."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely
from sqlalchemy.orm import Session

from data.imports import areas as stored
from data.types import Level
from gis import topology
from gis.topology import Defect, DefectKind
from web.imports.rows import Geometries, Problems, Row

LEVELS = tuple(Level)
# Told apart already, with better words, when shapes and codes were read.
_KNOWN_BEFORE = frozenset({DefectKind.EMPTY, DefectKind.INVALID_RING, DefectKind.DUPLICATE_CODE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one level that have a boundary: their numbers in the file, codes and shapes."""

    level: Level
    numbers: list[int]
    codes: list[str]
    shapes: Geometries

    def frame(self) -> geopandas.GeoDataFrame:
        """Return the group as gis.topology reads it."""
        return geopandas.GeoDataFrame({"code": self.codes}, geometry=list(self.shapes), crs=4326)


def check_neighbours(
    session: Session, rows: Sequence[Row], shapes: Geometries, *, tolerance_m: float, problems: Problems
) -> None:
    """Warn of overlaps, gaps and slivers among the areas of a level, those that are stored already included."""
    for group in _groups(rows, shapes, problems):
        together = _with_stored(session, group)
        sliver_m = max(tolerance_m, topology.SLIVER_M)
        for defect in topology.defects(together, tolerance_m=tolerance_m, sliver_m=sliver_m):
            number = _first_of(defect, group)
            if number is not None and defect.kind not in _KNOWN_BEFORE:
                problems.warning(number, "geometry", _sentence(defect))


def check_parents(
    session: Session, rows: Sequence[Row], shapes: Geometries, *, tolerance_m: float, problems: Problems
) -> None:
    """Warn of areas that stick out of the parent they name."""
    for group in _groups(rows, shapes, problems):
        named = [rows[number - 1].get("parent") for number in group.numbers]
        for level in _above(group.level):
            parents = _parents_at(session, level, rows, shapes)
            held = [at for at, parent in enumerate(named) if parent in parents]
            if not held:
                continue
            place_of = {code: at for at, code in enumerate(parents)}
            frame = group.frame().iloc[held].reset_index(drop=True)
            above = [place_of[str(named[at])] for at in held]
            found = topology.outside_parents(frame, _frame_of(parents), above, tolerance_m=tolerance_m)
            for defect in found:
                problems.warning(group.numbers[held[defect.rows[0] - 1]], "parent", _sentence(defect))


def assign_parents(
    session: Session, rows: Sequence[Row], shapes: Geometries, *, tolerance_m: float, problems: Problems
) -> None:
    """Write into every row the code of the area above that it lies in; refuse rows that straddle or lie in none.

    The parents are the areas of the nearest level above that has any here, from the database or the same file.
    """
    for number, (row, shape) in enumerate(zip(rows, shapes, strict=True), start=1):
        if shape is None and not row.get("parent"):
            problems.error(number, "parent", "The row has no boundary, so no parent can be found by geometry. Name it.")
    for group in _groups(rows, shapes, problems):
        parents = _nearest_above(session, group, rows, shapes)
        if not parents:
            problems.error(0, "parent", f"No area above these {group.level}s lies here. Import the parents first.")
            continue
        codes = list(parents)
        nesting = topology.assign_parents(group.frame(), _frame_of(parents), tolerance_m=tolerance_m)
        for number, place in zip(group.numbers, nesting.parents, strict=True):
            rows[number - 1]["parent"] = None if place is None else codes[place]
        for defect in nesting.defects:
            problems.error(group.numbers[defect.rows[0] - 1], "parent", _sentence(defect))


def _groups(rows: Sequence[Row], shapes: Geometries, problems: Problems) -> Iterator[Group]:
    """Yield the good rows with a boundary by level, the widest first."""
    numbers: defaultdict[Level, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        if row.get("level") and shapes[number - 1] is not None and number not in problems.refused:
            numbers[Level(str(row["level"]))].append(number)
    for level in LEVELS:
        if numbers[level]:
            chosen = numbers[level]
            codes = [str(rows[number - 1]["code"]) for number in chosen]
            yield Group(level=level, numbers=chosen, codes=codes, shapes=shapes[[number - 1 for number in chosen]])


def _with_stored(session: Session, group: Group) -> geopandas.GeoDataFrame:
    """Return the group followed by the stored areas of its level nearby that the file does not bring."""
    box = shapely.box(*shapely.total_bounds(group.shapes))
    mine = set(group.codes)
    near = {code: shapely.from_wkb(wkb) for code, wkb in stored.boundaries(session, group.level) if code not in mine}
    near = {code: shape for code, shape in near.items() if shape.intersects(box)}
    return geopandas.GeoDataFrame({"code": [*group.codes, *near]}, geometry=[*group.shapes, *near.values()], crs=4326)


def _first_of(defect: Defect, group: Group) -> int | None:
    """Return the first row of the file that a defect concerns, or None."""
    mine = [row for row in defect.rows if row <= len(group.numbers)]
    return group.numbers[mine[0] - 1] if mine else None


def _above(level: Level) -> list[Level]:
    """Return the levels above, the nearest first."""
    return list(reversed(LEVELS[: LEVELS.index(level)]))


def _parents_at(session: Session, level: Level, rows: Sequence[Row], shapes: Geometries) -> dict[str, shapely.Geometry]:
    """Return the areas of a level by code, as stored or as the file has them."""
    found = {code: shapely.from_wkb(wkb) for code, wkb in stored.boundaries(session, level)}
    for row, shape in zip(rows, shapes, strict=True):
        if row.get("level") == level and shape is not None:
            found[str(row["code"])] = shape
    return found


def _nearest_above(
    session: Session, group: Group, rows: Sequence[Row], shapes: Geometries
) -> dict[str, shapely.Geometry]:
    box = shapely.box(*shapely.total_bounds(group.shapes))
    for level in _above(group.level):
        found = _parents_at(session, level, rows, shapes)
        near = {code: shape for code, shape in found.items() if shape.intersects(box)}
        if near:
            return near
    return {}


def _frame_of(parents: dict[str, shapely.Geometry]) -> geopandas.GeoDataFrame:
    shapes = np.array(list(parents.values()), dtype=object)
    return geopandas.GeoDataFrame({"code": list(parents)}, geometry=shapes, crs=4326)


def _sentence(defect: Defect) -> str:
    if defect.place is None:
        return defect.reason
    return f"{defect.reason} Look at {defect.place[0]:.6f}, {defect.place[1]:.6f}."
