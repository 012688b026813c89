import json
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from web.cli.look import judge_command, look_command

SHARP = np.kron(np.indices((45, 80)).sum(0) % 2, np.ones((16, 16))).astype(np.uint8) * 160 + 40


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


def test_pictures_are_judged(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "sharp.png"), SHARP)
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((720, 1280), np.uint8))
    result = CliRunner().invoke(judge_command, [str(tmp_path / "sharp.png"), str(tmp_path / "black.png"), "--json"])
    sharp, black = json.loads(result.stdout)["pictures"]
    assert (sharp["faults"], black["faults"]) == ([], ["black"])
    assert set(black["checks"]["blurred"]) == {"state", "score", "reason"}
    assert black["checks"]["blurred"]["state"] == "not_checkable"


def test_a_file_that_is_no_picture_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no")
    result = CliRunner().invoke(judge_command, [str(tmp_path / "x.jpg"), "--json"])
    assert result.exit_code == 1
    assert "cannot be judged" in result.stderr
    assert json.loads(result.stdout) == {"pictures": []}


def test_a_series_finds_the_freezes_that_its_labels_mark(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "images" / "sg_traffic"
    lines = (folder / "labels.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    series = tmp_path / "series.csv"
    series.write_text("file,camera,at\n" + "\n".join(f"{folder / row[0]},{row[1]},{row[2]}" for row in rows))
    result = CliRunner().invoke(judge_command, ["--series", str(series), "--json"])
    frozen = [picture["faults"] == ["frozen"] for picture in json.loads(result.stdout)["pictures"]]
    # The first picture of a frozen group cannot be known yet; each later one of it is.
    expected = [before[0] == row[0] for before, row in zip([[""], *rows], rows, strict=False)]
    assert frozen == expected
    assert sum(expected) >= 10


def test_a_series_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("name\nx\n")
    result = CliRunner().invoke(judge_command, ["--series", str(tmp_path / "s.csv")])
    assert result.exit_code == 1
    assert "columns file, camera and at" in result.output
