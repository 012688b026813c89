"""The schema knows places, equipment and events, and no person but the staff who sign in."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import persons
from data.tables import Base

# Tables of the queue, the migrations and PostGIS, which hold nothing of ours.
OUTSIDE = r"^(procrastinate|alembic|spatial_ref_sys|pg_|geometry_columns|geography_columns|raster_)"
# The only tables that may speak of somebody: staff accounts, and what proves who signed in and did what.
OF_STAFF = {"accounts", "sign_ins", "login_attempts"}
LOGINS = {"login", "password_hash", "token_hash", "must_change_password"}
# The only phone is a unit's duty line.
PHONE = re.compile(r"phone|mobile|(^|_)tel(_|$)|line$|contact")


def columns(session: Session) -> list[tuple[str, str]]:
    """Return table and column of everything in the migrated database that is ours."""
    asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    rows = session.execute(text(f"{asked} AND table_name !~ :outside"), {"outside": OUTSIDE})
    return [(row.table_name, row.column_name) for row in rows]


def about_persons(found: list[tuple[str, str]]) -> list[str]:
    """Return the columns that the guard of imports would refuse."""
    kinds = {(table, column): persons.forbidden_column(column) for table, column in found}
    return [f"{table}.{column} would hold {kind}" for (table, column), kind in kinds.items() if kind]


def test_no_column_of_the_tables_describes_a_person() -> None:
    declared = [(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns]
    assert len(declared) > 200
    assert about_persons(declared) == []


def test_no_column_of_the_migrated_database_describes_a_person(session: Session) -> None:
    found = columns(session)
    assert len(found) > 200
    assert about_persons(found) == []


def test_no_table_is_named_after_persons(session: Session) -> None:
    tables = {table for table, _ in columns(session)}
    assert [name for name in tables if persons.forbidden_column(name)] == []
    assert [name for name in tables if name.rstrip("s") in ("person", "people", "resident", "citizen", "user")] == []


def test_only_tables_of_staff_hold_logins(session: Session) -> None:
    holding = {table for table, column in columns(session) if column in LOGINS}
    assert "accounts" in holding
    assert holding <= OF_STAFF


def test_the_only_phone_is_the_duty_line_of_a_unit(session: Session) -> None:
    phones = {column for _, column in columns(session) if PHONE.search(column)}
    assert {name for name in phones if not name.endswith("duty_line")} == set()
    assert phones != set()


@pytest.mark.parametrize(
    "name", ["id_card", "full_name", "mobile_phone", "religion", "姓名", "身份证号", "民族", "birthday"]
)
def test_a_column_about_a_person_is_noticed(name: str) -> None:
    assert about_persons([("places", name)])
