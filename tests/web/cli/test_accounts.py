"""Accounts from the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from data import accounts, db
from tests.web.towns import CODE_A, MARK_A, TwoTowns
from web.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["account", *words])


def said(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_first_administrator_is_made_once(two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        assert accounts.first_administrator(session) is None
        session.execute(text("TRUNCATE accounts CASCADE"))
    made = said("first")
    assert made["login"] == "admin"
    with db.transaction("web") as session:
        assert accounts.prove(session, "admin", made["password"], address="127.0.0.1")
    assert said("first") == {"login": None, "password": None}


def test_an_account_is_made_with_areas_and_a_password_of_its_own(two_towns: TwoTowns) -> None:
    made = said("add", "desk2", "--role", "operator", "--area", CODE_A)
    found = next(one for one in said("list")["accounts"] if one["login"] == "desk2")
    assert (found["roles"], found["must_change_password"]) == (["operator"], True)
    assert [own["name"].endswith(f"{MARK_A}镇") for own in found["grants"]] == [True]
    assert len(made["password"]) == 19
    assert said("reset-password", "desk2")["password"] != made["password"]
    assert said("grant", "desk2", "--everything")["areas"][0] == "everything"
    assert said("disable", "desk2") == {"login": "desk2", "disabled": True}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "chief", "--role", "viewer", "--everything"), 1, "in use"),
        (("add", "new", "--role", "viewer"), 1, "at least one area"),
        (("add", "new", "--role", "viewer", "--area", "999"), 1, "no area with the code 999"),
        (("add", "n", "--role", "viewer", "--everything"), 1, "2 to 40 letters"),
        (("add", "13812345678", "--role", "viewer", "--everything"), 1, "number of a person"),
        (("add", "new", "--role", "king", "--everything"), 2, "king"),
        (("reset-password", "nobody"), 1, "no account nobody"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    two_towns: TwoTowns, words: tuple[str, ...], code: int, sentence: str
) -> None:
    result = run(*words)
    assert result.exit_code == code
    assert sentence in result.output
