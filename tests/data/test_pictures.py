"""Pictures are kept as they came, opened only inside the scope, and removed with their rows."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, pictures, settings
from data.looks import CheckState, Picture, PictureCheck
from data.types import Fault

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PICTURE = Picture(
    jpeg=b"\xff\xd8full",
    thumbnail=b"\xff\xd8small",
    width=1280,
    height=720,
    sha256=hashlib.sha256(b"\xff\xd8full").hexdigest(),
    measures={"luma": 90.0},
    checks={Fault.BLURRED: PictureCheck(state=CheckState.GOOD, score=0.1, reason="sharp")},
)


@pytest.fixture
def camera(session: Session) -> int:
    return int(session.execute(text("INSERT INTO cameras (code, name) VALUES ('pic', 'x') RETURNING id")).scalar_one())


def test_a_picture_comes_back_as_it_was_stored(session: Session, camera: int) -> None:
    number = pictures.store(session, camera, path="", picture=PICTURE, at=AT)
    full = pictures.open_(session, number, "full")
    small = pictures.open_(session, number, "thumbnail")
    assert full == pictures.Opened(jpeg=PICTURE.jpeg, camera_id=camera, at=AT)
    assert small is not None
    assert small.jpeg == PICTURE.thumbnail


def test_a_picture_of_another_area_is_not_there(session: Session, camera: int) -> None:
    number = pictures.store(session, camera, path="7.8", picture=PICTURE, at=AT)
    account = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('pic', 'x', '{viewer}') RETURNING id")
    ).scalar_one()
    db.act_for(session, account)
    assert pictures.open_(session, number, "full") is None


def test_removing_leaves_neither_row_nor_file(session: Session, camera: int) -> None:
    number = pictures.store(session, camera, path="", picture=PICTURE, at=AT)
    store = Path(settings.get().pictures)
    held = {file for file in store.rglob("*.jpg") if file.read_bytes() in (PICTURE.jpeg, PICTURE.thumbnail)}
    assert pictures.oldest(session, before=AT + timedelta(days=1)) == [number]
    assert pictures.remove(session, [number]) == len(PICTURE.jpeg) + len(PICTURE.thumbnail)
    assert pictures.open_(session, number, "full") is None
    assert len({file for file in held if file.exists()}) == len(held) - 2


def test_a_file_that_is_gone_is_no_error(session: Session, camera: int) -> None:
    number = pictures.store(session, camera, path="", picture=PICTURE, at=AT)
    session.execute(text("UPDATE snapshots SET file = 'nowhere.jpg' WHERE id = :id"), {"id": number})
    assert pictures.open_(session, number, "full") is None
    assert pictures.remove(session, [number]) > 0
