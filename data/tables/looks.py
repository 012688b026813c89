"""Whose turn it is to be looked at. Written at every look, so narrow; not logged, since a lost turn comes again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base


class LookTurn(Base):
    """When a camera is looked at next; every camera that is looked at has one. '-infinity': somebody asked."""

    __tablename__ = "look_turns"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    next_check_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    probe_site: Mapped[str] = mapped_column(Text)
    recorder: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_look_turns_probe_site_next_check_at", "probe_site", "next_check_at"),  # take_due
        {"prefixes": ["UNLOGGED"], "postgresql_with": {"fillfactor": 70}},
    )


class RecorderTurn(Base):
    """Whether a worker looks at a channel of a recorder just now; a worker that died loses it with time."""

    __tablename__ = "recorder_turns"
    recorder: Mapped[str] = mapped_column(Text, primary_key=True)
    busy_until: Mapped[datetime] = mapped_column(server_default=text("'-infinity'"))
    __table_args__ = ({"prefixes": ["UNLOGGED"], "postgresql_with": {"fillfactor": 50}},)
