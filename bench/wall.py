"""The wall with 50,000 cameras in a real browser: first map, pan and zoom, and how fast a change is on the screen.

Run from the checkout: ./run.sh bench wall [--cameras N]. Makes a home of its own and removes it.
"""

import argparse
import contextlib
import os
import platform
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import text

from bench.lib import crowd
from data import accounts, cluster, db, events, migrate, settings
from web.server import PAGES, command

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks" / "wall.md"
PASSWORD = "correct-horse-9"
BROWSER = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
FRAMES = """
() => { const frames = (window.frames_ = []); let last = performance.now();
  const step = (now) => { frames.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step); }
"""
CHANGES = 12


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=50_000)
    chosen = parser.parse_args()
    with county(chosen.cameras) as port:
        firsts = [first_visit(port) for _ in range(3)]
        with browser() as page:
            sign_in(page, port)
            openings = [first_map(page, port) for _ in range(3)]
            pans, zooms = frames(page, pan), frames(page, zoom)
            delays = [change_on_screen(page) for _ in range(CHANGES)]
    write_report(chosen.cameras, [firsts, openings[1:]], pans, zooms, delays)


@contextlib.contextmanager
def county(cameras: int) -> Iterator[int]:
    """Run a web server over a county full of cameras; yields its port."""
    with tempfile.TemporaryDirectory(prefix="wall-") as folder:
        Path(folder).chmod(0o755)
        os.environ["SHARPEYES_HOME"] = folder
        os.environ["SHARPEYES_PORT"] = str(free_port())
        settings.get.cache_clear()
        mine = cluster.of_home(Path(folder), options={"fsync": "off"})
        cluster.start(mine)
        try:
            migrate.upgrade(db.engine())
            furnish(cameras)
            with server(settings.get().port):
                yield settings.get().port
        finally:
            db.engine().dispose()
            cluster.stop(mine)


def furnish(cameras: int) -> None:
    """Fill the database and make one account that sees everything."""
    with db.transaction() as session:
        crowd.fill(session, cameras=cameras)
        crowd.roads(session)
        account = session.execute(
            text(
                "INSERT INTO accounts (login, password_hash, roles, must_change_password)"
                " VALUES ('wall', :hash, '{operator}', false) RETURNING id"
            ),
            {"hash": accounts.hashed(PASSWORD)},
        ).scalar_one()
        session.execute(text("INSERT INTO account_grants (account_id) VALUES (:id)"), {"id": account})
    with db.transaction() as session:
        session.execute(text("ANALYZE"))


@contextlib.contextmanager
def server(port: int) -> Iterator[None]:
    """Run our pages as in service, on loopback."""
    process = subprocess.Popen(command("127.0.0.1", port, app=PAGES), cwd=ROOT)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """Open Chromium at the size of a wall."""
    with sync_playwright() as played:
        opened = played.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False, args=BROWSER)
        yield opened.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN").new_page()
        opened.close()


def sign_in(page: Page, port: int) -> None:
    """Sign in."""
    page.goto(f"http://127.0.0.1:{port}/login")
    page.fill("[name=login]", "wall")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)


def first_visit(port: int) -> float:
    """Open the wall in a browser that has never seen it."""
    with browser() as page:
        sign_in(page, port)
        return first_map(page, port)


def first_map(page: Page, port: int) -> float:
    """Open the wall and return ms from the navigation until the cameras are drawn."""
    page.goto(f"http://127.0.0.1:{port}/wall", wait_until="commit")
    until_marked(page, "cameras-drawn")
    drawn = float(page.evaluate("performance.getEntriesByName('cameras-drawn')[0].startTime"))
    page.wait_for_timeout(1500)
    return drawn


def frames(page: Page, act: object) -> list[float]:
    """Return the gaps between frames in ms while `act` moves the map."""
    page.evaluate(FRAMES)
    act(page)  # type: ignore[operator]
    page.wait_for_timeout(600)
    return sorted(page.evaluate("window.frames_"))


def pan(page: Page) -> None:
    """Drag the map about."""
    for far in (-300, 260, -200, 340):
        page.mouse.move(950, 500)
        page.mouse.down()
        page.mouse.move(950 + far, 500 + far / 2, steps=25)
        page.mouse.up()
        page.wait_for_timeout(250)


def zoom(page: Page) -> None:
    """Turn the wheel in to single cameras and out again."""
    page.mouse.move(950, 520)
    for turn in [-240] * 6 + [240] * 6:
        page.mouse.wheel(0, turn)
        page.wait_for_timeout(450)


def change_on_screen(page: Page) -> float:
    """Commit a change of health and return ms until the browser has drawn it."""
    page.evaluate("performance.clearMarks('health-drawn')")
    with db.transaction() as session:
        row = session.execute(
            text(
                "UPDATE camera_state SET health = 'offline', fault = 'timeout', layer = 'tcp', since = now() WHERE"
                " camera_id = (SELECT camera_id FROM camera_state WHERE health = 'online' ORDER BY random() LIMIT 1)"
                " RETURNING camera_id, path::text AS path, since"
            )
        ).one()
        body = {"id": row.camera_id, "health": "offline", "fault": "timeout", "layer": "tcp", "since": row.since}
        events.announce(session, "health", path=row.path, body=body)
    committed = time.time() * 1000
    until_marked(page, "health-drawn")
    script = "performance.timeOrigin + performance.getEntriesByName('health-drawn')[0].startTime"
    return float(page.evaluate(script)) - committed


def until_marked(page: Page, name: str, within_s: float = 30) -> None:
    """Wait until the page has left a mark; the page forbids evaluating strings, so this asks from outside."""
    end = time.monotonic() + within_s
    while not page.evaluate(f"performance.getEntriesByName('{name}').length"):
        if time.monotonic() > end:
            raise SystemExit(f"the page never came to {name}")
        time.sleep(0.02)


def write_report(
    cameras: int, openings: list[list[float]], pans: list[float], zooms: list[float], delays: list[float]
) -> None:
    """Print the figures and keep them beside the documentation."""
    processor = platform.processor() or platform.machine()
    lines = [
        f"# The wall with {cameras:,} cameras",
        "",
        f"Chromium 1920 × 1080 without a graphics card; server and database beside it ({os.cpu_count()} cores,"
        f" {processor}); {datetime.now(UTC):%Y-%m-%d}. Made by `./run.sh bench wall`.",
        "",
        "| | aim | measured |",
        "|---|---|---|",
        f"| first map with all cameras, three first visits | 1,500 ms | {listed(openings[0])} ms |",
        f"| the same, later visits | | {listed(openings[1])} ms |",
        f"| longest gap between frames while panning | 100 ms | {pans[-1]:.0f} ms (99 % {at(pans, 0.99):.0f} ms) |",
        f"| longest gap between frames while zooming | 100 ms | {zooms[-1]:.0f} ms (99 % {at(zooms, 0.99):.0f} ms) |",
        f"| a health change on the screen after its commit | 1,000 ms | median {statistics.median(delays):.0f} ms,"
        f" longest {max(delays):.0f} ms of {len(delays)} |",
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def listed(durations: list[float]) -> str:
    """Return durations in ms as words."""
    return ", ".join(f"{ms:,.0f}" for ms in durations)


def at(ordered: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something answers on `port`."""
    for _ in range(150):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("the web server did not start")


if __name__ == "__main__":
    main()
