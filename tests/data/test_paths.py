"""Paths of the tree of areas cost a step for each area, whatever the planner believes about their number."""

from psycopg.errors import Diagnostic
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db

_AREAS = """
    WITH town AS (INSERT INTO areas (code, level) VALUES ('t', 'town') RETURNING id),
        villages AS (
            INSERT INTO areas (code, level) SELECT 'v' || n, 'village' FROM generate_series(1, 2000) n RETURNING id),
        every AS (SELECT id, NULL::bigint AS parent FROM town UNION ALL
            SELECT v.id, t.id FROM villages v CROSS JOIN town t)
    INSERT INTO area_versions (area_id, parent_id, name, during)
    SELECT id, parent, 'name', '[2020-01-01,)' FROM every
"""
_TELL_PLANS = """
    LOAD 'auto_explain';
    SET LOCAL auto_explain.log_min_duration = 0;
    SET LOCAL auto_explain.log_nested_statements = on;
    SET LOCAL client_min_messages = log
"""


def test_statistics_gathered_while_areas_are_imported_do_not_slow_their_paths(session: Session) -> None:
    session.execute(text(_AREAS))
    # What is not committed is not seen: for the planner these tables are empty now.
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        beside.execute(text("ANALYZE areas, area_versions"))
    told: list[str] = []

    def tell(notice: Diagnostic) -> None:
        told.append(notice.message_primary or "")

    connection = session.connection().connection.driver_connection
    connection.add_notice_handler(tell)
    session.execute(text(_TELL_PLANS))
    session.execute(text("SELECT refresh_paths()"))
    connection.remove_notice_handler(tell)

    (tree,) = [plan for plan in told if "RECURSIVE tree" in plan]
    assert "Hash Join" in tree
    assert "Nested Loop" not in tree
    assert session.execute(text("SELECT count(*) FROM areas WHERE nlevel(path) = 2")).scalar_one() == 2000
