"""`sharpeyes cover`: what cameras see between buildings, from files alone, without a database."""

import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import click
import geopandas

from data.types import Severity
from gis import layers
from gis.coords import crs_named
from gis.cover import Covered, Eye, Ground, covered, in_lnglat, shares_of
from gis.coverage import DETECT_PX_PER_M, CoverageFlag, WrongPose
from gis.errors import BadFile, Refused
from gis.shares import AreaShare
from gis.terrain import Terrain
from web.cli.cover_files import RECORDS, Area, Source, read_areas, read_eyes, read_ground, sentences
from web.imports.order import BearingKind
from web.imports.rows import Problems

_KINDS = (*RECORDS, "dem")
_WRITABLE = (".geojson", ".json", ".gpkg")
_SHOWN = 40


class Positive(click.ParamType[float]):
    """A finite number above 0."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or say what is wrong with it."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number > 0):
            self.fail(f"{value} is no number above 0.", param, ctx)
        return number


@dataclass(slots=True)
class Input:
    """All that was read, and a sentence for everything wrong with it."""

    eyes: list[Eye] = field(default_factory=list)
    ground: Ground = field(default_factory=Ground)
    areas: list[Area] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    is_refused: bool = False

    def take(self, source: Source, problems: Problems) -> None:
        """Keep what was found wrong with a file."""
        self.told += sentences(source.kind, source.path, problems.in_order())
        self.is_refused |= any(one.severity is Severity.ERROR for one in problems.found)


@click.command("cover")
@click.option("--cameras", required=True, type=click.Path(path_type=Path), help="Points with bearing_deg and so on.")
@click.option("--buildings", type=click.Path(path_type=Path), help="Footprints, with height_m or levels if known.")
@click.option("--areas", type=click.Path(path_type=Path), help="Areas to count what is seen in.")
@click.option("--dem", type=click.Path(path_type=Path), help="Heights of the ground: GeoTIFF or ESRI ASCII grid.")
@click.option("--px-per-m", type=Positive(), help="Pixels to a metre that are needed; 25 if left out.")
@click.option("--reach", type=Positive(), help="Metres every camera sees, whatever its picture.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the views: .geojson or .gpkg.")
@click.option(
    "--crs", multiple=True, metavar="[NAME=]CRS", help="Of files that state none; cameras=gcj02 for one file."
)
@click.option("--map", "mapped", multiple=True, metavar="[NAME.]FIELD=COLUMN", help="Which column a field is in.")
@click.option("--bearing", type=click.Choice([str(one) for one in BearingKind]), default="compass", show_default=True)
@click.option("--skip-errors", is_flag=True, help="Leave bad rows out instead of refusing the files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def cover_command(
    out: Path | None, px_per_m: float | None, reach: float | None, skip_errors: bool, as_json: bool, **files: Any
) -> None:
    """Say what cameras see between buildings, and how much of areas; no database needed."""
    if px_per_m is not None and reach is not None:
        raise click.UsageError("--px-per-m and --reach exclude each other: name one.")
    if out is not None and out.suffix.lower() not in _WRITABLE:
        raise click.UsageError(f"--out {out.name} names no format to write. Use {', '.join(_WRITABLE)}.")
    given = _read(_sources(**files), files["dem"], files["crs"])
    if given.is_refused and not (skip_errors and given.eyes):
        _end(given, [], [], as_json=as_json)
    eyes = [replace(eye, pose=_reaching(eye, reach)) for eye in given.eyes]
    try:
        views = covered(eyes, given.ground, px_per_m=px_per_m or DETECT_PX_PER_M)
    except WrongPose as wrong:
        given.told, given.is_refused = [*given.told, str(wrong)], True
        _end(given, [], [], as_json=as_json)
    shares = shares_of([one.surface for one in given.areas], views)
    given.told += _far_buildings(views, given.ground)
    if out is not None:
        _write(views, out)
    areas = [_area(area, share) for area, share in zip(given.areas, shares, strict=True)]
    _end(given, [_camera(one) for one in views], areas, as_json=as_json)


def _end(given: Input, cameras: list[dict[str, Any]], areas: list[dict[str, Any]], *, as_json: bool) -> NoReturn:
    """Say what was found, and what was wrong; exit 1 when some of it could not be used."""
    for sentence in _shortened(given.told):
        click.echo(sentence, err=True)
    found = {"cameras": cameras, "areas": areas, "problems": given.told}
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(cameras, areas)))
    raise SystemExit(1 if given.is_refused else 0)


def _sources(
    *,
    cameras: Path,
    buildings: Path | None,
    areas: Path | None,
    crs: Sequence[str],
    mapped: Sequence[str],
    bearing: str,
    dem: Path | None,
) -> list[Source]:
    """Return the files as asked for; a contradiction in the options is a usage error."""
    paths = {"cameras": cameras, "buildings": buildings, "areas": areas}
    own, columns = _named(crs), _columns(mapped)
    return [
        Source(
            kind=kind,
            path=path,
            crs=own.get(""),
            own_crs=own.get(kind),
            columns=columns[kind],
            bearing=BearingKind(bearing),
        )
        for kind, path in paths.items()
        if path is not None
    ]


def _named(crs: Sequence[str]) -> dict[str, str]:
    """Return the CRS by kind of file, and under "" that of all which state none."""
    named: dict[str, str] = {}
    for one in crs:
        kind, equals, name = one.rpartition("=")
        if equals and kind not in _KINDS:
            raise click.UsageError(f"--crs {one}: write cameras=, buildings=, areas= or dem= before the system.")
        try:
            named[kind] = crs_named(name)
        except Refused as refused:
            raise click.UsageError(f"--crs {one}: {refused}") from refused
    return named


def _columns(mapped: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the chosen columns by kind of file and field; a field without a kind is a camera's if it can be."""
    columns: dict[str, dict[str, str]] = {kind: {} for kind in RECORDS}
    for one in mapped:
        wanted, equals, column = one.partition("=")
        kind, dot, name = wanted.strip().rpartition(".")
        kinds = [kind] if dot else list(RECORDS)
        known = [each for each in kinds if each in RECORDS and name in RECORDS[each].by_name]
        if not equals or not known:
            raise click.UsageError(f"--map {one}: write FIELD=COLUMN with a field such as bearing_deg, levels or code.")
        columns[known[0]][name] = column
    return columns


def _read(sources: Sequence[Source], dem: Path | None, crs: Sequence[str]) -> Input:
    """Read every file; what cannot be read at all is a sentence, and refuses everything."""
    given = Input()
    for source in sources:
        problems = Problems()
        try:
            if source.kind == "cameras":
                given.eyes = read_eyes(source, problems)
            elif source.kind == "buildings":
                given.ground = read_ground(source, problems)
            else:
                given.areas = read_areas(source, problems)
        except Refused as refused:
            given.told.append(str(refused))
            given.is_refused, given.eyes = True, []
            return given
        given.take(source, problems)
    return _with_terrain(given, dem, _named(crs).get("dem"))


def _with_terrain(given: Input, dem: Path | None, crs: str | None) -> Input:
    if dem is None:
        return given
    try:
        if not dem.is_file():
            raise BadFile(f"There is no file {dem}.")
        given.ground = replace(given.ground, terrain=Terrain.read(dem, crs=_of_degrees(crs)))
    except Refused as refused:
        given.told.append(str(refused))
        given.is_refused, given.eyes = True, []
    return given


def _of_degrees(crs: str | None) -> str | None:
    """Return the EPSG name of a CRS as gis.coords spells it; the shifted systems have none."""
    if crs in ("gcj02", "bd09"):
        raise BadFile(f"A model of heights cannot be in {crs}. Convert it to WGS-84 first.")
    return {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490", None: None}.get(crs, crs)


def _reaching(eye: Eye, reach_m: float | None) -> Any:
    return eye.pose if reach_m is None else replace(eye.pose, reach_m=reach_m, width_px=None)


def _far_buildings(views: Sequence[Covered], ground: Ground) -> list[str]:
    """Say so when buildings were given and none lies near any camera: most likely their system is another one."""
    alone = all(CoverageFlag.NO_BUILDINGS_KNOWN in one.flags for one in views)
    if not (views and alone and len(ground.footprints)):
        return []
    count = len(ground.footprints)
    return [f"None of the {count} buildings lies within reach of a camera. Is the coordinate system of both right?"]


def _write(views: Sequence[Covered], path: Path) -> None:
    """Write the views in lng, lat (EPSG:4326); the file appears whole or not at all."""
    frame = geopandas.GeoDataFrame(
        [_camera(one) | {"flags": ",".join(one.flags)} for one in views],
        geometry=[in_lnglat(one.view.polygon, crs=one.crs) for one in views],
        crs=4326,
    )
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            made = Path(folder) / path.name
            layers.write_layer(frame, made)
            os.replace(made, path)
    except (OSError, BadFile) as error:
        raise click.ClickException(f"{path} cannot be written: {error}") from error


def _camera(one: Covered) -> dict[str, Any]:
    return {
        "code": one.code,
        "area_m2": one.view.area_m2,
        "sector_m2": one.view.sector_m2,
        "share": one.view.share,
        "low_m2": one.doubt.lowest_m2,
        "expected_m2": one.doubt.expected_m2,
        "high_m2": one.doubt.highest_m2,
        "flags": list(one.flags),
    }


def _area(area: Area, share: AreaShare) -> dict[str, Any]:
    return {
        "code": area.code,
        "area_m2": share.area_m2,
        "seen_m2": share.seen_m2,
        "share": share.share(share.seen_m2),
        "share_low": share.share(share.low_m2),
        "share_high": share.share(share.high_m2),
        "seen_by_2_m2": share.seen_by_2_m2,
    }


def _lines(cameras: Sequence[Mapping[str, Any]], areas: Sequence[Mapping[str, Any]]) -> list[str]:
    seen = [
        f"{one['code']}: {one['area_m2']:.0f} m² of a sector of {one['sector_m2']:.0f} m² ({one['share']:.1%})"
        f"{'; ' if one['flags'] else ''}{', '.join(one['flags'])}"
        for one in cameras
    ]
    return seen + [
        f"area {one['code']}: {one['seen_m2']:.0f} of {one['area_m2']:.0f} m² seen ({one['share']:.1%}, at least"
        f" {one['share_low']:.1%}, at most {one['share_high']:.1%}), {one['seen_by_2_m2']:.0f} m² by two or more"
        for one in areas
    ]


def _shortened(sentences: Sequence[str]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"… and {more} more; --json has all of them."] if more > 0 else [])]
