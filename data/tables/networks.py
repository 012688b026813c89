"""Networks whose devices may be contacted, what was found in them, and when a login was last tried."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, CIDR, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Stamped


class Network(Numbered, Stamped, Base):
    """A network whose devices may be contacted: from one probe site, or from every one where none is named.

    The login is for devices found in it and for nothing else; the password is encrypted with a key outside the
    database. At most `rate_per_s` connections a second are opened when it is swept.
    """

    __tablename__ = "networks"
    cidr: Mapped[str] = mapped_column(CIDR)
    name: Mapped[str] = mapped_column(Text)
    probe_site: Mapped[str] = mapped_column(Text, server_default="")
    sweep: Mapped[bool] = mapped_column(server_default=text("false"))
    rate_per_s: Mapped[int] = mapped_column(server_default=text("20"))
    rtsp_ports: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{554,8554}")
    onvif_ports: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{80,8080,8000,8899}")
    username: Mapped[str | None] = mapped_column(Text)
    password_encrypted: Mapped[bytes | None]
    __table_args__ = (
        UniqueConstraint("cidr", "probe_site", name="uq_networks_cidr"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("rate_per_s BETWEEN 1 AND 500", name="rate"),
        CheckConstraint("(username IS NULL) = (password_encrypted IS NULL)", name="login"),
        CheckConstraint(
            "NOT sweep OR masklen(cidr) >= CASE family(cidr) WHEN 4 THEN 16 ELSE 112 END", name="sweepable"
        ),
    )


class DiscoveryRun(Numbered, Base):
    """One order of the discovery page: networks to sweep, or found devices to add; how far it is, and its report."""

    __tablename__ = "discovery_runs"
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    probe_site: Mapped[str] = mapped_column(Text)
    network_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    started_at: Mapped[datetime | None]
    # A run whose worker fell silent is taken up by another.
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(server_default=text("0"))
    done: Mapped[int] = mapped_column(server_default=text("0"))
    found: Mapped[int] = mapped_column(server_default=text("0"))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint("kind IN ('sweep','add')", name="kind"),
        CheckConstraint("state IN ('waiting','running','cancelling','cancelled','done','failed')", name="state"),
        # The runs that are not finished, the oldest first.
        Index("ix_discovery_runs_open", "asked_at", postgresql_where=text("finished_at IS NULL")),
    )


class FoundDevice(Numbered, Base):
    """A device that answered, and how it stands to the record. Its words are the device's own, so hostile.

    `known_by` is the best it is known by, in this order: MAC address, serial number, identity of WS-Discovery, address.
    """

    __tablename__ = "found_devices"
    network_id: Mapped[int | None] = mapped_column(ForeignKey("networks.id", ondelete="SET NULL"))
    known_by: Mapped[str] = mapped_column(Text, unique=True)
    ip: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(Text)
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="SET NULL"))
    moved_from: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    mac: Mapped[str | None] = mapped_column(Text)
    uuid: Mapped[str | None] = mapped_column(Text)
    serial: Mapped[str | None] = mapped_column(Text)
    vendor: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    firmware: Mapped[str | None] = mapped_column(Text)
    said_name: Mapped[str | None] = mapped_column(Text)
    rtsp_port: Mapped[int | None]
    onvif_url: Mapped[str | None] = mapped_column(Text)
    asks_login: Mapped[bool] = mapped_column(server_default=text("false"))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("discovery_runs.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint("standing IN ('new','known','moved','changed','gone','outside')", name="standing"),
        Index("ix_found_devices_standing", "standing", "ip"),  # the list with its filter
        Index("ix_found_devices_camera_id", "camera_id"),  # what a camera was found by
    )


class LoginTry(Base):
    """When a device was last tried with a login, by one thing it is known by; a restart forgets none."""

    __tablename__ = "login_tries"
    known_by: Mapped[str] = mapped_column(Text, primary_key=True)
    tried_at: Mapped[datetime]
