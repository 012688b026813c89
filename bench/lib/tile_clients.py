"""Browsers that fill a viewport of tiles over six connections each, as plain as can be, so that they cost little."""

import asyncio
import contextlib
import gzip
import math
import socket
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

COLUMNS, ROWS = 5, 4
CONNECTIONS = 6

Tile = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered for one tile."""

    status: int
    etag: str
    body: bytes
    packed: bool
    truncated: bool

    @property
    def tile(self) -> bytes:
        """The tile itself."""
        return gzip.decompress(self.body) if self.packed else self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One viewport: how long it took in all, and the answers."""

    seconds: float
    answers: Mapping[Tile, Answer]


@dataclass(slots=True)
class Door:
    """Where a server listens, the path of its tiles and what is sent along."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


def viewport_at(lng: float, lat: float, z: int) -> list[Tile]:
    """Return the 5 x 4 tiles about a place, the middle ones first, as a map asks for them."""
    across = 2**z
    x = (lng + 180) / 360 * across
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * across
    west, north = round(x - COLUMNS / 2), min(max(round(y - ROWS / 2), 0), across - ROWS)
    tiles = [(z, (west + i) % across, north + j) for i in range(COLUMNS) for j in range(ROWS)]
    return sorted(tiles, key=lambda tile: math.hypot(tile[1] + 0.5 - x, tile[2] + 0.5 - y))


def crowd(
    door: Door,
    rounds: Sequence[Sequence[Sequence[Tile]]],
    *,
    before: Callable[[], None] = lambda: None,
    etags: Sequence[Sequence[Filled]] | None = None,
) -> list[list[Filled]]:
    """Let as many clients as a round has viewports fill them at once, one round after the other.

    `before` is called before each round; with `etags`, what the same viewports were answered before is sent along.
    """
    return asyncio.run(_crowd(door, rounds, before, etags))


async def _crowd(
    door: Door,
    rounds: Sequence[Sequence[Sequence[Tile]]],
    before: Callable[[], None],
    etags: Sequence[Sequence[Filled]] | None,
) -> list[list[Filled]]:
    clients = [Client(door) for _ in rounds[0]]
    for client in clients:
        await client.connect()
    found = []
    for number, views in enumerate(rounds):
        before()
        known = [filled.answers for filled in etags[number]] if etags else [{} for _ in views]
        todo = (client.fill(view, had) for client, view, had in zip(clients, views, known, strict=True))
        found.append(list(await asyncio.gather(*todo)))
    for client in clients:
        client.close()
    return found


class Client:
    """One browser with its connections."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._said = "".join(f"{name}: {value}\r\n" for name, value in door.headers.items())
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def connect(self) -> None:
        """Open the connections, which a browser keeps from the page itself."""
        self._open = [await self._connection() for _ in range(CONNECTIONS)]

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._door.port, limit=2**26)

    def close(self) -> None:
        """Close them."""
        for _, writer in self._open:
            writer.close()

    async def fill(self, view: Sequence[Tile], had: Mapping[Tile, Answer]) -> Filled:
        """Fetch every tile of a viewport."""
        waiting, answers = list(reversed(view)), dict[Tile, Answer]()
        started = time.perf_counter()
        await asyncio.gather(*(self._fetch(n, waiting, answers, had) for n in range(CONNECTIONS)))
        return Filled(seconds=time.perf_counter() - started, answers=answers)

    async def _fetch(
        self, n: int, waiting: list[Tile], answers: dict[Tile, Answer], had: Mapping[Tile, Answer]
    ) -> None:
        while waiting:
            tile = waiting.pop()
            z, x, y = tile
            known = f"If-None-Match: {had[tile].etag}\r\n" if tile in had else ""
            path = self._door.path.format(z=z, x=x, y=y)
            asked = (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{self._said}{known}\r\n".encode()
            )
            try:
                answers[tile] = await self._answer(n, asked)
            except (asyncio.IncompleteReadError, ConnectionError):
                # A server hangs up on a connection that was idle for long, and a browser opens another.
                self._open[n] = await self._connection()
                answers[tile] = await self._answer(n, asked)

    async def _answer(self, n: int, asked: bytes) -> Answer:
        reader, writer = self._open[n]
        writer.write(asked)
        return await _read(reader)


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    said = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = b""
    if "content-length" in said and status != 304:
        body = await reader.readexactly(int(said["content-length"]))
    elif said.get("transfer-encoding") == "chunked":
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    return Answer(
        status=status,
        etag=said.get("etag", ""),
        body=body,
        packed=said.get("content-encoding") == "gzip",
        truncated="tile-truncated" in said,
    )


@contextlib.contextmanager
def listening(port: int, cookie: str) -> Iterator[None]:
    """Keep the push channel of a page open, as every page with a map does."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET /api/v1/push HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
        line.recv(4096)
        yield


def sign_in(port: int, login: str, password: str) -> str:
    """Return the cookies of a signed-in account."""
    kept = urllib.request.HTTPCookieProcessor()
    browser = urllib.request.build_opener(kept)
    page = browser.open(f"http://127.0.0.1:{port}/login").read().decode()
    proof = page.split('name="csrf-token" content="')[1].split('"')[0]
    form = urllib.parse.urlencode({"login": login, "password": password, "csrf_token": proof}).encode()
    browser.open(urllib.request.Request(f"http://127.0.0.1:{port}/login", data=form)).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in kept.cookiejar)
