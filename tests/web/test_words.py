"""Every string of the pages is there in Chinese, and says the same things in both languages."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract_from_dir

from data import options
from web import catalog, labels, words

WEB = Path(words.__file__).resolve().parent
METHODS = [
    ("static/vendor/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("static/js/**.js", "javascript"),
]
KEYWORDS = {"_": None, "mark": None, "t": None, "Refusal": None, "Missing": None, "Taken": None, "TooOften": None}
CATALOGS = sorted(catalog.FOLDER.glob("*/*.po"))


def sources() -> dict[str, str]:
    """Return every source string with the file it stands in."""
    found = {
        message: f"{folder.name}/{file}"
        for folder in (WEB, WEB.parent / "data")
        for file, _, message, _, _ in extract_from_dir(folder, METHODS, keywords=KEYWORDS)
        if isinstance(message, str) and message
    }
    found |= {option.title: "data/options.py" for option in options.KNOWN}
    return found | {english: "web/labels.py" for of in labels.LABELS.values() for english in of.values()}


def fields(sentence: str) -> list[str]:
    return sorted(re.findall(r"%\((\w+)\)s", sentence))


def test_every_string_has_a_chinese_translation() -> None:
    chinese = catalog.catalog("zh_CN")
    missing = {f"{file}: {english}" for english, file in sources().items() if english not in chinese}
    assert sorted(missing) == []


def constants() -> set[str]:
    """Return every constant string of the packages: sentences that travel before they are shown."""
    files = [file for package in ("web", "data", "video", "desk") for file in (WEB.parent / package).rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_no_translation_is_left_over() -> None:
    scripts = "".join(file.read_text() for file in (WEB / "static" / "js").rglob("*.js"))
    kept = {english for english in catalog.catalog("zh_CN") if english in scripts}
    assert sorted(set(catalog.catalog("zh_CN")) - set(sources()) - constants() - kept) == []


@pytest.mark.parametrize("file", CATALOGS, ids=lambda file: file.name)
def test_a_translation_fills_in_the_same_values(file: Path) -> None:
    with file.open("rb") as lines:
        for message in pofile.read_po(lines, abort_invalid=True):
            if message.id:
                assert fields(str(message.string)) == fields(str(message.id)), message.id


def test_a_string_in_two_files_is_translated_alike() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for file in CATALOGS:
        with file.open("rb") as lines:
            for message in pofile.read_po(lines):
                if message.id:
                    first = seen.setdefault(str(message.id), (str(message.string), file.name))
                    assert str(message.string) == first[0], (message.id, file.name, first[1])


def test_words_of_a_page_cannot_end_their_element() -> None:
    assert "<" not in words.as_json("zh_CN")
