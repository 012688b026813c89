"""The division tree: stable codes, boundaries and names that change with time, and the posts of cells."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import WGS84, Base, Numbered, Scoped, Stamped, projected


class Area(Numbered, Scoped, Stamped, Base):
    """A node of the division tree. Its code is never reused; `path` follows its parents, not its code."""

    __tablename__ = "areas"
    code: Mapped[str] = mapped_column(Text, unique=True)
    level: Mapped[str] = mapped_column(Text)
    retired: Mapped[bool] = mapped_column(server_default=text("false"))
    # The code was made from place and name because the source had none.
    code_generated: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        CheckConstraint("level IN ('province','city','county','town','village','cell')", name="level"),
        CheckConstraint("code <> ''", name="code"),
        Index("ix_areas_path", "path", postgresql_using="gist"),  # subtree and scope questions
    )


class AreaVersion(Numbered, Base):
    """Boundary, name and parent of an area during a stretch of time."""

    __tablename__ = "area_versions"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    name: Mapped[str] = mapped_column(Text)
    boundary: Mapped[Any | None] = mapped_column(Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False))
    boundary_3857: Mapped[Any | None] = projected("MULTIPOLYGON", "boundary")
    during: Mapped[Range[Any]] = mapped_column(TSTZRANGE)
    __table_args__ = (
        ExcludeConstraint(("area_id", "="), ("during", "&&"), name="one_boundary_at_a_time", using="gist"),
        CheckConstraint("NOT isempty(during)", name="during"),
        CheckConstraint("parent_id IS DISTINCT FROM area_id", name="parent"),
        # "Which areas hold this point now", "areas of this tile".
        Index("ix_area_versions_boundary", "boundary", postgresql_using="gist"),
        Index("ix_area_versions_boundary_3857", "boundary_3857", postgresql_using="gist"),
        Index("ix_area_versions_parent_id", "parent_id"),  # children of an area
    )


class Post(Numbered, Scoped, Stamped, Base):
    """Who answers for a cell, as a post with duties (三定一包), never as a person."""

    __tablename__ = "posts"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text, server_default="")
    duties: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    staffed: Mapped[bool] = mapped_column(server_default=text("false"))
    duty_line: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        Index("uq_posts_area_name", "area_id", "name", unique=True),
        Index("ix_posts_path", "path", postgresql_using="gist"),
    )
