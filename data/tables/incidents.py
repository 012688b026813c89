"""Things that happened at a place and time."""

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Pointed, Scoped


class Incident(Numbered, Pointed, Scoped, Base):
    """An incident point: kind, time, place; never who."""

    __tablename__ = "incidents"
    code: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    place: Mapped[str] = mapped_column(Text, server_default="")
    # Where it lies on the map as one number, so that a tile is one stretch of an index; and as column and row.
    spot: Mapped[int | None] = mapped_column(Computed("spot_of(geom)", persisted=True))
    map_x: Mapped[int | None] = mapped_column(Integer, Computed("map_x(geom)", persisted=True))
    map_y: Mapped[int | None] = mapped_column(Integer, Computed("map_y(geom)", persisted=True))
    __table_args__ = (
        Index("ix_incidents_area_id_at", "area_id", "at"),  # counts per cell and period
        Index("ix_incidents_geom_3857", "geom_3857", postgresql_using="gist"),  # heat
        Index("ix_incidents_path", "path", postgresql_using="gist"),
        Index("ix_incidents_at", "at"),
        Index(
            "ix_incidents_spot", "spot", "id", postgresql_include=["path", "kind", "map_x", "map_y"]
        ),  # tiles, without the table
    )
