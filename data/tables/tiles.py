"""How often the layers of the map changed, so that a tile read again can be answered with "unchanged"."""

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered


class LayerChange(Numbered, Base):
    """One change, or many folded into one, of a tile layer; their sum is the layer's version."""

    __tablename__ = "layer_changes"
    layer: Mapped[str] = mapped_column(Text)
    changes: Mapped[int] = mapped_column(server_default=text("1"))
    __table_args__ = (Index("ix_layer_changes_layer", "layer"),)
