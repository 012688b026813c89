"""One-key alarm buttons, the signals they send and the alarms that operators answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Pointed, Scoped, Stamped


class Button(Numbered, Pointed, Scoped, Stamped, Base):
    """A one-key alarm device. Its secret is encrypted with a key outside the database."""

    __tablename__ = "buttons"
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    record_state: Mapped[str] = mapped_column(Text, server_default="in_use")
    place: Mapped[str] = mapped_column(Text, server_default="")
    duty_line: Mapped[str] = mapped_column(Text, server_default="")
    secret_encrypted: Mapped[bytes | None]
    heartbeat_s: Mapped[float] = mapped_column(server_default=text("60"))
    __table_args__ = (
        CheckConstraint("heartbeat_s > 0", name="heartbeat"),
        Index("ix_buttons_path", "path", postgresql_using="gist"),
        Index("ix_buttons_geom", "geom", postgresql_using="gist"),
    )


class ButtonState(Scoped, Base):
    """When a button last spoke and how long its word holds."""

    __tablename__ = "button_state"
    button_id: Mapped[int] = mapped_column(ForeignKey("buttons.id", ondelete="CASCADE"), primary_key=True)
    heard_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    health: Mapped[str] = mapped_column(Text, server_default="unknown")
    fault: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
    pressed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("health IN ('online','degraded','offline','unknown')", name="health"),
        Index("ix_button_state_valid_until", "valid_until"),
    )


class ButtonInterval(Numbered, Scoped, Base):
    """A stretch of unchanged health of a button."""

    __tablename__ = "button_intervals"
    button_id: Mapped[int] = mapped_column(ForeignKey("buttons.id", ondelete="CASCADE"))
    health: Mapped[str] = mapped_column(Text)
    fault: Mapped[str | None] = mapped_column(Text)
    during: Mapped[Range[Any]] = mapped_column(TSTZRANGE)
    __table_args__ = (
        ExcludeConstraint(("button_id", "="), ("during", "&&"), name="one_button_health_at_a_time", using="gist"),
    )


class Signal(Numbered, Scoped, Base):
    """What a device sent, as it was received; durable before it is answered, and never altered."""

    __tablename__ = "signals"
    button_id: Mapped[int] = mapped_column(ForeignKey("buttons.id"))
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    sent_at: Mapped[datetime]
    way: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    __table_args__ = (
        CheckConstraint("kind IN ('press','heartbeat','test')", name="kind"),
        Index("uq_signals_nonce", "button_id", "nonce", unique=True),  # a replay is refused here
        Index("ix_signals_received_at", "received_at"),
    )


class Alarm(Numbered, Pointed, Scoped, Base):
    """What an operator must answer. One open alarm per button; further presses are counted on it."""

    __tablename__ = "alarms"
    button_id: Mapped[int] = mapped_column(ForeignKey("buttons.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    state: Mapped[str] = mapped_column(Text, server_default="active")
    raised_at: Mapped[datetime]
    presses: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    finding: Mapped[str | None] = mapped_column(Text)
    finding_note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        CheckConstraint("state IN ('active','acknowledged','closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL AND finding IS NOT NULL)", name="closed"),
        Index("uq_alarms_open", "button_id", unique=True, postgresql_where=text("state <> 'closed'")),
        Index("ix_alarms_raised_at", "raised_at"),
        Index("ix_alarms_path", "path", postgresql_using="gist"),
    )


class AlarmStep(Numbered, Scoped, Base):
    """One step in the life of an alarm: who, when, what. Rows are added, never changed."""

    __tablename__ = "alarm_steps"
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarms.id"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    step: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (Index("ix_alarm_steps_alarm_id", "alarm_id"),)
