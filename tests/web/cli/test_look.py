import json
import socket

import pytest
from click.testing import CliRunner, Result

from web.cli.look import look_command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(look_command, list(arguments))


def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_look_says_what_is_wrong_and_what_to_do() -> None:
    result = run(f"rtsp://admin:hidden@127.0.0.1:{closed()}/live", "--json")
    [found] = json.loads(result.stdout)["looks"]
    assert (found["health"], found["fault"], found["layer"]) == ("offline", "refused", "tcp")
    assert "port is closed" in found["advice"]
    assert "hidden" not in result.output
    assert result.exit_code == 0


def test_without_json_it_is_told_in_words() -> None:
    result = run(f"rtsp://127.0.0.1:{closed()}/live")
    assert "offline" in result.stdout
    assert "port is closed" in result.stdout


def test_looks_come_back_in_the_order_they_were_asked() -> None:
    urls = [f"rtsp://127.0.0.1:{closed()}/{n}" for n in range(3)]
    looks = json.loads(run(*urls, "--json").stdout)["looks"]
    assert [look["url"] for look in looks] == urls


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["rtsp://a/x", "--user", "u"], 2),
        (["rtsp://a/x", "rtsp://b/x", "--onvif", "http://c"], 2),
        (["http://127.0.0.1/x"], 1),
    ],
)
def test_wrong_input_has_its_exit_code(arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code
