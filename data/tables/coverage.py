"""What cameras see, as computed by gis/ and remembered here."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import WGS84, Base, Scoped, projected


class CameraView(Scoped, Base):
    """The polygon a camera really sees at a stated pixel density. Areas in square metres."""

    __tablename__ = "camera_views"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    # The version of the record it was computed from; older than the camera's means it waits to be computed again.
    camera_version: Mapped[int]
    px_per_m: Mapped[float]
    geom: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    geom_3857: Mapped[Any | None] = projected("GEOMETRY")
    area_m2: Mapped[float]
    sector_m2: Mapped[float]
    # How far the camera could see, so that a new building is known to matter to it.
    reach_m: Mapped[float] = mapped_column(server_default=text("0"))
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    computed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_camera_views_geom", "geom", postgresql_using="gist"),  # who sees this place
        Index("ix_camera_views_geom_3857", "geom_3857", postgresql_using="gist"),  # tiles
    )


class CellCoverage(Scoped, Base):
    """Share of a cell that cameras see: all in use (planned) and those working (now), with the gaps left."""

    __tablename__ = "cell_coverage"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True)
    area_m2: Mapped[float]
    open_m2: Mapped[float]
    seen_m2: Mapped[float]
    seen_now_m2: Mapped[float]
    cameras: Mapped[int] = mapped_column(Integer)
    cameras_now: Mapped[int] = mapped_column(Integer)
    gaps: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    gaps_3857: Mapped[Any | None] = projected("GEOMETRY", "gaps")
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    computed_at: Mapped[datetime]
    # Something changed since: a camera, its health, a building, the boundary. A job computes it again.
    stale: Mapped[bool] = mapped_column(server_default=text("true"))
    __table_args__ = (Index("ix_cell_coverage_gaps_3857", "gaps_3857", postgresql_using="gist"),)


class CellView(Base):
    """A view a cell's coverage was computed from, and whether its camera showed a picture then."""

    __tablename__ = "cell_views"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    worked: Mapped[bool]
    __table_args__ = (Index("ix_cell_views_camera_id", "camera_id"),)  # removing a camera
