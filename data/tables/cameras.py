"""The camera record (一机一档), its changes, and how recorders build stream addresses."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Pointed, Scoped, Stamped


class Camera(Numbered, Pointed, Scoped, Stamped, Base):
    """The thing on the pole: where it is, how it looks, how it is reached, who answers for it.

    Angles in degrees, bearing clockwise from true north (NULL = all round or unknown, see `bearing_known`).
    """

    __tablename__ = "cameras"
    code: Mapped[str] = mapped_column(Text, unique=True)
    code_generated: Mapped[bool] = mapped_column(server_default=text("false"))
    name: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    record_state: Mapped[str] = mapped_column(Text, server_default="in_use")
    monitor_class: Mapped[int | None] = mapped_column()
    # Where it looks.
    bearing_deg: Mapped[float | None]
    bearing_doubt_deg: Mapped[float] = mapped_column(server_default=text("0"))
    hfov_deg: Mapped[float | None]
    vfov_deg: Mapped[float | None]
    tilt_deg: Mapped[float | None]
    height_m: Mapped[float | None]
    reach_m: Mapped[float | None]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    max_resolution: Mapped[str | None] = mapped_column(Text)
    # One of the eight directions of GB/T 28181 as the source gave it; the bearing is what counts.
    direction_type: Mapped[int | None]
    # How it is reached. The password is encrypted with a key outside the database.
    rtsp_url: Mapped[str | None] = mapped_column(Text)
    onvif_url: Mapped[str | None] = mapped_column(Text)
    username: Mapped[str | None] = mapped_column(Text)
    password_encrypted: Mapped[bytes | None]
    credential_version: Mapped[int] = mapped_column(server_default=text("0"))
    recorder: Mapped[str | None] = mapped_column(Text)
    recorder_channel: Mapped[int | None]
    # The name of the network link it hangs on, where that is neither its recorder's nor its area's.
    link: Mapped[str | None] = mapped_column(Text)
    probe_site: Mapped[str] = mapped_column(Text, server_default="main")
    ipv4: Mapped[str | None] = mapped_column(Text)
    ipv6: Mapped[str | None] = mapped_column(Text)
    mac: Mapped[str | None] = mapped_column(Text)
    # What it is.
    vendor: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    firmware: Mapped[str | None] = mapped_column(Text)
    ptz_type: Mapped[int | None]
    function: Mapped[str | None] = mapped_column(Text)
    codec: Mapped[str | None] = mapped_column(Text)
    frame_rate: Mapped[float | None]
    bit_rate_kbps: Mapped[int | None]
    key_frame_every: Mapped[int | None]
    fill_light: Mapped[str | None] = mapped_column(Text)
    # Where it hangs.
    address: Mapped[str | None] = mapped_column(Text)
    position_type: Mapped[str | None] = mapped_column(Text)
    indoor: Mapped[bool | None]
    pole: Mapped[str | None] = mapped_column(Text)
    network_kind: Mapped[str | None] = mapped_column(Text)
    power_source: Mapped[str | None] = mapped_column(Text)
    power_duty_line: Mapped[str | None] = mapped_column(Text)
    division_code: Mapped[str | None] = mapped_column(Text)
    # Who answers for it; units and their duty lines, never persons.
    managing_unit: Mapped[str | None] = mapped_column(Text)
    managing_duty_line: Mapped[str | None] = mapped_column(Text)
    maintaining_unit: Mapped[str | None] = mapped_column(Text)
    maintaining_duty_line: Mapped[str | None] = mapped_column(Text)
    install_date: Mapped[date | None]
    build_phase: Mapped[str | None] = mapped_column(Text)
    osd_name: Mapped[str | None] = mapped_column(Text)
    retention_days: Mapped[int | None]
    asset_number: Mapped[str | None] = mapped_column(Text)
    security_level: Mapped[str | None] = mapped_column(Text)
    signage_date: Mapped[date | None]
    legal_basis: Mapped[str | None] = mapped_column(Text)
    filing_date: Mapped[date | None]
    # A guarded update names the version it read; another hand was faster when it no longer matches.
    version: Mapped[int] = mapped_column(server_default=text("1"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __table_args__ = (
        CheckConstraint("record_state IN ('planned','in_use','repair','dismantled')", name="record_state"),
        CheckConstraint("bearing_deg >= 0 AND bearing_deg < 360", name="bearing"),
        CheckConstraint("hfov_deg > 0 AND hfov_deg <= 360", name="hfov"),
        CheckConstraint("monitor_class IN (1, 2, 3, 9)", name="monitor_class"),
        CheckConstraint("direction_type BETWEEN 1 AND 8", name="direction_type"),
        CheckConstraint("code <> '' AND name <> ''", name="named"),
        Index("ix_cameras_path", "path", postgresql_using="gist"),  # lists and counts inside a scope
        Index("ix_cameras_geom", "geom", postgresql_using="gist"),  # cameras in a box or near a point
        Index("ix_cameras_area_id", "area_id"),
        Index("ix_cameras_link", "link", postgresql_where=text("link IS NOT NULL")),  # what stands behind a link
        Index("ix_cameras_recorder", "recorder", postgresql_where=text("recorder IS NOT NULL")),
        Index(  # search by name, code and address on the wall; trigrams, as the migration says
            "ix_cameras_search",
            text("(code || ' ' || name || ' ' || coalesce(address, ''))"),
            postgresql_using="gin",
        ),
    )


class CameraChange(Numbered, Scoped, Base):
    """One change of one record: who, when, why, before and after; undo reads it backwards."""

    __tablename__ = "camera_changes"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (Index("ix_camera_changes_camera_id_at", "camera_id", "at"),)


class CameraFile(Numbered, Scoped, Base):
    """A photo or document of a camera; the file lies in the picture store and is opened only through this row."""

    __tablename__ = "camera_files"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    thumbnail: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    __table_args__ = (
        CheckConstraint("kind IN ('site','signage','acceptance','filing','other')", name="kind"),
        Index("ix_camera_files_camera_id", "camera_id"),  # the files of one camera, and whether it has a photo
        Index("ix_camera_files_path", "path", postgresql_using="gist"),
    )


class RecordRule(Base):
    """Where an administrator decided otherwise than the standard whether a class needs a field; 0 is no class."""

    __tablename__ = "record_rules"
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    monitor_class: Mapped[int] = mapped_column(primary_key=True)
    required: Mapped[bool]


class StreamTemplate(Base):
    """How a vendor's recorder names the stream of a channel, for example /Streaming/Channels/{channel}01."""

    __tablename__ = "stream_templates"
    vendor: Mapped[str] = mapped_column(Text, primary_key=True)
    path_template: Mapped[str] = mapped_column(Text)
