"""The database itself keeps towns apart, whatever the program asks: each table, read and written as the web role."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from data import db
from data.tables import Base
from tests.web import towns
from tests.web.towns import TwoTowns, shows


def readable(session: Session, table: str) -> str | None:
    """Return the columns of a table that the web role may read, as one row; None for none."""
    columns = session.execute(
        text(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :table"
            " AND has_column_privilege('sharpeyes_web', quote_ident(table_name), column_name, 'SELECT')"
        ),
        {"table": table},
    ).scalar_one()
    return f"SELECT ROW({columns})::text FROM {table}" if columns else None


def rows_of(token: str, statement: str) -> str:
    with db.transaction("web") as session:
        db.present(session, token)
        return "\n".join(session.execute(text(statement)).scalars())


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_the_web_role_reads_no_row_of_the_other_town(two_towns: TwoTowns, table: str) -> None:
    with db.transaction() as session:
        statement = readable(session, table)
    if statement is None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            rows_of("", f"SELECT count(*)::text FROM {table}")
        return
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    assert not shows(rows_of(token, statement).encode(), two_towns.b)
    assert rows_of("made-up", statement) == ""


@pytest.mark.parametrize(
    "table", ["areas", "cameras", "buttons", "alarms", "posts", "places", "incidents", "buildings"]
)
def test_the_web_role_changes_no_row_of_the_other_town(two_towns: TwoTowns, table: str) -> None:
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    counts = []
    for of in (two_towns.a, two_towns.b):
        with db.transaction("web") as session:
            db.present(session, token)
            changed = session.execute(
                text(f"UPDATE {table} SET path = path WHERE path ~ CAST('*.' || :town || '.*' AS lquery)"),
                {"town": str(of.town)},
            )
            counts.append(changed.rowcount)
    assert counts[0] > 0
    assert counts[1] == 0


def test_the_web_role_moves_no_row_into_the_other_town(two_towns: TwoTowns) -> None:
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    move = text("UPDATE cameras SET path = CAST(:path AS ltree)")
    with Session(db.engine("web")) as session:
        db.present(session, token)
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(move, {"path": str(two_towns.county)})
