"""Queries that read better as SQL, one file each, loaded by name."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, text

FOLDER = Path(__file__).resolve().parent


@cache
def query(name: str) -> TextClause:
    """Return the statement in `name`.sql, its parameters still open."""
    return text((FOLDER / f"{name}.sql").read_text())


def as_json(value: Any) -> str:
    """Return rows as the JSON that jsonb_to_recordset reads; times in ISO form."""
    return json.dumps(value, default=lambda odd: odd.isoformat() if isinstance(odd, datetime) else str(odd))
