"""The translations of all nouns merge into one catalogue, and a contradiction is refused."""

import gettext
import runpy
import shutil
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "web" / "locale" / "compile.py"
LANGUAGES = sorted(path for path in SCRIPT.parent.iterdir() if any(path.glob("*.po")))
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "{}"\nmsgstr "{}"\n'
compiling = runpy.run_path(str(SCRIPT))


def write(folder: Path, **files: tuple[str, str]) -> Path:
    folder.mkdir()
    for name, (source, translated) in files.items():
        (folder / f"{name}.po").write_text(PO.format(source, translated))
    return folder


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: str(path.name))
def test_the_translations_of_the_program_merge(language: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(language, tmp_path / language.name))
    with compiling["compile_language"](copied).open("rb") as file:
        loaded = gettext.GNUTranslations(file)
    assert loaded.gettext("Cameras") != "Cameras"


def test_files_of_several_nouns_become_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "zh_CN", a=("Camera", "摄像机"), b=("Button", "一键报警"), c=("Camera", "摄像机"))
    with compiling["compile_language"](folder).open("rb") as file:
        loaded = gettext.GNUTranslations(file)
    assert [loaded.gettext("Camera"), loaded.gettext("Button"), loaded.gettext("new")] == ["摄像机", "一键报警", "new"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": ("Camera", "摄像机"), "b": ("Camera", "点位")}, "differently in another file"),
        ({"a": ("%(n)s cameras", "%(m)s 台")}, "placeholder"),
    ],
)
def test_a_contradiction_or_a_lost_placeholder_is_refused(
    files: dict[str, tuple[str, str]], reason: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "zh_CN", **files)
    for file in folder.glob("*.po"):
        file.write_text(file.read_text().replace('msgid "%', '#, python-format\nmsgid "%'))
    with pytest.raises(compiling["TranslationError"], match=reason):
        compiling["compile_language"](folder)
    assert not (folder / "LC_MESSAGES" / "messages.mo").exists()
