"""Small tables with places, and files made of text, for tests of what is read and written."""

import zipfile
from pathlib import Path

import geopandas
import pandas
import shapely

from gis.files import Sheet

SQUARE = shapely.Polygon([(104.1, 29.1), (104.2, 29.1), (104.2, 29.2), (104.1, 29.2)], [])


def frame(shapes: list[shapely.Geometry | None], **columns: list[str]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(pandas.DataFrame(columns, dtype=object), geometry=shapes, crs=4326)


def texts(sheet: Sheet) -> dict[str, list[str]]:
    return pandas.DataFrame(sheet.frame.drop(columns="geometry")).to_dict("list")


def csv_file(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
