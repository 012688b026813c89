"""What the system itself needs: pushed events, options, import runs and base maps."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped


class Event(Numbered, Scoped, Base):
    """A change that open pages must hear of. NOTIFY carries its number only; push filters it by path."""

    __tablename__ = "events"
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (Index("ix_events_at", "at"),)


class Option(Base):
    """A value an administrator may change, such as a threshold or a label."""

    __tablename__ = "options"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ImportRun(Numbered, Base):
    """A file given to the import page: its dry run, what became of it, and the rows with reasons."""

    __tablename__ = "import_runs"
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    stored_as: Mapped[str] = mapped_column(Text)
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint("state IN ('waiting','checking','checked','applying','applied','refused')", name="state"),
        Index("ix_import_runs_account_id", "account_id"),
    )


class BaseMap(Numbered, Base):
    """A map service of the intranet, fetched through the server; its CRS says where its tiles lie."""

    __tablename__ = "base_maps"
    name: Mapped[str] = mapped_column(Text, unique=True)
    url_template: Mapped[str] = mapped_column(Text)
    crs: Mapped[str] = mapped_column(Text, server_default="wgs84")
    attribution: Mapped[str] = mapped_column(Text, server_default="")
    active: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (CheckConstraint("crs IN ('wgs84','cgcs2000','gcj02','bd09')", name="crs"),)
