"""What cameras see, as computed by gis/ and remembered here."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, Integer, Text, text
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
    # What is seen whatever the bearing, and for some bearing, within its doubt; NULL where they are the view itself.
    lowest: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    highest: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    # The box of everything the camera could see if nothing hid it: whose cells a change may touch.
    reach_box: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    area_m2: Mapped[float]
    sector_m2: Mapped[float]
    # How far the camera could see, so that a new building is known to matter to it.
    reach_m: Mapped[float] = mapped_column(server_default=text("0"))
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    computed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_camera_views_geom", "geom", postgresql_using="gist"),  # who sees this place
        Index("ix_camera_views_geom_3857", "geom_3857", postgresql_using="gist"),  # tiles
        Index("ix_camera_views_reach_box", "reach_box", postgresql_using="gist"),  # cells a change touches
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
    # Of which nothing is known now: they count as not seeing.
    cameras_unknown: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    gaps: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    gaps_3857: Mapped[Any | None] = projected("GEOMETRY", "gaps")
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    computed_at: Mapped[datetime]
    # Something changed since: a camera, its health, a building, the boundary. A job computes it again.
    stale: Mapped[bool] = mapped_column(server_default=text("true"))
    # What is seen now changed, for which somebody may be waiting at the map: computed before all others.
    urgent: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (Index("ix_cell_coverage_gaps_3857", "gaps_3857", postgresql_using="gist"),)


class CellView(Base):
    """A view a cell's coverage was computed from, and whether its camera showed a picture then."""

    __tablename__ = "cell_views"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    worked: Mapped[bool]
    __table_args__ = (Index("ix_cell_views_camera_id", "camera_id"),)  # removing a camera


class CellShare(Base):
    """What is seen of a cell, and of what matters in it, at one pixel density; areas in m², roads in metres."""

    __tablename__ = "cell_shares"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True)
    px_per_m: Mapped[float] = mapped_column(primary_key=True)
    seen_m2: Mapped[float]
    seen_now_m2: Mapped[float]
    seen_by_2_m2: Mapped[float]
    least_m2: Mapped[float]
    most_m2: Mapped[float]
    sectors_m2: Mapped[float]
    # The camera whose failure alone takes most away, and how much.
    worst_camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="SET NULL"))
    worst_m2: Mapped[float]
    roads_m: Mapped[float]
    roads_seen_m: Mapped[float]
    roads_now_m: Mapped[float]
    crossings: Mapped[int] = mapped_column(Integer)
    crossings_seen: Mapped[int] = mapped_column(Integer)
    crossings_now: Mapped[int] = mapped_column(Integer)
    buildings: Mapped[int] = mapped_column(Integer)
    buildings_seen: Mapped[int] = mapped_column(Integer)
    buildings_now: Mapped[int] = mapped_column(Integer)
    places: Mapped[int] = mapped_column(Integer)
    places_seen: Mapped[int] = mapped_column(Integer)
    places_now: Mapped[int] = mapped_column(Integer)
    incidents: Mapped[int] = mapped_column(Integer)
    incidents_seen: Mapped[int] = mapped_column(Integer)
    incidents_now: Mapped[int] = mapped_column(Integer)
    unseen_places: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    unseen_places_now: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    gaps: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    gaps_now: Mapped[Any | None] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    __table_args__ = (Index("ix_cell_shares_worst_camera_id", "worst_camera_id"),)  # removing a camera
