import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

from video.alarms.http import Signature, read, verify
from video.lab.spec import ButtonSpec

RunLab = Callable[..., Any]


@contextmanager
def a_server() -> Iterator[tuple[str, "Queue[tuple[str, dict[str, str], bytes]]"]]:
    """Run a server that keeps what it is sent; yield its address and what came."""
    came: Queue[tuple[str, dict[str, str], bytes]] = Queue()

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((self.path, dict(self.headers), body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keeper) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()
        thread.join()


def test_a_button_says_that_it_lives_and_a_press_is_signed(run_lab: RunLab) -> None:
    with a_server() as (url, came):
        lab = run_lab(buttons=(ButtonSpec(device="B-1", secret="knock", url=url),), control_port=0)
        path, headers, body = came.get(timeout=10)
        assert (path, json.loads(body)) == ("/api/v1/signals", {"kind": "heartbeat"})
        said = subprocess.run(
            ["curl", "-s", "-X", "POST", f"{lab.control_url}/buttons/B-1/press"], capture_output=True, check=True
        )
        assert json.loads(said.stdout) == {"status": 202}
        path, headers, body = came.get(timeout=10)
    signed = read(headers)
    assert isinstance(signed, Signature)
    assert (path, signed.device) == ("/api/v1/signals", "B-1")
    assert verify(signed, "POST", path, secret="knock", body=body, at=datetime.now(UTC)) is None


def test_a_press_that_nobody_hears_is_said_to_be_lost(run_lab: RunLab) -> None:
    with a_server() as (url, _):
        pass
    lab = run_lab(buttons=(ButtonSpec(device="B-1", secret="knock", url=url),), control_port=0)
    said = subprocess.run(
        ["curl", "-s", "-X", "POST", f"{lab.control_url}/buttons/B-1/press"], capture_output=True, check=True
    )
    assert "cannot reach its server" in json.loads(said.stdout)["error"]
