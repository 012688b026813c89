"""docs/dependencies.md names every dependency with its pinned version and a reason."""

import json
import re

import pytest

from bench.lib import source
from tests.test_packages import in_lock, in_pyproject

TEXT = source.text_of("docs/dependencies.md")
ROWS = {cells[1].strip(): cells for line in TEXT.splitlines() if len(cells := line.split("|")) == 6}


def test_every_python_package_stands_there_with_its_pinned_version() -> None:
    pins = in_lock("requirements-dev.lock")
    named = {name: ROWS[name][2].strip() for name in in_pyproject("setup", "dev") if name in ROWS}
    assert set(named) == in_pyproject("setup", "dev")
    assert {name: version for name, version in named.items() if pins.get(name, version) != version} == {}


def test_every_front_end_package_stands_there_with_its_version() -> None:
    package = json.loads(source.text_of("package.json"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert {name: ROWS[name][2].strip() for name in wanted if name in ROWS} == wanted


@pytest.mark.parametrize("list_name", ["system_packages", "test_packages"])
def test_every_debian_package_stands_there(list_name: str) -> None:
    listed = re.search(rf"^{list_name}=\(([^)]*)\)", source.text_of("run.sh"), re.MULTILINE)
    assert listed
    names = re.sub(r"-\{[^}]*\}", "", listed[1]).split()
    assert [name for name in names if name not in TEXT] == []


def test_every_row_gives_a_reason() -> None:
    assert len(ROWS) > 30
    assert [name for name, cells in ROWS.items() if not cells[3].strip() or not cells[4].strip()] == []
