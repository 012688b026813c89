"""Merge the translations of a language, one .po file per noun, into the messages.mo that the pages load."""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent


class TranslationError(Exception):
    """A translation cannot be used; the message names the file and the text."""


def merge(folder: Path) -> Catalog:
    """Return one catalog of all .po files in `folder`; its name is the language.

    Raises TranslationError when two files translate one text differently, or a placeholder was lost.
    """
    merged = Catalog(locale=folder.name)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            _add(merged, read_po(file, locale=folder.name, abort_invalid=True), path)
    return merged


def compile_language(folder: Path) -> Path:
    """Write LC_MESSAGES/messages.mo of the language in `folder` and return its path."""
    target = folder / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(exist_ok=True)
    draft = target.with_suffix(".new")
    with draft.open("wb") as file:
        write_mo(file, merge(folder))
    return draft.rename(target)


def _add(merged: Catalog, read: Catalog, path: Path) -> None:
    for message in read:
        if not message.id or not message.string:
            continue
        there = merged.get(message.id, message.context)
        if there and there.string != message.string:
            raise TranslationError(f"{path}: {message.id!r} is translated differently in another file.")
        wrong = list(message.check(read))
        if wrong:
            raise TranslationError(f"{path}: {message.id!r}: {wrong[0]}")
        merged.add(message.id, message.string, flags=message.flags, context=message.context)


def main() -> int:
    """Compile every language beside this file; return the exit code."""
    try:
        for folder in sorted(path for path in FOLDER.iterdir() if any(path.glob("*.po"))):
            compile_language(folder)
    except (TranslationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
