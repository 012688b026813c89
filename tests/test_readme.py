"""What the README says is there: files, settings, commands and the press of a button."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import click
import pandas
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from werkzeug.serving import make_server

from bench.lib import source
from data import buttons, db, settings
from gis.coords import convert
from gis.county.make import make_county
from gis.files import write
from video.alarms import http
from web import signals
from web.cli import main

README = source.text_of("README.md")
ENGLISH, _, CHINESE = README.partition("# 中文")
DOCS = (
    "README.md",
    "docs/architecture.md",
    "docs/dependencies.md",
    "docs/glossary.md",
    "docs/security.md",
    "docs/operations.md",
)
PATH = re.compile(r"`((?:data|gis|video|desk|web|migrations|tests|docs|bench)/[\w./-]*)`")


def commands(words: str) -> list[str]:
    """Return every line of sharpeyes in a text, in blocks and between backticks."""
    return re.findall(r"\.venv/bin/sharpeyes ([^`\n]+)", words)


def rows(text: str, first: str) -> list[str]:
    """Return the first cells of the table whose head begins with `first`."""
    table = re.search(rf"^\| {first}.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, f"no table begins with {first}"
    return [line.split("|")[1].strip(" `") for line in table[1].splitlines()]


@pytest.mark.parametrize("document", DOCS)
def test_every_file_a_document_names_exists(document: str) -> None:
    named = set(PATH.findall(source.text_of(document)))
    assert sorted(path for path in named if not (source.ROOT / path).exists()) == []


def test_documents_name_files() -> None:
    assert len({path for document in DOCS for path in PATH.findall(source.text_of(document))}) > 60


@pytest.mark.parametrize("document", DOCS)
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    folder = (source.ROOT / document).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", source.text_of(document))
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("command", sorted(set(commands(README))))
def test_every_command_is_one_the_program_takes(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("password.txt", "now.jpg", "monday.tar"):
        (tmp_path / name).touch()
    verb, *words = shlex.split(command)
    context = click.Context(main)
    found = main.get_command(context, verb)
    if isinstance(found, click.Group):
        found, words = found.get_command(context, words[0]), words[1:]
    assert found, f"there is no verb {command}"
    found.make_context(verb, words)


def test_both_languages_give_the_same_commands_and_files() -> None:
    assert len(commands(ENGLISH)) >= 8
    assert commands(ENGLISH) == commands(CHINESE)
    assert re.findall(r"```sh\n(.*?)```", ENGLISH, re.S) == re.findall(r"```sh\n(.*?)```", CHINESE, re.S)
    assert PATH.findall(ENGLISH) == PATH.findall(CHINESE)


@pytest.mark.parametrize(("text", "head"), [(ENGLISH, "variable"), (CHINESE, "变量")])
def test_every_setting_is_in_the_table_and_no_other(text: str, head: str) -> None:
    known = set(re.findall(r'"((?:SHARPEYES|DATABASE)_\w+)"', source.text_of("data/settings.py")))
    assert set(rows(text, head)) == known


def test_the_defaults_of_the_table_are_those_of_the_program() -> None:
    chosen = settings.read({}, code_folder=source.ROOT)
    said: dict[str, str] = dict(re.findall(r"^\| `(SHARPEYES_\w+)` \| (\d+) \|", ENGLISH, re.MULTILINE))
    fields = {name: getattr(chosen, name.removeprefix("SHARPEYES_").lower()) for name in said}
    assert len(said) >= 9
    assert fields == {name: int(number) for name, number in said.items()}


def test_the_press_with_curl_is_the_one_the_intake_documents() -> None:
    documented = [line.strip() for line in (http.__doc__ or "").splitlines() if re.match(r"\s+(B=|H=|S=|curl)", line)]
    assert len(documented) == 4
    for language in (ENGLISH, CHINESE):
        assert "\n".join(documented) in language


def test_every_page_of_the_table_is_served() -> None:
    pages = set(re.findall(r"`/(\w+)`", README))
    served = {name for path in source.files() if path.startswith("web/") for name in Path(path).with_suffix("").parts}
    assert pages - {"import"} <= served


@pytest.fixture
def own_county(tmp_path: Path) -> Path:
    """Return a folder with the files that the README imports: a small made-up county."""
    county = make_county(
        before=datetime(2025, 11, 1, tzinfo=UTC), cells=30, cameras=100, incidents=50, lab=0, buttons=4
    )
    areas = county.areas.drop(columns="parent")
    write(areas[areas["level"] == "town"], tmp_path / "towns.geojson")
    write(areas[areas["level"] == "cell"], tmp_path / "cells.geojson")
    write(county.buildings, tmp_path / "buildings.gpkg")
    lng, lat = convert(county.cameras.geometry.x, county.cameras.geometry.y, source="wgs84", target="gcj02")
    pandas.DataFrame({"编码": county.cameras["code"], "名称": county.cameras["name"], "经度": lng, "纬度": lat}).to_csv(
        tmp_path / "cameras.csv", index=False, encoding="gb18030"
    )
    return tmp_path


def test_the_five_commands_bring_a_county_in(
    committed: Path, own_county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_county)
    given = [command for command in commands(ENGLISH) if command.startswith(("import", "export"))]
    assert len(given) == 6
    for command in given:
        done = CliRunner().invoke(main, shlex.split(command), catch_exceptions=False)
        assert done.exit_code == 0, f"{command}: {done.output}"
    with db.transaction() as session:
        cells, cameras = session.execute(
            text("SELECT (SELECT count(*) FROM areas WHERE level = 'cell'), count(*) FROM cameras WHERE path <> ''")
        ).one()
    assert (cells, cameras) == (30, 100)
    assert (own_county / "cameras-out.xlsx").exists()


@pytest.fixture
def intake_port(committed: Path) -> Iterator[int]:
    """Serve the intake on a free port, with one button that has a secret; yields the port."""
    with db.transaction() as session:
        session.execute(text("INSERT INTO buttons (code, name) VALUES ('B1', '校门')"))
        buttons.set_secret(session, "B1", "a secret of the device")
    server = make_server("127.0.0.1", 0, signals.intake())
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(server.serve_forever)
        yield server.port
        server.shutdown()
        serving.result(timeout=10)
        server.server_close()


@pytest.mark.skipif(not all(map(shutil.which, ("curl", "openssl"))), reason="curl or openssl is not installed")
def test_the_press_with_curl_is_taken(intake_port: int) -> None:
    block = next(found for found in re.findall(r"```sh\n(.*?)```", ENGLISH, re.S) if "curl" in found)
    script = block.replace("9000", str(intake_port)).replace("curl ", "curl -s ")
    known = {"D": "B1", "SECRET": "a secret of the device", "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-euc", script], env=known, capture_output=True, text=True, check=True, timeout=20)
    assert json.loads(done.stdout)["taken"] is True
