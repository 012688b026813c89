"""`sharpeyes site`: where the next cameras go, from files alone, without a database."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import geopandas
import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from data.types import Pose
from gis import files
from gis.candidates import Candidates, Lens, Standpoint, candidates, covers, lies_in, may_see
from gis.coords import county_crs
from gis.coverage import views
from gis.errors import BadFile, Refused
from gis.obstacles import Obstacles, to_metres
from gis.siting import Progress, Siting, choose

_AT_ONCE = 1_000
_POINT, _SURFACE = ("Point",), ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Shapes of a file in lng, lat, and its columns as text."""

    name: str
    shapes: NDArray[np.object_]
    columns: Any

    def texts(self, column: str) -> list[str]:
        """Return a column. Raises BadFile when there is none of that name."""
        if column not in self.columns:
            raise BadFile(f"{self.name} has no column {column}. It has {', '.join(self.columns) or 'none'}.")
        return [str(one).strip() for one in self.columns[column]]

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of numbers that are not negative. Raises BadFile with the first row that is none."""
        found = []
        for row, text in enumerate(self.texts(column), start=1):
            number = _number(text)
            if not (math.isfinite(number) and number >= 0):
                raise BadFile(f"{self.name} row {row}, {column}: {text!r} is no number that is 0 or more.")
            found.append(number)
        return np.array(found, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What was asked for, read and understood: candidates with what they see, demand, and what limits the choice."""

    poses: Candidates
    codes: Sequence[str]
    table: Any
    weight: NDArray[np.float64]
    group: NDArray[np.intp]
    cost: NDArray[np.float64] | None
    forbidden: NDArray[np.bool_]
    notes: Sequence[str] = field(default=())


@click.command("site")
@click.option("--candidates", "places", required=True, type=click.Path(path_type=Path), help="Points to stand at.")
@click.option("--demand", required=True, type=click.Path(path_type=Path), help="Points that should be seen.")
@click.option("--reach", required=True, type=click.FloatRange(min=0, min_open=True), help="Metres a camera sees.")
@click.option("--buildings", type=click.Path(path_type=Path), help="Footprints that hide what is behind them.")
@click.option("--forbidden", type=click.Path(path_type=Path), help="Polygons in which no camera may stand.")
@click.option("--headings", type=click.IntRange(1, 360), help="Directions to choose from; all round if left out.")
@click.option("--hfov", type=click.FloatRange(0, 360, min_open=True), help="Degrees a camera sees; 90 with --headings.")
@click.option(
    "--budget", type=click.FloatRange(min=0), default=10, show_default=True, help="Cameras, or sum of --cost."
)
@click.option("--one-per", metavar="COLUMN", help="At most one camera per value; one per candidate if left out.")
@click.option("--cost", metavar="COLUMN", help="What each candidate costs.")
@click.option("--weight", metavar="COLUMN", help="What each demand point is worth; 1 if left out.")
@click.option("--backup", type=click.FloatRange(0, 1), default=0, help="Share a point counts again when two see it.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=10, show_default=True)
@click.option("--crs", help="Of files that state none: wgs84, cgcs2000, gcj02, bd09 or EPSG:n.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the sites, in the format of the name."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def site_command(budget: float, backup: float, seconds: float, out: Path | None, as_json: bool, **asked: Any) -> None:
    """Choose the candidates that see most demand, and say how good the choice is; no database needed."""
    if asked["hfov"] is not None and asked["headings"] is None and asked["hfov"] < 360:
        raise click.UsageError("--hfov needs --headings: how many directions are there to choose from?")
    try:
        task = _task(**asked)
        chosen = choose(
            task.table,
            task.weight,
            budget,
            one_per=task.group,
            cost=task.cost,
            forbidden=task.forbidden,
            backup=backup,
            time_limit_s=seconds,
            on_progress=_tell,
        )
        found = _found(task, chosen)
        if out is not None:
            _write(found["sites"], out)
    except Refused as refused:
        click.echo(str(refused), err=True)
        if as_json:
            click.echo(json.dumps({"sites": [], "problems": [str(refused)]}, ensure_ascii=False, indent=2))
        raise SystemExit(1) from refused
    for note in task.notes:
        click.echo(note, err=True)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(found)))


def _task(
    *,
    places: Path,
    demand: Path,
    reach: float,
    buildings: Path | None,
    forbidden: Path | None,
    headings: int | None,
    hfov: float | None,
    one_per: str | None,
    cost: str | None,
    weight: str | None,
    crs: str | None,
) -> Task:
    stands, wanted = _layer(places, _POINT, crs), _layer(demand, _POINT, crs)
    metric = _metric(stands, wanted)
    lens = Lens(hfov_deg=360.0 if headings is None else hfov or 90.0, reach_m=reach)
    spots = [Standpoint(lng=one.x, lat=one.y) for one in stands.shapes]
    poses = candidates(spots, [lens], headings=headings or 1)
    at, points = _metres(stands, metric), _metres(wanted, metric)
    footprints = _layer(buildings, _SURFACE, crs).shapes if buildings else np.empty(0, dtype=object)
    shut = _layer(forbidden, _SURFACE, crs).shapes if forbidden else np.empty(0, dtype=object)
    is_shut = lies_in(at, to_metres(shut, crs=metric))
    table = (
        _seen(poses, at, points, Obstacles.of_lnglat(footprints, crs=metric), reach)
        if len(footprints) or lens.hfov_deg != 360.0
        else _within(at, points, reach)
    )
    costs = stands.numbers(cost)[poses.standpoint] if cost else None
    return Task(
        poses=poses,
        codes=stands.texts("code") if "code" in stands.columns else [str(row + 1) for row in range(len(at))],
        table=table,
        weight=wanted.numbers(weight) if weight else np.ones(len(points)),
        group=_groups(stands.texts(one_per) if one_per else [], len(at))[poses.standpoint],
        cost=costs,
        forbidden=is_shut[poses.standpoint],
        notes=_notes(is_shut, buildings),
    )


def _layer(path: Path, kinds: Sequence[str], crs: str | None) -> Layer:
    """Return a file whose rows all have a shape of the right kind. Raises Refused, with a sentence for every row."""
    try:
        sheet = files.read(path)
    except BadFile:
        if crs is None:
            raise
        sheet = files.read(path, crs=crs)
    shapes = np.array(sheet.frame.geometry, dtype=object)
    wrong = [
        f"{path.name} row {row}: a {' or '.join(kinds)} is needed, and this is {_kind(shape)}."
        for row, shape in enumerate(shapes, start=1)
        if shape is None or shape.is_empty or shape.geom_type not in kinds
    ]
    if wrong:
        raise BadFile("\n".join(wrong))
    return Layer(name=path.name, shapes=shapes, columns=sheet.frame.drop(columns="geometry"))


def _kind(shape: shapely.Geometry | None) -> str:
    return "nothing" if shape is None or shape.is_empty else f"a {shape.geom_type}"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _metric(stands: Layer, wanted: Layer) -> str:
    """Return the projected CRS for where the candidates, or the demand, lie."""
    shapes = stands.shapes if len(stands.shapes) else wanted.shapes
    if not len(shapes):
        return county_crs(0.0, 0.0).to_string()
    middle = shapely.multipoints(shapes).envelope.centroid
    return county_crs(middle.x, middle.y).to_string()


def _metres(layer: Layer, crs: str) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(to_metres(layer.shapes, crs=crs))).reshape(-1, 2)


def _within(at: NDArray[np.float64], points: NDArray[np.float64], reach: float) -> Any:
    """Return candidates × points, 1 where the distance is at most the reach."""
    shape = (len(at), len(points))
    if not all(shape):
        return scipy.sparse.csr_array(shape, dtype=np.int8)
    tree = shapely.STRtree(shapely.points(points))
    rows, columns = tree.query(shapely.points(at), predicate="dwithin", distance=reach)
    return scipy.sparse.csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=shape)


def _seen(
    poses: Candidates, at: NDArray[np.float64], points: NDArray[np.float64], obstacles: Obstacles, reach: float
) -> Any:
    """Return candidates × points, 1 where a view holds a point; poses with nothing in reach are not looked through."""
    parts = [scipy.sparse.csr_array((0, len(points)), dtype=np.int8)]
    for since in range(0, len(poses.poses), _AT_ONCE):
        rows = slice(since, since + _AT_ONCE)
        some: Sequence[Pose] = poses.poses[rows]
        here = at[poses.standpoint[rows]]
        worth = np.flatnonzero(may_see(some, here, points, reach_m=np.full(len(some), reach)))
        seen = np.full(len(some), shapely.Polygon(), dtype=object)
        seen[worth] = [one.polygon for one in views([some[row] for row in worth.tolist()], obstacles)]
        parts.append(scipy.sparse.csr_array(covers(seen, points)))
    return scipy.sparse.csr_array(scipy.sparse.vstack(parts))


def _groups(texts: Sequence[str], count: int) -> NDArray[np.intp]:
    """Return a group number for each candidate: one for each value, and one of its own where there is none."""
    names = [text or (row,) for row, text in enumerate(texts or [""] * count)]
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([known[name] for name in names], dtype=np.intp)


def _notes(is_shut: NDArray[np.bool_], buildings: Path | None) -> list[str]:
    notes = [f"{int(is_shut.sum())} of {len(is_shut)} candidates stand in forbidden ground."] if is_shut.any() else []
    return notes if buildings else [*notes, "No buildings are known: what is seen is an upper bound."]


def _tell(progress: Progress) -> None:
    click.echo(f"{progress.seconds:.1f} s: {progress.covered:g} of at most {progress.bound:g}", err=True)


def _found(task: Task, chosen: Siting) -> dict[str, Any]:
    spots = [task.poses.poses[row] for row in chosen.chosen.tolist()]
    codes = [task.codes[task.poses.standpoint[row]] for row in chosen.chosen.tolist()]
    costs = np.ones(len(task.group)) if task.cost is None else task.cost
    sites = [
        {
            "code": code,
            "lng": pose.lng,
            "lat": pose.lat,
            "bearing_deg": pose.bearing_deg,
            "gain": float(gain),
            "cost": float(costs[row]),
        }
        for code, pose, gain, row in zip(codes, spots, chosen.gains, chosen.chosen, strict=True)
    ]
    return {
        "sites": sites,
        "covered": chosen.covered,
        "bound": chosen.bound,
        "gap": chosen.gap,
        "proved": chosen.is_proved,
        "total": float(task.weight.sum()),
        "cost": chosen.cost,
        "candidates": len(task.group),
        "demand_points": len(task.weight),
        "seconds": round(chosen.seconds, 3),
        "problems": list(task.notes),
    }


def _write(sites: Sequence[dict[str, Any]], out: Path) -> None:
    columns = ("code", "bearing_deg", "gain", "cost")
    rows = {"order": range(1, len(sites) + 1), **{name: [one[name] for one in sites] for name in columns}}
    places = shapely.points([(one["lng"], one["lat"]) for one in sites]) if sites else []
    files.write(geopandas.GeoDataFrame(rows, geometry=places, crs=4326), out)


def _lines(found: dict[str, Any]) -> list[str]:
    sites = [
        f"{number}. {one['code']}{_bearing(one['bearing_deg'])}: {one['gain']:g}"
        for number, one in enumerate(found["sites"], start=1)
    ]
    gap = "proved best" if found["proved"] else f"at most {found['bound']:g}, gap {100 * found['gap']:.2f} %"
    return [*sites, f"{found['covered']:g} of {found['total']:g} covered ({gap}) in {found['seconds']} s"]


def _bearing(bearing_deg: float | None) -> str:
    return "" if bearing_deg is None else f" at {bearing_deg:g}°"
