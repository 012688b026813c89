"""Queries that read better as SQL, one file each, loaded by name."""

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

FOLDER = Path(__file__).resolve().parent


@cache
def query(name: str) -> TextClause:
    """Return the statement in `name`.sql, its parameters still open."""
    return text((FOLDER / f"{name}.sql").read_text())
