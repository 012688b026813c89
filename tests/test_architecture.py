"""The rules of the house hold: which way imports point, what is pure, where each thing lives, how long it may be."""

import re
from collections.abc import Iterator

import pytest

from bench.lib import rules, source
from bench.lib.source import of

PRODUCT = [each for each in source.sources() if each.is_product]
TESTS = [each for each in source.sources() if each.package == "tests"]
# What is written by a person and read by one; catalogues of translations and lists of pins are neither.
CODE = (".py", ".js", ".css", ".html", ".sh", ".sql", ".conf")
LONG_FILES = {
    "migrations/sql/0001_tables.sql": "the first schema is one change",
}

RULES_FOR_ALL = [rules.relative, rules.hidden, rules.long_functions]
RULES_FOR_THE_PRODUCT = [
    rules.upward,
    rules.asks_for_the_time,
    rules.has_sql,
    rules.away_from_home,
    rules.outside_the_glossary,
]
RULES_FOR_TESTS = [rules.mocks, rules.silent_skips, rules.sleeps]


def said(breaches: list[str]) -> str:
    return "\n" + "\n".join(breaches)


def test_the_whole_house_is_read() -> None:
    assert {each.package for each in PRODUCT} == set(source.PACKAGES)
    assert len(PRODUCT) > 150
    assert len(TESTS) > 50


@pytest.mark.parametrize("rule", RULES_FOR_THE_PRODUCT, ids=lambda rule: rule.__name__)
def test_the_program_keeps_every_rule_of_the_house(rule: rules.Rule) -> None:
    breaches = rules.broken(rule, PRODUCT)
    assert breaches == [], said(breaches)


@pytest.mark.parametrize("rule", RULES_FOR_ALL, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rules_for_all(rule: rules.Rule) -> None:
    breaches = rules.broken(rule, source.sources())
    assert breaches == [], said(breaches)


@pytest.mark.parametrize("rule", RULES_FOR_TESTS, ids=lambda rule: rule.__name__)
def test_tests_use_real_parts_and_wait_for_events(rule: rules.Rule) -> None:
    breaches = rules.broken(rule, TESTS)
    assert breaches == [], said(breaches)


def is_free_of_flask(path: str) -> bool:
    """Say whether a file is for jobs as well: the page of imports is the only one of its folder that is a page."""
    return path.startswith(("web/jobs/", "web/imports/")) and path != "web/imports/pages.py"


@pytest.mark.parametrize("library", ["flask", "flask_babel", "flask_wtf"])
def test_jobs_and_imports_reach_no_flask(library: str) -> None:
    breaches = list(rules.reaching(library, PRODUCT, start=is_free_of_flask))
    assert breaches == [], said(breaches)


def test_sql_files_lie_in_data_and_migrations() -> None:
    strays = [
        path for path in source.files() if path.endswith(".sql") and not path.startswith(("data/", "migrations/"))
    ]
    assert strays == [], f"move to data/sql/ or migrations/sql/: {strays}"


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {path: len(source.text_of(path).splitlines()) for path in source.files() if path.endswith(CODE)}
    long = {path: count for path, count in lengths.items() if count > rules.LONGEST_FILE}
    unnamed = {path: count for path, count in long.items() if path not in LONG_FILES}
    assert unnamed == {}, f"over {rules.LONGEST_FILE} lines, split by noun: {unnamed}"
    assert sorted(LONG_FILES) == sorted(long), "an exception for a file that is short now"


@pytest.mark.parametrize(("name", "path"), list(rules.EXCEPTIONS))
def test_no_exception_outlives_its_need(name: str, path: str) -> None:
    rule: rules.Rule = getattr(rules, name)
    assert [one for each in PRODUCT if each.path == path for one in rule(each)]


def test_every_test_is_named_by_a_sentence() -> None:
    short = [
        f"{each.path}: {function.name}"
        for each in TESTS
        for function in source.functions(each)
        if function.name.startswith("test_") and function.name.count("_") < 2
    ]
    assert short == [], said(short)


def test_tests_lie_where_what_they_test_lies() -> None:
    folders = {path.rpartition("/")[0].removeprefix("tests/") for path in source.files() if "/test_" in path}
    own = {"tests", "browser"}
    strays = sorted(name for name in folders - own if not (source.ROOT / name).is_dir())
    assert strays == [], f"no package has these names: {strays}"


def test_tests_are_no_packages() -> None:
    assert [path for path in source.files() if path.startswith("tests/") and path.endswith("__init__.py")] == []


# Code that breaks a rule, and where it would stand.
BREACHES = [
    (rules.upward, "gis/coverage.py", "from video import probe"),
    (rules.upward, "video/rounds.py", "import desk.alarms"),
    (rules.upward, "desk/alarms.py", "from gis.coords import convert"),
    (rules.upward, "data/cameras.py", "from web import forms"),
    (rules.upward, "data/cameras.py", "from gis.coords import convert"),
    (rules.upward, "web/cameras.py", "from tests import scenes"),
    (rules.relative, "web/cameras.py", "from . import forms"),
    (rules.hidden, "web/cameras.py", "def on_map():\n    import json"),
    (rules.hidden, "web/cameras.py", "def on_map():\n    if True:\n        from data import db"),
    (rules.asks_for_the_time, "data/health.py", "at = datetime.now(UTC)"),
    (rules.asks_for_the_time, "desk/alarms.py", "at = date.today()"),
    (rules.asks_for_the_time, "video/judge.py", "at = time.time()"),
    (rules.asks_for_the_time, "web/imports/run.py", "at = datetime.datetime.utcnow()"),
    (rules.has_sql, "web/cameras.py", "rows = session.execute(question)"),
    (rules.has_sql, "web/cameras.py", "from sqlalchemy import text"),
    (rules.has_sql, "gis/coverage.py", "ask = 'SELECT 1'"),
    (rules.has_sql, "video/rounds.py", "ask = f'UPDATE cameras SET name = {name}'"),
    (rules.away_from_home, "video/probe.py", "import av"),
    (rules.away_from_home, "video/probe.py", "from onvif import ONVIFCamera"),
    (rules.away_from_home, "web/jobs/rounds.py", "import procrastinate"),
    (rules.away_from_home, "gis/density.py", "import cv2"),
    (rules.away_from_home, "data/cameras.py", "from flask import request"),
    (rules.long_functions, "gis/coverage.py", "def view():\n" + "    pass\n" * 40),
    (rules.outside_the_glossary, "gis/coverage.py", "def viewshed(pose): ..."),
    (rules.outside_the_glossary, "video/probe.py", "class ProbeManager: ..."),
    (rules.outside_the_glossary, "video/probe.py", "clock_drift_s = 1.0"),
    (rules.mocks, "tests/web/test_cameras.py", "from unittest.mock import patch"),
    (rules.mocks, "tests/web/test_cameras.py", "monkeypatch.setattr(db, 'transaction', nothing)"),
    (rules.mocks, "tests/web/test_cameras.py", "monkeypatch.setattr(db, 'transaction', lambda: None)"),
    (rules.sleeps, "tests/web/test_cameras.py", "time.sleep(1)"),
    (rules.sleeps, "tests/browser/test_walk.py", "page.wait_for_timeout(500)"),
    (rules.silent_skips, "tests/web/test_cameras.py", "pytest.skip()"),
    (rules.silent_skips, "tests/web/test_cameras.py", "@pytest.mark.skip\ndef test_nothing(): ..."),
    (rules.silent_skips, "tests/web/test_cameras.py", "@pytest.mark.skipif(True)\ndef test_nothing(): ..."),
]
# Code that keeps the rule, though it looks alike.
KEPT = [
    (rules.upward, "web/cameras.py", "from gis.coords import convert\nfrom data import cameras"),
    (rules.hidden, "web/cameras.py", "import json\ndef on_map(): ..."),
    (rules.asks_for_the_time, "web/jobs/rounds.py", "at = datetime.now(UTC)"),
    (rules.asks_for_the_time, "video/probe.py", "began = time.monotonic()"),
    (rules.has_sql, "data/cameras.py", "from sqlalchemy import text\ntext('SELECT 1')"),
    (rules.has_sql, "web/cameras.py", "'''SELECT is a word of SQL.'''\nfrom sqlalchemy.orm import Session"),
    (rules.away_from_home, "video/stream.py", "import av"),
    (rules.long_functions, "gis/coverage.py", "def view():\n" + "    pass\n" * 39),
    (rules.outside_the_glossary, "gis/coverage.py", "hfov_deg = 90.0"),
    (rules.mocks, "tests/data/test_cluster.py", "monkeypatch.setattr(home, 'SHELTER', folder)"),
    (rules.mocks, "tests/web/test_incidents.py", "monkeypatch.setattr(incidents, '_surfaces', Surfaces(9))"),
    (rules.silent_skips, "tests/web/test_cameras.py", "pytest.skip('no Chromium')"),
    (rules.sleeps, "tests/scenes.py", "def until():\n    while monotonic() < end:\n        time.sleep(0.1)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES, ids=lambda part: getattr(part, "__name__", None))
def test_a_rule_notices_what_breaks_it(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(of(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), KEPT, ids=lambda part: getattr(part, "__name__", None))
def test_a_rule_lets_pass_what_keeps_it(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(of(path, text))) == []


def test_a_long_way_to_flask_is_noticed() -> None:
    ways = [of("web/jobs/rounds.py", "from web import words"), of("web/words.py", "from flask import g")]
    assert list(rules.reaching("flask", ways, start=is_free_of_flask)) != []
    assert list(rules.reaching("flask", ways[1:], start=is_free_of_flask)) == []


def scripts(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each script below a folder of static/js, and what it imports."""
    for path in source.files():
        if path.startswith(f"web/static/js/{folder}/"):
            yield from (
                (path, name) for name in re.findall(r'^(?:import|export)[^"]*"([^"]+)"', source.text_of(path), re.M)
            )


def test_scripts_point_from_pages_to_map_to_lib() -> None:
    assert len(list(scripts("pages"))) > 20
    assert [one for one in scripts("lib") if re.search(r"map/|pages/", one[1])] == []
    assert [one for one in scripts("map") if "pages/" in one[1]] == []


def not_inert(path: str, text: str) -> list[str]:
    """Return what a page may not hold: inline handlers, styles and scripts, which the content policy refuses."""
    tags = re.findall(r"<[a-zA-Z][^>]*>", re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.S))
    bad = re.compile(
        r"(?i)\son[a-z]+\s*=|\sstyle\s*=|javascript:|^<style|^<script(?![^>]*(?:\ssrc=|\stype=\"(?:importmap|application/json)\"))"
    )
    return [f"{path}: {tag}" for tag in tags if bad.search(tag)]


def test_templates_have_no_inline_handlers() -> None:
    pages = [path for path in source.files() if path.startswith("web/templates/")]
    assert len(pages) > 15
    breaches = [breach for path in pages for breach in not_inert(path, source.text_of(path))]
    assert breaches == [], said(breaches)


@pytest.mark.parametrize(
    "text",
    ['<a onclick="go()">', '<p style="color:red">', "<script>go()</script>", '<a href="javascript:go()">', "<style>"],
)
def test_an_inline_handler_is_noticed(text: str) -> None:
    assert not_inert("page.html", text)


def test_scripts_put_server_text_on_the_page_as_text_only() -> None:
    own = [path for path in source.files() if path.startswith("web/static/js/")]
    unsafe = re.compile(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b|new Function\(")
    assert [path for path in own if unsafe.search(source.text_of(path))] == []
    assert [path for path in own if re.search(r"\b(?:window|globalThis)\.\w+\s*=[^=]", source.text_of(path))] == []
