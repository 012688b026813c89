"""Cameras: stream templates and sealed passwords."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session


def stream_templates(session: Session) -> Mapping[str, str]:
    """Return how recorders name the stream of a channel, by the vendor's name in small letters."""
    rows = session.execute(text("SELECT vendor, path_template FROM stream_templates"))
    return {row.vendor.casefold(): row.path_template for row in rows}


def sealed_passwords(session: Session, codes: Sequence[str]) -> Mapping[str, bytes]:
    """Return the sealed passwords of cameras that have one, by code; only the owner may ask."""
    rows = session.execute(
        text(
            "SELECT code, password_encrypted FROM cameras WHERE code = ANY(:codes) AND password_encrypted IS NOT NULL"
        ),
        {"codes": list(codes)},
    )
    return {row.code: bytes(row.password_encrypted) for row in rows}
