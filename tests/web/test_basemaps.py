"""Backgrounds from files and from services: what is there is given, other hosts are never asked."""

import http.server
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import basemap_files, basemap_services
from web.basemap_services import ServiceFailed

PNG = b"\x89PNG\r\n\x1a\nsmall"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with one MBTiles file in GCJ-02 that holds the tile 3/5/2."""
    with sqlite3.connect(tmp_path / "town.gcj02.mbtiles") as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("INSERT INTO metadata VALUES ('attribution', 'Town survey')")
        file.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        file.execute("INSERT INTO tiles VALUES (3, 5, 5, ?)", (PNG,))
    (tmp_path / "broken.mbtiles").write_bytes(b"no database")
    (tmp_path / "notes.txt").write_text("not a map")
    return tmp_path


def test_a_file_says_its_crs_and_counts_from_the_north(folder: Path) -> None:
    broken, town = basemap_files.found(folder)
    assert (town.name, town.crs, town.attribution) == ("town.gcj02", "gcj02", "Town survey")
    assert basemap_files.tile(town, z=3, x=5, y=2) == PNG
    assert basemap_files.tile(town, z=3, x=5, y=3) is None
    assert basemap_files.tile(broken, z=3, x=5, y=2) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"<html>", None),
        (b"<svg onload=x>", None),
        (b"", None),
    ],
)
def test_only_pictures_are_passed_on(body: bytes, kind: str | None) -> None:
    assert basemap_files.kind_of(body) == kind


class Service(http.server.BaseHTTPRequestHandler):
    """A map service whose path says how it behaves."""

    asked: list[str] = []  # noqa: RUF012  one list for all requests, on purpose

    def do_GET(self) -> None:
        """Answer as the path says."""
        self.asked.append(self.path)
        kind = self.path.split("/")[1]
        status = {"moved": 302, "away": 302, "none": 404, "ill": 500}.get(kind, 200)
        self.send_response(status)
        target = {"moved": "/good/1/2/3", "away": "http://127.0.0.9:1/x"}.get(kind)
        if target:
            self.send_header("Location", target)
        self.end_headers()
        self.wfile.write(b"x" * (3 * 2**20) if kind == "large" else PNG)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    """Run a map service on loopback; yields its address."""
    Service.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_tile_is_fetched_once_and_kept(service: str, tmp_path: Path) -> None:
    for _ in range(3):
        assert basemap_services.tile(f"{service}/good/{{z}}/{{x}}/{{y}}", z=4, x=3, y=2, cache=tmp_path) == PNG
        assert basemap_services.tile(f"{service}/none/{{z}}/{{x}}/{{-y}}", z=4, x=3, y=2, cache=tmp_path) is None
    assert Service.asked == ["/good/4/3/2", "/none/4/3/13"]


def test_a_redirect_is_followed_inside_its_own_host_only(service: str) -> None:
    assert basemap_services.fetch(f"{service}/moved") == PNG
    with pytest.raises(ServiceFailed, match="another host"):
        basemap_services.fetch(f"{service}/away")


@pytest.mark.parametrize(("path", "why"), [("ill", "answered 500"), ("large", "larger than 2 MB")])
def test_a_bad_answer_is_said_to_be_one(service: str, tmp_path: Path, path: str, why: str) -> None:
    with pytest.raises(ServiceFailed, match=why):
        basemap_services.tile(f"{service}/{path}/{{z}}", z=1, x=0, y=0, cache=tmp_path)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "nonsense"])
def test_only_web_addresses_are_fetched(address: str) -> None:
    with pytest.raises(ServiceFailed):
        basemap_services.fetch(address)


@given(z=st.integers(0, 20), share=st.floats(0, 0.999))
def test_rows_from_the_south_mirror_rows_from_the_north(z: int, share: float) -> None:
    y = int(share * 2**z)
    north, south = basemap_services.address_of("{y}/{-y}", z=z, x=0, y=y).split("/")
    assert int(north) + int(south) == 2**z - 1


def test_a_cache_that_grew_too_large_is_cut_down(tmp_path: Path) -> None:
    for n in range(20):
        (tmp_path / str(n)).write_bytes(b"x" * 100)
    basemap_services.sweep(tmp_path, 1000)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 900
