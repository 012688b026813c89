"""A whole installation of its own, as run.sh starts it, and a browser that looks at it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.walking import PATIENCE_MS, ROOT, SCREENSHOTS, until

BIN = Path(sys.executable).parent
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running installation: where its pages are, how its lab is switched, and its first login."""

    home: Path
    url: str
    intake: str
    one_time_password: str
    environment: dict[str, str]

    def run(self, *words: str) -> str:
        """Run a program of the installation and return what it printed."""
        done = subprocess.run(
            [str(BIN / words[0]), *words[1:]],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @contextmanager
    def without(self, *programs: str) -> Iterator[None]:
        """Stop programs of the installation for a while; they are started again whatever happens."""
        try:
            for program in programs:
                self._supervise("stop", program)
            yield
        finally:
            for program in programs:
                self._supervise("start", program)

    def _supervise(self, verb: str, program: str) -> None:
        self.run("supervisorctl", "-c", str(self.home / "supervisord.conf"), verb, self._in_group(program))

    def pid(self, program: str) -> int:
        """Return the process id of one program of the installation."""
        return int(self.run("supervisorctl", "-c", str(self.home / "supervisord.conf"), "pid", self._in_group(program)))

    def _in_group(self, program: str) -> str:
        return program if program == "postgres" else f"programs:{program}"

    def is_ready(self) -> bool:
        """Say whether pages can be served."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def cast(self) -> dict[str, Any]:
        """The living cameras and buttons."""
        found: dict[str, Any] = json.loads((self.home / "demo" / "cameras.json").read_text())
        return found

    def switch(self, camera: str, fault: str) -> None:
        """Give a living camera a fault, "none" heals it."""
        self._tell(f"/cameras/{camera}/fault", {"fault": fault})

    def press(self, button: str) -> None:
        """Press a living button."""
        self._tell(f"/buttons/{button}/press", {})

    def _tell(self, path: str, body: dict[str, str]) -> None:
        url = re.findall(r"control=(\S+)", (self.home / "logs" / "lab.log").read_text())[-1]
        request = urllib.request.Request(url.rstrip("/") + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the browser come last, so that its house disturbs nobody, and the walk first, which has the first login."""
    own = [item for item in items if item.path.parent == Path(__file__).parent]
    others = [item for item in items if item not in own]
    items[:] = others + sorted(own, key=lambda item: item.path.name != "test_walk.py")


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """Start an installation with a small demonstration county; stop it afterwards."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium here; ./run.sh test installs it")
    home = Path(tempfile.mkdtemp(prefix="sharpeyes-house-"))
    home.chmod(0o711)
    pages, secure, signals, signals_secure = free_ports(4)
    environment = os.environ | {
        "SHARPEYES_HOME": str(home),
        "SHARPEYES_BIND": "127.0.0.1",
        "SHARPEYES_PORT": str(pages),
        "SHARPEYES_HTTPS_PORT": str(secure),
        "SHARPEYES_SIGNALS_PORT": str(signals),
        "SHARPEYES_SIGNALS_HTTPS_PORT": str(signals_secure),
        "SHARPEYES_LOOK_EVERY_S": "3",
        "SHARPEYES_PICTURE_EVERY_S": "20",
        "SHARPEYES_CONFIRM_OFFLINE_S": "2",
    }
    mine = House(
        home=home,
        url=f"http://127.0.0.1:{pages}",
        intake=f"http://127.0.0.1:{signals}",
        one_time_password="",
        environment=environment,
    )
    mine.run("sharpeyes", "demo", "--cells", "27", "--cameras", "80", "--lab", "24")
    said = json.loads(mine.run("sharpeyes", "account", "first", "--json"))
    try:
        subprocess.run(
            [str(BIN / "python"), "-m", "web.processes", "start", "--demo"], env=environment, cwd=ROOT, check=True
        )
        log = home / "logs" / "lab.log"
        until(lambda: "control=" in log.read_text(), within_s=120, what="the lab is ready")
        yield House(
            home=home, url=mine.url, intake=mine.intake, one_time_password=said["password"], environment=environment
        )
    finally:
        subprocess.run([str(BIN / "python"), "-m", "web.processes", "stop"], env=environment, cwd=ROOT, check=True)
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    SCREENSHOTS.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET.split())
        yield started
        started.close()


@pytest.fixture(scope="module")
def page(house: House, browser: Browser) -> Iterator[Page]:
    """Open a window the size of a wall; whatever a page complains of fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(house.url) else None)
    yield opened
    context.close()
    assert complaints == [], "pages raised errors or asked another machine"
