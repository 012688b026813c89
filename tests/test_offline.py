"""Nothing points outside the machine: no foreign map or font, no path of somebody's computer.

That no file names a package registry is held by tests/test_packages.py.
"""

import re

import pytest

from bench.lib import source

# Catalogues of checksums, and this file.
READ = [
    path for path in source.files() if not path.endswith((".lock", ".png", ".jpg")) and path != "tests/test_offline.py"
]
FOREIGN = {
    "a foreign map": r"tile\.openstreetmap|tile\.osm|cartocdn|api\.mapbox|arcgisonline|amap\.com|bdimg|tianditu\.gov",
    "a content network": r"unpkg\.com|jsdelivr|cdnjs|googleapis|gstatic|fonts\.google|bootcdn",
    "a path of one machine": r"(?<![\w.])(?:/wor[k]/|/home/[a-z]+/|/Users/)",
}
# Names of formats are written as addresses; nobody asks them for anything.
NAMES = r"http://www\.w3\.org/|https?://(?:127\.0\.0\.1|localhost|10\.)|http://www\.opengis\.net/"
PAGES = ("web/templates/", "web/static/")


def pointing_outside(texts: dict[str, str], what: str) -> list[str]:
    """Return path and line of what looks like `what`."""
    lines = [(path, number, line) for path, text in texts.items() for number, line in enumerate(text.splitlines(), 1)]
    return [f"{path}:{number} {line.strip()[:80]}" for path, number, line in lines if re.search(FOREIGN[what], line)]


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    assert len(READ) > 300
    assert pointing_outside({path: source.text_of(path) for path in READ}, what) == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a foreign map", "https://tile.openstreetmap.org/1/2/3.png"),
        ("a content network", '<script src="https://unpkg.com/leaflet">'),
        ("a path of one machine", "/".join(("cd ", "work", "main"))),
        ("a path of one machine", "open('/home/li/cameras.csv')"),
    ],
)
def test_what_points_outside_is_noticed(what: str, line: str) -> None:
    assert pointing_outside({"a": line}, what)


def addresses(text: str) -> list[str]:
    """Return the addresses in a text that a browser could ask for."""
    return [
        found
        for found in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"']*", text)
        if not re.match(NAMES, found)
    ]


def test_no_page_script_or_style_names_another_host() -> None:
    pages = {path: source.text_of(path) for path in READ if path.startswith(PAGES) and not path.endswith(".svg")}
    assert len(pages) > 60
    assert {path: found for path, text in pages.items() if (found := addresses(text))} == {}


def test_another_host_on_a_page_is_noticed() -> None:
    assert addresses('<img src="//example.com/a.png">')
    assert addresses('fetch("https://example.com/x")')
    assert not addresses('"http://www.w3.org/2000/svg"')
