"""Rates: health counted by days and months, how the assessment counts, months as submitted, superiors' lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped


class HealthDay(Base):
    """What a camera came to on a day of the installation's time zone, in whole seconds; counted from the intervals.

    Days on which it was not in use at all have no row. The web role reads it through functions that know the scope.
    """

    __tablename__ = "health_days"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    good_s: Mapped[int] = mapped_column(Integer)
    bad_s: Mapped[int] = mapped_column(Integer)
    blocked_s: Mapped[int] = mapped_column(Integer)
    offline_s: Mapped[int] = mapped_column(Integer)
    unchecked_s: Mapped[int] = mapped_column(Integer)
    maintenance_s: Mapped[int] = mapped_column(Integer)
    out_s: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    repairs: Mapped[int] = mapped_column(Integer)
    repair_s: Mapped[int]
    # Whether its clock was right at every look of the day; None when nobody could read it.
    clock_good: Mapped[bool | None] = mapped_column(Boolean)
    # Seconds of the due time of which it has recordings; None when it was not asked.
    recorded_s: Mapped[int | None] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_health_days_day", "day"),  # a month of all cameras
        {"postgresql_with": {"fillfactor": 90}},
    )


class HealthMonth(Base):
    """The days of a month added up, one row a camera; counted up to `counted_until`."""

    __tablename__ = "health_months"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    counted_until: Mapped[datetime]
    good_s: Mapped[int]
    bad_s: Mapped[int]
    blocked_s: Mapped[int]
    offline_s: Mapped[int]
    unchecked_s: Mapped[int]
    maintenance_s: Mapped[int]
    out_s: Mapped[int]
    online_days: Mapped[int]
    not_online_days: Mapped[int]
    unchecked_days: Mapped[int]
    clock_good_days: Mapped[int]
    clock_bad_days: Mapped[int]
    clock_unread_days: Mapped[int]
    recorded_s: Mapped[int]
    unrecorded_s: Mapped[int]
    recording_unchecked_s: Mapped[int]
    failures: Mapped[int]
    repairs: Mapped[int]
    repair_s: Mapped[int]
    __table_args__ = (
        Index("ix_health_months_month", "month"),  # a month of all cameras
        {"postgresql_with": {"fillfactor": 90}},
    )


class RateBasis(Base):
    """How a rate counts where an administrator changed it: its weight, denominator and target. Defaults are in code."""

    __tablename__ = "rate_basis"
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    weight: Mapped[int] = mapped_column(Integer)
    of: Mapped[str] = mapped_column(Text)
    target: Mapped[float | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __table_args__ = (
        CheckConstraint("weight BETWEEN 0 AND 100", name="weight"),
        CheckConstraint("target BETWEEN 0 AND 100", name="target"),
    )


class Report(Numbered, Scoped, Base):
    """A month as it was submitted, or a later version of it; never changed. `area_code` is '' for everything."""

    __tablename__ = "reports"
    month: Mapped[date]
    area_code: Mapped[str] = mapped_column(Text)
    area_name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    submitted_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    counted_until: Mapped[datetime]
    # Weights, denominators and targets as they were; days, outages and what differs from the former version.
    basis: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        UniqueConstraint("month", "area_code", "version", name="uq_reports_version"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_reports_path", "path", postgresql_using="gist"),
    )


class ReportCamera(Scoped, Base):
    """A camera of a submitted month: where it stood and what it came to."""

    __tablename__ = "report_cameras"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    camera_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    record_state: Mapped[str] = mapped_column(Text)
    town_code: Mapped[str | None] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    village_code: Mapped[str | None] = mapped_column(Text)
    village: Mapped[str | None] = mapped_column(Text)
    cell_code: Mapped[str | None] = mapped_column(Text)
    cell: Mapped[str | None] = mapped_column(Text)
    monitor_class: Mapped[str | None] = mapped_column(Text)
    vendor: Mapped[str | None] = mapped_column(Text)
    maintainer: Mapped[str | None] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(Text)
    cameras: Mapped[int]
    in_use: Mapped[int]
    repair: Mapped[int]
    dismantled: Mapped[int]
    planned: Mapped[int]
    placed: Mapped[int]
    placed_in_use: Mapped[int]
    complete: Mapped[int]
    complete_in_use: Mapped[int]
    labelled: Mapped[int]
    labelled_in_use: Mapped[int]
    good_s: Mapped[int]
    bad_s: Mapped[int]
    blocked_s: Mapped[int]
    offline_s: Mapped[int]
    unchecked_s: Mapped[int]
    maintenance_s: Mapped[int]
    out_s: Mapped[int]
    online_days: Mapped[int]
    not_online_days: Mapped[int]
    unchecked_days: Mapped[int]
    clock_good_days: Mapped[int]
    clock_bad_days: Mapped[int]
    clock_unread_days: Mapped[int]
    recorded_s: Mapped[int]
    unrecorded_s: Mapped[int]
    recording_unchecked_s: Mapped[int]
    failures: Mapped[int]
    repairs: Mapped[int]
    repair_s: Mapped[int]


class ClaimList(Numbered, Scoped, Base):
    """A superior's list of bad devices (通报) as it was handed in and compared."""

    __tablename__ = "claim_lists"
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    file_name: Mapped[str] = mapped_column(Text)


class Claim(Scoped, Base):
    """One row of such a list beside what we know of that time; `claimed` is what the row says, in its own words."""

    __tablename__ = "claims"
    list_id: Mapped[int] = mapped_column(ForeignKey("claim_lists.id"), primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    claimed: Mapped[str] = mapped_column(Text)
    camera_id: Mapped[int | None]
    finding: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint("finding IN ('agrees', 'disputed', 'no_evidence', 'unreadable')", name="finding"),
    )
