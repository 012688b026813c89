"""Raster tiles in MBTiles and PMTiles files, put into a folder by whoever runs the installation.

The CRS is part of the file's name, as in town.gcj02.mbtiles; a name without one means WGS-84.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.reader import MmapSource, Reader

CRS = ("wgs84", "cgcs2000", "gcj02", "bd09")
PICTURES = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of tiles; `stamp` changes with its content."""

    name: str
    place: Path
    crs: str
    attribution: str
    stamp: str


def found(folder: Path) -> list[File]:
    """Return the files of tiles in `folder`, by name."""
    return [_file(place) for place in sorted(folder.glob("*")) if place.suffix in (".mbtiles", ".pmtiles")]


def tile(file: File, *, z: int, x: int, y: int) -> bytes | None:
    """Return the bytes of a tile counted from the north, or None when the file has none there."""
    return _from_mbtiles(file.place, z, x, y) if file.place.suffix == ".mbtiles" else _from_pmtiles(file.place, z, x, y)


def kind_of(body: bytes) -> str | None:
    """Return the media type of a picture by its first bytes; None for anything else."""
    return next((kind for start, kind in PICTURES if body.startswith(start)), None)


def _file(place: Path) -> File:
    parts = place.stem.rsplit(".", 1)
    crs = parts[1].lower() if len(parts) == 2 and parts[1].lower() in CRS else "wgs84"
    known = place.stat()
    return File(
        name=place.stem,
        place=place,
        crs=crs,
        attribution=_attribution(place) if place.suffix == ".mbtiles" else "",
        stamp=f"{known.st_mtime_ns:x}{known.st_size:x}",
    )


def _from_mbtiles(place: Path, z: int, x: int, y: int) -> bytes | None:
    # MBTiles count rows from the south.
    rows = _read(place, "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                 (z, x, (1 << z) - 1 - y))  # fmt: skip
    return bytes(rows[0][0]) if rows else None


def _attribution(place: Path) -> str:
    rows = _read(place, "SELECT value FROM metadata WHERE name = 'attribution'", ())
    return str(rows[0][0]) if rows else ""


def _read(place: Path, question: str, values: tuple[int, ...]) -> list[tuple[bytes]]:
    try:
        connection = sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return []
    try:
        return connection.execute(question, values).fetchall()
    except sqlite3.Error:
        return []
    finally:
        connection.close()


def _from_pmtiles(place: Path, z: int, x: int, y: int) -> bytes | None:
    with place.open("rb") as file:
        reader: Any = Reader(MmapSource(file))  # type: ignore[no-untyped-call]
        body = reader.get(z, x, y)
    return None if body is None else bytes(body)
