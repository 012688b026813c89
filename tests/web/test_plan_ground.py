"""The ground of plans: inside the scope only, and found through spatial indexes."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, forbidden, plan_ground
from data.plan_ground import Box
from tests.web.towns import TwoTowns

BOTH = Box(west=104.6, south=29.1, east=105.0, north=29.4)


def of_account(session: Session, two_towns: TwoTowns, login: str) -> dict[str, int]:
    """Return how many rows of each kind an account finds in a box around both towns."""
    db.act_for(session, two_towns.accounts[login])
    return {
        "buildings": len(plan_ground.buildings(session, BOTH).wkb),
        "cameras": len(plan_ground.cameras(session, BOTH)),
        "cells": len(plan_ground.cells(session, BOTH)),
        "roads": len(plan_ground.roads(session, BOTH)),
        "places": len(plan_ground.places(session, BOTH, ["school"])),
        "kinds": len(plan_ground.place_kinds(session, BOTH)),
        "forbidden": len(forbidden.inside(session, BOTH)),
    }


@pytest.mark.parametrize(("login", "each"), [("editor_a", 1), ("viewer_county", 2), ("chief", 2)])
def test_an_account_plans_on_the_ground_of_its_own_areas(two_towns: TwoTowns, login: str, each: int) -> None:
    with db.transaction() as session:
        found = of_account(session, two_towns, login)
    everything = dict.fromkeys(("buildings", "cameras", "roads", "places", "forbidden"), each)
    assert found == everything | {"cells": 2 * each, "kinds": 1}


FILL = """
INSERT INTO {table} (code, {more}geom) SELECT 'X' || n, {values}ST_Translate({shape}, 0.00002 * n, 0)
FROM {table}, generate_series(1, 3000) n WHERE id = :id
"""


def test_buildings_cameras_and_places_in_a_box_are_found_through_their_indexes(two_towns: TwoTowns) -> None:
    plans: list[str] = []
    small = Box(west=two_towns.a.west, south=29.2, east=two_towns.a.west + 0.001, north=29.201)
    with db.transaction() as session:
        for table, more, values in (
            ("buildings", "path, ", "path, "),
            ("cameras", "name, path, ", "'X', path, "),
            ("places", "name, kind, path, ", "'X', kind, path, "),
        ):
            fill = FILL.format(table=table, more=more, values=values, shape="ST_Translate(geom, 0.01, 0)")
            session.execute(text(fill), {"id": two_towns.a.ids[table]})
        session.execute(text("ANALYZE buildings, cameras, places"))
        raw = session.connection().connection.driver_connection
        assert raw is not None
        raw.add_notice_handler(lambda notice: plans.append(str(notice.message_primary)))
        session.execute(text("LOAD 'auto_explain'"))
        for name, value in (("auto_explain.log_min_duration", "0"), ("auto_explain.log_nested_statements", "on"),
                            ("client_min_messages", "log")):  # fmt: skip
            session.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
        db.act_for(session, two_towns.accounts["editor_a"])
        plan_ground.buildings(session, small)
        plan_ground.cameras(session, small)
        plan_ground.places(session, small, ["school"])
    whole = "\n".join(plans)
    for index in ("ix_buildings_geom", "ix_cameras_geom", "ix_places_geom"):
        assert index in whole
    assert not [table for table in ("buildings", "cameras", "places") if f"Seq Scan on {table}" in whole]
