"""Which scripts a page will need, so that browsers fetch them at once and not one import after another."""

import re
from functools import cache
from pathlib import Path

from web import navigation, vendor

STATIC = Path(__file__).resolve().parent / "static"
IMPORT = re.compile(
    r"""^\s*(?:import|export)\b[^"';]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']""", re.MULTILINE
)


@cache
def every_module(entry: str) -> tuple[str, ...]:
    """Return the files below static/ that the script `entry` imports, itself included, as they are met."""
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        file = waiting.pop(0)
        if file in found or not (STATIC / file).is_file():
            continue
        found[file] = None
        waiting += [
            _file_of(name, file) for pair in IMPORT.findall((STATIC / file).read_text()) for name in pair if name
        ]
    return tuple(found)


def _file_of(name: str, asker: str) -> str:
    if name.startswith("."):
        return (STATIC / asker).parent.joinpath(name).resolve().relative_to(STATIC).as_posix()
    if name in vendor.imports():
        return f"vendor/{vendor.imports()[name]}"
    folder, _, rest = name.partition("/")
    return navigation.OWN_FOLDERS.get(f"{folder}/", f"{folder}/") + rest
