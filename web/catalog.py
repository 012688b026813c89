"""The translations of all pages and messages; knows nothing of requests, so that jobs may use it too."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages import pofile

FOLDER = Path(__file__).resolve().parent / "locale"


@cache
def catalog(wanted: str) -> Mapping[str, str]:
    """Return the translations of a language; of the source language, none."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / wanted).glob("*.po")):
        with file.open("rb") as lines:
            found |= {
                str(message.id): str(message.string)
                for message in pofile.read_po(lines)
                if message.id and message.string and not message.fuzzy
            }
    return MappingProxyType(found)
