"""What stands on the ground: buildings that hide, roads that lead, places that matter."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import WGS84, Base, Ltree, Numbered, Pointed, Scoped, projected


class Building(Numbered, Scoped, Base):
    """A footprint; heights in metres where known."""

    __tablename__ = "buildings"
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    geom: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    geom_3857: Mapped[Any | None] = projected("GEOMETRY")
    height_m: Mapped[float | None]
    levels: Mapped[float | None]
    __table_args__ = (
        Index("ix_buildings_geom", "geom", postgresql_using="gist"),  # obstacles near a camera
        Index("ix_buildings_geom_3857", "geom_3857", postgresql_using="gist"),  # tiles
    )


class Road(Numbered, Base):
    """A road line. It may run through many areas and is seen from each, so it has several paths."""

    __tablename__ = "roads"
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    kind: Mapped[str] = mapped_column(Text, server_default="")
    geom: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    geom_3857: Mapped[Any | None] = projected("GEOMETRY")
    paths: Mapped[list[str]] = mapped_column(ARRAY(Ltree), server_default=text("'{}'"))
    __table_args__ = (
        Index("ix_roads_geom", "geom", postgresql_using="gist"),  # nearest road of an alarm
        Index("ix_roads_geom_3857", "geom_3857", postgresql_using="gist"),  # tiles
    )


class Place(Numbered, Pointed, Scoped, Base):
    """A place that matters: a school gate, a square, a bus stop."""

    __tablename__ = "places"
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    __table_args__ = (
        Index("ix_places_geom", "geom", postgresql_using="gist"),
        Index("ix_places_geom_3857", "geom_3857", postgresql_using="gist"),
        Index("ix_places_path", "path", postgresql_using="gist"),
    )
