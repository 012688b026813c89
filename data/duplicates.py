"""What cameras can be recognised by beside their codes, for finding those that were entered twice."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def identities(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield code, name, addresses, kind and place of every camera of the scope that is not dismantled, by code."""
    rows = session.execute(
        text(
            "SELECT code, name, rtsp_url, recorder, recorder_channel, ipv4, mac, ptz_type, bearing_deg,"
            " ST_X(geom) AS lng, ST_Y(geom) AS lat FROM cameras WHERE record_state <> 'dismantled' ORDER BY code"
        )
    )
    for row in rows.mappings():
        yield dict(row)
