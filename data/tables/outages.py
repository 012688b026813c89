"""What is lost and left alone together: links, outages with their members, maintenance windows and their limits."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped, Stamped


class Link(Numbered, Scoped, Base):
    """A line of the network that devices stand behind, known by its name; `path` is the narrowest area around them."""

    __tablename__ = "links"
    name: Mapped[str] = mapped_column(Text, unique=True)
    # The link this one hangs on: what breaks there is lost here too.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("links.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("parent_id <> id", name="parent"),
        Index("ix_links_parent_id", "parent_id"),
    )


class LinkEnd(Numbered, Base):
    """An area or a recorder behind a link; a camera that names its link in its record needs none."""

    __tablename__ = "link_ends"
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), unique=True)
    recorder: Mapped[str | None] = mapped_column(Text, unique=True)
    __table_args__ = (
        CheckConstraint("num_nonnulls(area_id, recorder) = 1", name="one_end"),
        Index("ix_link_ends_link_id", "link_id"),
    )


class Outage(Numbered, Scoped, Base):
    """Many devices lost for one cause. `members` counts all that were ever in it, `members_now` those still lost."""

    __tablename__ = "outages"
    area_id: Mapped[int | None]
    cause_kind: Mapped[str] = mapped_column(Text)
    # The recorder, the number of the link or area, the subnet, or the probe site.
    cause_key: Mapped[str] = mapped_column(Text)
    # What it is called: the name of the recorder, link, area or subnet at that time.
    name: Mapped[str] = mapped_column(Text, server_default="")
    # When the first member was lost, when that was known to be an outage, and when the last one was back.
    opened_at: Mapped[datetime]
    raised_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    closed_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(Text, server_default="unknown")
    note: Mapped[str] = mapped_column(Text, server_default="")
    members: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    members_now: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    # A narrow outage that turned out to be part of a wider one is closed into it.
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("outages.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint("cause_kind IN ('recorder','link','area','correlated','prober')", name="cause_kind"),
        CheckConstraint("cause IN ('power','link','device','platform','unknown')", name="cause"),
        CheckConstraint("closed_at >= opened_at", name="closed"),
        Index(  # one open outage for one cause
            "uq_outages_open",
            "cause_kind",
            "cause_key",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_outages_opened_at", "opened_at"),  # past outages, newest first
    )


class OutageMember(Numbered, Scoped, Base):
    """A camera lost in an outage, from `since` until it was back; in one open outage at a time."""

    __tablename__ = "outage_members"
    outage_id: Mapped[int] = mapped_column(ForeignKey("outages.id", ondelete="CASCADE"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("until >= since", name="until"),
        Index(  # is this camera in an open outage
            "uq_outage_members_open",
            "camera_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_outage_members_outage_id", "outage_id"),
        Index("ix_outage_members_camera_id_since", "camera_id", "since"),  # outages of a camera in a month
        Index("ix_outage_members_path", "path", postgresql_using="gist"),  # outages that touch a scope
    )


class MaintenanceWindow(Numbered, Scoped, Stamped, Base):
    """A time in which a camera, all of an area or all behind a link is worked on, and counts in no rate.

    `starts_at` and `ends_at` are the first turn; further turns begin at the same local time. A monthly turn falls on
    the last day of a month that is too short.
    """

    __tablename__ = "maintenance_windows"
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("links.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    repeats: Mapped[str] = mapped_column(Text, server_default="never")
    timezone: Mapped[str] = mapped_column(Text, server_default="Asia/Shanghai")
    # Nothing of it counts from here on: ended early, or the end of the repetition.
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    __table_args__ = (
        CheckConstraint("num_nonnulls(camera_id, area_id, link_id) = 1", name="one_place"),
        CheckConstraint("ends_at > starts_at", name="during"),
        CheckConstraint("repeats IN ('never','weekly','monthly')", name="repeats"),
        CheckConstraint(
            "repeats = 'never' OR ends_at - starts_at <= CASE repeats WHEN 'weekly' THEN interval '7 days'"
            " ELSE interval '28 days' END",
            name="no_overlap",
        ),
        Index("ix_maintenance_windows_camera_id", "camera_id"),
        Index("ix_maintenance_windows_ended_at", "ended_at"),
    )


class ClassLimit(Base):
    """One limit an administrator changed for one class of cameras; class 0 is every other. Defaults are in code."""

    __tablename__ = "class_limits"
    monitor_class: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __table_args__ = (CheckConstraint("monitor_class IN (0, 1, 2, 3, 9)", name="monitor_class"),)


class Prober(Base):
    """How the prober of a site stands; cut off from its network it gives no verdicts and says so here."""

    __tablename__ = "probers"
    probe_site: Mapped[str] = mapped_column(Text, primary_key=True)
    heard_at: Mapped[datetime]
    cut_off_since: Mapped[datetime | None]
    # What told so: reference, or share.
    reason: Mapped[str] = mapped_column(Text, server_default="")
