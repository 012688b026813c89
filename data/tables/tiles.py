"""What tiles are answered from: how often each layer changed, and how many incidents lie in each square."""

from sqlalchemy import Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Ltree, Numbered


class LayerChange(Numbered, Base):
    """One change, or many folded into one, of a tile layer; their sum is the layer's version."""

    __tablename__ = "layer_changes"
    layer: Mapped[str] = mapped_column(Text)
    changes: Mapped[int] = mapped_column(server_default=text("1"))
    __table_args__ = (Index("ix_layer_changes_layer", "layer"),)


class IncidentSquare(Numbered, Base):
    """Incidents of one area in one square of the map, kept by triggers; several rows may add up.

    `zoom` is that of the square's grid, 0 the whole world; `square` the bits of its column and row by turns; the sums
    are of columns and rows at zoom 28. It has a path and no policy of its scope: only the tile functions read it.
    """

    __tablename__ = "incident_squares"
    zoom: Mapped[int] = mapped_column(Integer)
    square: Mapped[int]
    path: Mapped[str] = mapped_column(Ltree)
    events: Mapped[int]
    sum_x: Mapped[int]
    sum_y: Mapped[int]
    __table_args__ = (Index("ix_incident_squares_zoom", "zoom", "square"),)  # the groups of a tile
