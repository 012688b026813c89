"""Plans: scenarios with the cameras they would add, places where none may stand, and computations of where to."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import WGS84, Base, Numbered, Scoped, Stamped


class Scenario(Numbered, Scoped, Stamped, Base):
    """A named plan of more cameras for an area; private to the account that made it until it is shared."""

    __tablename__ = "scenarios"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    # The pixel density its shares are counted at.
    px_per_m: Mapped[float] = mapped_column(server_default=text("25"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    # Put away, and taken back out by undo.
    removed_at: Mapped[datetime | None]
    adopted_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("px_per_m > 0", name="density"),
        Index("ix_scenarios_path", "path", postgresql_using="gist"),
    )


class ScenarioCamera(Numbered, Base):
    """A camera a scenario would add. Degrees, metres; bearing clockwise from true north, NULL = all round."""

    __tablename__ = "scenario_cameras"
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text, server_default="")
    geom: Mapped[Any] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))
    bearing_deg: Mapped[float | None]
    bearing_doubt_deg: Mapped[float] = mapped_column(server_default=text("0"))
    hfov_deg: Mapped[float | None]
    vfov_deg: Mapped[float | None]
    tilt_deg: Mapped[float | None]
    height_m: Mapped[float | None]
    reach_m: Mapped[float | None]
    width_px: Mapped[int | None]
    lens: Mapped[str] = mapped_column(Text, server_default="")
    kind: Mapped[str] = mapped_column(Text, server_default="fixed")
    # In the money of the deployment.
    cost: Mapped[float] = mapped_column(server_default=text("0"))
    origin: Mapped[str] = mapped_column(Text, server_default="drawn")
    # The code of the pole or place it would hang at, '' for none.
    pole: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(server_default=text("1"))
    removed_at: Mapped[datetime | None]
    # The planned camera it became in the record.
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint("bearing_deg >= 0 AND bearing_deg < 360", name="bearing"),
        CheckConstraint("bearing_doubt_deg >= 0 AND bearing_doubt_deg <= 180", name="bearing_doubt"),
        CheckConstraint("hfov_deg > 0 AND hfov_deg <= 360", name="hfov"),
        CheckConstraint("kind IN ('fixed','ptz','dome','panorama')", name="kind"),
        CheckConstraint("origin IN ('drawn','place','crossing','corner')", name="origin"),
        CheckConstraint("cost >= 0", name="cost"),
        Index("ix_scenario_cameras_scenario_id", "scenario_id"),  # the cameras of a scenario
        Index(  # which plan a camera of the record came from; removing one
            "ix_scenario_cameras_camera_id",
            "camera_id",
            postgresql_where=text("camera_id IS NOT NULL"),
        ),
    )


class ForbiddenKind(Base):
    """A kind of place around which no camera may stand, and why: the list of Decree 799, article 8, and additions."""

    __tablename__ = "forbidden_kinds"
    place_kind: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    # A place is a point in the record; this much around it is kept free.
    radius_m: Mapped[float] = mapped_column(server_default=text("10"))
    __table_args__ = (CheckConstraint("radius_m > 0 AND radius_m <= 1000", name="radius"),)


class ForbiddenPlace(Numbered, Scoped, Stamped, Base):
    """Ground drawn on the map where no camera may stand, and why."""

    __tablename__ = "forbidden_places"
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(Text, server_default="")
    reason: Mapped[str] = mapped_column(Text)
    geom: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=WGS84, spatial_index=False))
    removed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_forbidden_places_geom", "geom", postgresql_using="gist"),  # forbidden ground in a box
        Index("ix_forbidden_places_path", "path", postgresql_using="gist"),
    )


class SitingRun(Numbered, Base):
    """A computation of where the next cameras of a scenario go: what was asked, how far it is, what came out."""

    __tablename__ = "siting_runs"
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="asked")
    # Which step it is at and how far, 0 to 1.
    step: Mapped[str] = mapped_column(Text, server_default="")
    progress: Mapped[float] = mapped_column(server_default=text("0"))
    asked_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Why it failed, a sentence and what fills it.
    reason: Mapped[str] = mapped_column(Text, server_default="")
    reason_values: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint("state IN ('asked','running','done','cancelled','failed')", name="state"),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
        Index("ix_siting_runs_scenario_id", "scenario_id"),  # the last run of a scenario
    )
