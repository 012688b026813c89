"""What the tables share: the declarative base, the ltree type and the columns of scoped rows."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Computed, DateTime, Identity, MetaData, func
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import UserDefinedType

WGS84 = 4326
MERCATOR = 3857

names = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Ltree(UserDefinedType[str]):
    """A path in the division tree: area ids joined by dots, '' for what lies in no area."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type in SQL."""
        return "LTREE"


# So that a table read back from the database knows the type too.
ischema_names["ltree"] = Ltree


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = names
    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger}  # noqa: RUF012


class Numbered:
    """A row with a number the database gives."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-10)


class Scoped:
    """A row that belongs to an area; the web role sees it only inside the areas of its session.

    `path` is the area's path at the time of writing; '' belongs to no area and is shown only to accounts
    that were granted everything.
    """

    path: Mapped[str] = mapped_column(Ltree, nullable=False, server_default="", sort_order=90)


class Stamped:
    """A row that knows when it was made."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=91)


class Pointed:
    """A row with a point: stored in WGS-84, kept projected beside it so that tiles need no transformation."""

    @declared_attr
    def geom(cls) -> Mapped[Any | None]:
        """Return the point, lng-lat, EPSG:4326."""
        return mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))

    @declared_attr
    def geom_3857(cls) -> Mapped[Any | None]:
        """Return the point in Web Mercator, for tiles only."""
        return projected("POINT")


def projected(kind: str, source: str = "geom") -> Mapped[Any | None]:
    """Return a column that the database keeps equal to `source` in Web Mercator; drawn, never measured."""
    return mapped_column(
        Geometry(kind, srid=MERCATOR, spatial_index=False),
        Computed(f"ST_Transform({source}, {MERCATOR})", persisted=True),
    )
