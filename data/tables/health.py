"""Health of cameras: the narrow state row, observations by day, stretches of health, and pictures."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped


class CameraState(Scoped, Base):
    """Where a camera stands now. Narrow, because it is written at every look, and no column of an index changes then.

    Read health only through `health_now(health, valid_until)`: after `valid_until` it is unknown, whoever is dead.
    """

    __tablename__ = "camera_state"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    checked_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    health: Mapped[str] = mapped_column(Text, server_default="unknown")
    fault: Mapped[str | None] = mapped_column(Text)
    layer: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
    # The change that waits to be confirmed.
    waiting_health: Mapped[str | None] = mapped_column(Text)
    waiting_fault: Mapped[str | None] = mapped_column(Text)
    waiting_layer: Mapped[str | None] = mapped_column(Text)
    waiting_since: Mapped[datetime | None]
    waiting_looks: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    refused_credential_version: Mapped[int | None]
    onvif_refused_credential_version: Mapped[int | None]
    frame_sha256: Mapped[str | None] = mapped_column(Text)
    # The facts last stored in observations, quantised; a new row is added only when they change.
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    pictured_at: Mapped[datetime | None]
    # It comes and goes since then; how often lately, halved as time goes by, and when that was counted.
    unstable_since: Mapped[datetime | None]
    turns: Mapped[float] = mapped_column(server_default=text("0"))
    turned_at: Mapped[datetime | None]
    # Where the camera stands on the map as one number (spot_of in SQL), NULL where it is not shown; follows the record.
    spot: Mapped[int | None]
    in_repair: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        CheckConstraint("health IN ('online','degraded','offline','unknown')", name="health"),
        Index("ix_camera_state_path", "path", postgresql_using="gist"),
        Index("ix_camera_state_spot", "spot"),  # cameras of a tile
        {"postgresql_with": {"fillfactor": 70}},
    )


class Observation(Scoped, Base):
    """Facts of one look, added only when a quantised fact changed; one partition a day."""

    __tablename__ = "observations"
    camera_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = ({"postgresql_partition_by": "RANGE (at)"},)


class ObservationHour(Scoped, Base):
    """What an hour of looks came to: how many, and the extremes that the quantised rows leave out. Times in ms."""

    __tablename__ = "observation_hours"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    looks: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    faults: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    describe_ms_min: Mapped[float | None]
    describe_ms_max: Mapped[float | None]
    key_frame_ms_min: Mapped[float | None]
    key_frame_ms_max: Mapped[float | None]
    clock_skew_s_min: Mapped[float | None]
    clock_skew_s_max: Mapped[float | None]


class HealthInterval(Numbered, Scoped, Base):
    """A stretch of unchanged health; the database refuses two at once for one camera."""

    __tablename__ = "health_intervals"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    area_id: Mapped[int | None]
    health: Mapped[str] = mapped_column(Text)
    fault: Mapped[str | None] = mapped_column(Text)
    layer: Mapped[str | None] = mapped_column(Text)
    during: Mapped[Range[Any]] = mapped_column(TSTZRANGE)
    __table_args__ = (
        ExcludeConstraint(("camera_id", "="), ("during", "&&"), name="one_health_at_a_time", using="gist"),
        CheckConstraint("health IN ('online','degraded','offline','unknown')", name="health"),
        CheckConstraint("NOT isempty(during)", name="during"),
        Index("ix_health_intervals_camera_id_since", "camera_id", text("lower(during)")),  # which failure was repaired
        Index("ix_health_intervals_until", text("upper(during)")),  # what reaches into a day
        Index(  # the open stretch of a camera
            "uq_health_intervals_open",
            "camera_id",
            unique=True,
            postgresql_where=text("upper_inf(during)"),
        ),
    )


class Snapshot(Numbered, Scoped, Base):
    """A stored still picture; the files lie in the picture store, always shown with their age."""

    __tablename__ = "snapshots"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    file: Mapped[str] = mapped_column(Text)
    thumbnail: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    measures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    checks: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    __table_args__ = (
        Index("ix_snapshots_camera_id_at", "camera_id", text("at DESC")),  # last pictures of a camera
        Index("ix_snapshots_at", "at"),  # oldest first, for retention
    )
