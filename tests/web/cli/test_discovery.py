"""Networks and searches from the command line, on real sockets."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

import video.discovery
from data import db, networks
from web.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def said(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def clean(committed: Path) -> Iterator[None]:
    """Put the networks back as they were."""
    with db.transaction() as session:
        before = {one.id for one in networks.networks(session)}
    yield
    with db.transaction() as session:
        for one in networks.networks(session):
            if one.id not in before:
                networks.remove(session, one.id)


def test_a_network_is_allowed_listed_and_removed(clean: None, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("right\n")
    login = ("--user", "viewer", "--password-file", str(tmp_path / "password"))
    made = said("network", "add", "198.51.100.0/24", "东村", "--sweep", "--rate", "50", *login)
    assert (made["cidr"], made["sweep"], made["rate_per_s"], made["username"]) == (
        "198.51.100.0/24",
        True,
        50,
        "viewer",
    )
    assert "198.51.100.0/24" in [one["cidr"] for one in said("network", "list")["networks"]]
    assert said("network", "remove", "东村") == {"removed": "198.51.100.0/24"}
    with db.transaction() as session:
        trail = session.execute(text("SELECT detail::text FROM audit WHERE action = 'network.change'")).scalars().all()
    assert len(trail) == 2
    assert "right" not in str(trail)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("network", "add", "198.51.100.7/24", "x"), "do you mean 198.51.100.0/24"),
        (("network", "remove", "nowhere"), "There is no network nowhere"),
        (("discover", "nowhere"), "There is no network nowhere"),
        (("discover",), "may be searched"),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence(clean: None, words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_search_tells_what_it_found(clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video.discovery, "ANSWER_S", 0.1)
    with socket.create_server(("127.49.0.2", 0)) as camera:
        port = camera.getsockname()[1]
        threading.Thread(target=_answer_options, args=(camera,), daemon=True).start()
        with db.transaction() as session:
            wanted = networks.Network(
                cidr="127.49.0.0/30", name="试", sweep=True, rate_per_s=500, rtsp_ports=(port,), onvif_ports=()
            )
            networks.keep(session, wanted)
        found = said("discover", "试")
    assert (found["state"], found["addresses"], found["found"]) == ("done", 2, 1)
    assert [(one["ip"], one["standing"], one["rtsp_port"]) for one in found["devices"]] == [("127.49.0.2", "new", port)]


def _answer_options(camera: socket.socket) -> None:
    connection, _ = camera.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n")
        connection.recv(4096)
