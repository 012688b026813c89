"""Pictures judged on the command line, real ones and such as want to do harm."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from web.cli.judge import judge_command

# Blocks of many greys, none of them repeated: a scene with sharp edges.
SHARP = np.kron(np.random.default_rng(1).integers(40, 220, (45, 80)), np.ones((16, 16))).astype(np.uint8)


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
    told = [picture["faults"] for picture in json.loads(result.stdout)["pictures"]]
    # Every row of a frozen group and no other; by night, by day and in haze nothing else is called a fault.
    assert told == [["frozen"] if row[4] == "1" else [] for row in rows]
    assert sum(map(bool, told)) == 17


def test_a_series_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("name\nx\n")
    result = CliRunner().invoke(judge_command, ["--series", str(tmp_path / "s.csv")])
    assert result.exit_code == 1
    assert "columns file, camera and at" in result.output


def giant() -> bytes:
    made = io.BytesIO()
    Image.new("1", (12_000, 9_000)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "is no picture"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "not a JPEG"),
        (giant(), "40 million are the most"),
        (b"RIFF\xff\xff\xff\x7fAVI LIST" + bytes(500), "not a JPEG"),
    ],
)
def test_hostile_files_cost_themselves_alone(tmp_path: Path, image: bytes, reason: str) -> None:
    (tmp_path / "bad.jpg").write_bytes(image)
    cv2.imwrite(str(tmp_path / "sharp.png"), SHARP)
    result = CliRunner().invoke(judge_command, [str(tmp_path / "bad.jpg"), str(tmp_path / "sharp.png"), "--json"])
    assert result.exit_code == 1
    assert reason in result.stderr
    assert [Path(one["file"]).name for one in json.loads(result.stdout)["pictures"]] == ["sharp.png"]


@pytest.mark.parametrize("arguments", [[], ["a.jpg", "--series", __file__]])
def test_pictures_or_a_series_are_named_and_not_both(arguments: list[str]) -> None:
    assert CliRunner().invoke(judge_command, arguments).exit_code == 2
