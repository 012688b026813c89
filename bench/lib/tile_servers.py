"""The two servers of the benchmark of tiles: ours as in service, and tipg, each one process on loopback."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url

from data import cluster
from web import server

PEER = ("tipg==1.6.1", "uvicorn==0.54.0")


@contextlib.contextmanager
def ours(code: Path) -> Iterator[int]:
    """Run our pages; yields the port."""
    port = free_port()
    words = server.command("127.0.0.1", port, app=server.PAGES)
    # The names of cookies carry the port.
    with running(list(words), port, {"SHARPEYES_PORT": str(port)}, code):
        yield port


@contextlib.contextmanager
def tipg(python: Path, *, most: int) -> Iterator[int]:
    """Run tipg on the same tables, with at most `most` features in a tile, by itself 10,000; yields the port."""
    port = free_port()
    there = make_url(cluster.owner_url())
    chosen = {
        "DATABASE_URL": f"postgresql://{there.username}@{quote(str(there.query['host']), safe='')}/{there.database}",
        "TIPG_MAX_FEATURES_PER_TILE": str(most),
        # Only what is asked for: reading the extent of every table takes it minutes.
        "TIPG_DB_TABLES": '["public.incidents", "public.cameras"]',
        "TIPG_DB_SPATIAL_EXTENT": "false",
        "TIPG_DB_DATETIME_EXTENT": "false",
        "TIPG_DB_MAX_CONN_SIZE": "40",
        "TIPG_CATALOG_TTL": "100000",
    }
    words = [str(python), "-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
    with running([*words, "--log-level", "error", "--no-access-log"], port, chosen, Path(tempfile.gettempdir())):
        yield port


@contextlib.contextmanager
def running(words: list[str], port: int, chosen: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(words, cwd=folder, env=os.environ | dict(chosen))
    try:
        wait_for(process, port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"the server on port {port} did not start")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
