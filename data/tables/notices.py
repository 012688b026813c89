"""Telling people: the channels they hear through, the rules that say what, and everything that was told."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped, Stamped


class NoticeChannel(Numbered, Scoped, Base):
    """A way to a unit: the webhook of a program, or mailboxes of posts, never of persons. Secrets are sealed."""

    __tablename__ = "notice_channels"
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    language: Mapped[str] = mapped_column(Text, server_default="zh_CN")
    # A certificate authority of the intranet, in PEM; the system's own are always believed.
    authority: Mapped[str] = mapped_column(Text, server_default="")
    url: Mapped[str] = mapped_column(Text, server_default="")
    secret_encrypted: Mapped[bytes | None]
    host: Mapped[str] = mapped_column(Text, server_default="")
    port: Mapped[int] = mapped_column(Integer, server_default=text("25"))
    security: Mapped[str] = mapped_column(Text, server_default="starttls")
    username: Mapped[str] = mapped_column(Text, server_default="")
    password_encrypted: Mapped[bytes | None]
    sender: Mapped[str] = mapped_column(Text, server_default="")
    recipients: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    # How the last delivery went.
    sent_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        CheckConstraint("way IN ('webhook','mail')", name="way"),
        CheckConstraint("security IN ('none','starttls','tls')", name="security"),
        CheckConstraint("language IN ('zh_CN','en')", name="language"),
        CheckConstraint("name <> ''", name="named"),
    )


class NoticeRule(Numbered, Scoped, Base):
    """Which matters are told to which channels, and when; desk/notices.py decides by it. Times in seconds."""

    __tablename__ = "notice_rules"
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    classes: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channels: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    delay_s: Mapped[int] = mapped_column(Integer)
    group_s: Mapped[int] = mapped_column(Integer)
    remind_s: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    timezone: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("kinds <@ '{outage,offline,degraded,unknown}'", name="kinds"),
        CheckConstraint("delay_s >= 0 AND group_s >= 0 AND remind_s >= 0", name="times"),
        CheckConstraint("remind_s = 0 OR remind_s >= 600", name="remind"),
        CheckConstraint("num_nonnulls(quiet_from, quiet_until) <> 1", name="quiet"),
        CheckConstraint("name <> ''", name="named"),
    )


class Notice(Numbered, Scoped, Stamped, Base):
    """A message on its way: kept before it is sent, taken for a time while it is, and tried again when that failed."""

    __tablename__ = "notices"
    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channels.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text, server_default="message")
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    lines: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    # When it may be tried; while it is being sent, until when whoever sends it is believed to be alive.
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    sent_at: Mapped[datetime | None]
    # Why the last attempt failed, and what the other side answered to the one that went well.
    reason: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        CheckConstraint("kind IN ('message','test')", name="kind"),
        CheckConstraint("state IN ('waiting','sending','sent','failed')", name="state"),
        Index(  # the oldest that waits, of each channel
            "ix_notices_waiting",
            "channel_id",
            "id",
            postgresql_where=text("state IN ('waiting','sending')"),
        ),
        Index("ix_notices_created_at", "created_at"),  # the outbox, newest first; what is past its time
    )


class NoticeLine(Numbered, Base):
    """One matter in a message; its unique key holds that nothing is told twice. Until `closed` it is not over."""

    __tablename__ = "notice_lines"
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    rule_id: Mapped[int]
    # camera:17 or outage:4
    matter: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(Text)
    trouble: Mapped[str] = mapped_column(Text)
    devices: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    # What it was called and where it hung when it was told.
    said: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    closed: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        CheckConstraint("step IN ('opened','worse','reminded','recovered')", name="step"),
        Index("uq_notice_lines_told", "channel_id", "matter", "since", "times", unique=True),
        Index(  # what was told of matters that are not over
            "ix_notice_lines_open",
            "channel_id",
            "matter",
            postgresql_where=text("NOT closed"),
        ),
        Index("ix_notice_lines_notice_id", "notice_id"),  # the lines of a message
    )
