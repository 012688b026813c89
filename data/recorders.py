"""How each vendor's recorders name the stream of a channel; editable, since firmware differs."""

import re

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Refusal


def templates(session: Session) -> dict[str, str]:
    """Return the path template of every vendor."""
    rows = session.execute(text("SELECT vendor, path_template FROM stream_templates ORDER BY vendor"))
    return {row.vendor: row.path_template for row in rows}


def keep(session: Session, vendor: str, path_template: str) -> None:
    """Write the template of a vendor, as /Streaming/Channels/{channel}01. Raises Refusal for one that will not do."""
    if not path_template.startswith("/") or re.findall(r"\{[^}]*\}", path_template) != ["{channel}"]:
        raise Refusal("The path begins with / and holds {channel} once, as /unicast/c{channel}/s0/live.", field="path")
    session.execute(
        text(
            "INSERT INTO stream_templates (vendor, path_template) VALUES (:vendor, :path)"
            " ON CONFLICT (vendor) DO UPDATE SET path_template = excluded.path_template"
        ),
        {"vendor": vendor, "path": path_template},
    )


def remove(session: Session, vendor: str) -> None:
    """Forget a vendor."""
    session.execute(text("DELETE FROM stream_templates WHERE vendor = :vendor"), {"vendor": vendor})
