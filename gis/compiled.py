"""Loops as machine code: the one door to numba.

Numba keeps what it has compiled, but notices a change only in the file a function stands in, not in those it calls.
So the code is kept in a folder named after the source of every module that compiles anything. It lies beside the
source, or where this user may write: in the home of the installation, or in the cache of the user. Where none of them
can be written, every process compiles for itself.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

from data import settings

Given = ParamSpec("Given")
Back = TypeVar("Back")

_DOORLESS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
SOURCE = Path(__file__).resolve().parent


def compiled(function: Callable[Given, Back]) -> Callable[Given, Back]:
    """Compile a function when it is first called; it lets other threads run meanwhile, and 1 / 0 is infinite."""
    return cast(Callable[Given, Back], numba.njit(nogil=True, cache=_KEEPS, error_model="numpy")(function))


def making(function: Callable[Given, Back]) -> Callable[Given, Back]:
    """Compile a function that only compiled ones call: without a door for Python, whose making takes long."""
    return cast(Callable[Given, Back], numba.njit(nogil=True, cache=_KEEPS, error_model="numpy", **_DOORLESS)(function))


def part(function: Callable[Given, Back]) -> Callable[Given, Back]:
    """Compile a function as `making` does that makes and returns no array: it need not count who holds which.

    Counting takes longer than the sums between. An array returned by such a function would be freed too early.
    """
    uncounted = {"_nrt": False, **_DOORLESS}
    return cast(Callable[Given, Back], numba.njit(nogil=True, cache=_KEEPS, error_model="numpy", **uncounted)(function))


def keep_in(folders: Iterator[Path], *, name: str) -> Path | None:
    """Return the first folder `name` that can be made and written in one of the folders, None if there is none."""
    for folder in folders:
        kept = folder / name
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(kept, os.W_OK | os.X_OK):
            return kept
    return None


def _folders() -> Iterator[Path]:
    if "NUMBA_CACHE_DIR" in os.environ:
        yield Path(os.environ["NUMBA_CACHE_DIR"])
    yield SOURCE / "__pycache__"
    home = settings.get().home
    if home.is_dir():
        yield home / "compiled"
    yield Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "sharpeyes"


def _stamp() -> str:
    """Return a name for the source of all modules that compile anything."""
    digest = hashlib.sha256()
    for file in sorted(SOURCE.glob("*.py")):
        text = file.read_bytes()
        if b"gis.compiled" in text:
            digest.update(text)
    return f"compiled-{digest.hexdigest()[:16]}"


_KEPT = keep_in(_folders(), name=_stamp())
_KEEPS = _KEPT is not None
if _KEPT is not None:
    vars(numba.config)["CACHE_DIR"] = str(_KEPT)
