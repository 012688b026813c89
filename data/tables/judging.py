"""What pictures are judged by: thresholds where they differ from the defaults, and the scenes cameras should show."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Scoped


class PictureThreshold(Numbered, Scoped, Base):
    """One threshold of one camera, or without a camera of all those that have none of their own."""

    __tablename__ = "picture_thresholds"
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    value: Mapped[float]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __table_args__ = (
        UniqueConstraint(
            "camera_id", "name", name="uq_picture_thresholds_camera_id", postgresql_nulls_not_distinct=True
        ),
    )


class PictureReference(Numbered, Scoped, Base):
    """What a camera should show, by day or by night: a small descriptor of its scene, and when it was seen."""

    __tablename__ = "picture_references"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    light: Mapped[str] = mapped_column(Text)
    scene: Mapped[bytes]
    seen_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("camera_id", "light", name="uq_picture_references_camera_id"),
        CheckConstraint("light IN ('day','night')", name="light"),
        Index("ix_picture_references_path", "path", postgresql_using="gist"),
    )
