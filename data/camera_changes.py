"""Changing camera records: guarded by version, remembered with before and after, and undone from there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import secrets
from data.errors import Missing, Refusal, Taken
from data.events import as_json
from data.health import CAMERA_PASSWORD
from data.records import CAMERAS, Shape, read

Row = Mapping[str, Any]
_PLACE = ("lng", "lat")
EDITABLE = frozenset(field.name for field in CAMERAS.fields if field.is_editable) | set(_PLACE)


def change(
    session: Session,
    code: str,
    values: Mapping[str, Any],
    *,
    version: int,
    at: datetime,
    account_id: int | None,
    reason: str = "",
) -> int:
    """Write values that were read by their fields' rules into a record, and return its new version.

    A new place puts the camera into the area there. Nothing is written when nothing differs. Raises Missing; Taken
    when somebody else changed the record since `version` was read; Refusal for what no column takes.
    """
    now = _locked(session, code)
    if now["version"] != version:
        raise Taken("Somebody else has changed this camera meanwhile. Load it again and repeat your change.")
    after = {name: value for name, value in values.items() if _plain(now[name]) != _plain(value)}
    if not after:
        return version
    _check(after)
    before = {name: now[name] for name in after}
    session.execute(text(_UPDATE.format(", ".join(_assignments(after)))), {**now, **after, "id": now["id"], "at": at})
    path = session.execute(text("SELECT path::text FROM cameras WHERE id = :id"), {"id": now["id"]}).scalar()
    _remember(session, now["id"], before, after, at=at, account_id=account_id, reason=reason, path=path)
    return version + 1


def history(session: Session, camera_id: int, *, at_most: int = 30, offset: int = 0) -> list[Row]:
    """Return the last changes of a record, the newest first, with who made them."""
    rows = session.execute(
        text(
            "SELECT h.id, h.at, h.reason, h.before, h.after, coalesce(nullif(a.title, ''), a.login) AS by"
            " FROM camera_changes h LEFT JOIN accounts a ON a.id = h.account_id"
            " WHERE h.camera_id = :id ORDER BY h.at DESC, h.id DESC LIMIT :most OFFSET :offset"
        ),
        {"id": camera_id, "most": at_most, "offset": offset},
    )
    return [dict(row) for row in rows.mappings()]


def undo(session: Session, code: str, change_id: int, *, version: int, at: datetime, account_id: int | None) -> int:
    """Put back what one change replaced, as a change of its own; return the new version.

    Raises Missing, and Taken when the record changed since or the values are no longer those of that change.
    """
    now = _locked(session, code)
    found = session.execute(
        text("SELECT before, after FROM camera_changes WHERE id = :change AND camera_id = :id"),
        {"change": change_id, "id": now["id"]},
    ).one_or_none()
    if found is None:
        raise Missing("There is no such change of this camera.")
    if any(_plain(now.get(name)) != _plain(value) for name, value in found.after.items() if name in EDITABLE):
        raise Taken("These values were changed again later. Undo the later change first.")
    before = {name: _restored(name, value) for name, value in found.before.items() if name in EDITABLE}
    return change(session, code, before, version=version, at=at, account_id=account_id, reason=f"undo {change_id}")


def set_login(
    session: Session, code: str, *, username: str, password: str | None, at: datetime, account_id: int | None
) -> None:
    """Set the login of a device; an empty password keeps the one there is. A refused password may be tried again."""
    now = _locked(session, code)
    sealed = secrets.encrypt(password, purpose=CAMERA_PASSWORD) if password else None
    session.execute(
        text(
            "UPDATE cameras SET username = :username, password_encrypted = :sealed,"
            " credential_version = credential_version + 1, version = version + 1, changed_at = :at WHERE id = :id"
            if sealed
            else "UPDATE cameras SET username = :username, version = version + 1, changed_at = :at,"
            " credential_version = credential_version + (username IS DISTINCT FROM :username)::int WHERE id = :id"
        ),
        {"username": username or None, "at": at, "id": now["id"]} | ({"sealed": sealed} if sealed else {}),
    )
    before, after = {"username": now["username"]}, {"username": username or None}
    if sealed:
        after["password"] = "•••"  # noqa: S105  says that there is a new one, not which
    _remember(session, now["id"], before, after, at=at, account_id=account_id, reason="login", path=now["path"])


def change_many(
    session: Session, codes: Sequence[str], field: str, value: Any, *, at: datetime, account_id: int | None, reason: str
) -> int:
    """Set one field of many records at once and return how many differ from before."""
    if field not in EDITABLE or field in _PLACE:
        raise Refusal("%(field)s cannot be changed for many cameras at once.", field_name=field)
    _check({field: value})
    statement = _CHANGE_MANY.format(field=field)
    changed = session.execute(
        text(statement), {"codes": list(codes), "value": value, "at": at, "account": account_id, "reason": reason}
    )
    return len(changed.all())


def would_change(session: Session, codes: Sequence[str], field: str, value: Any) -> list[Row]:
    """Return the records that `change_many` would change: code, name, and the value there is."""
    if field not in EDITABLE or field in _PLACE:
        raise Refusal("%(field)s cannot be changed for many cameras at once.", field_name=field)
    rows = session.execute(
        text(
            f"SELECT c.code, c.name, c.{field} AS value FROM cameras c WHERE c.code = ANY (:codes)"  # noqa: S608
            f" AND c.{field} IS DISTINCT FROM :value ORDER BY c.code"
        ),
        {"codes": list(codes), "value": value},
    )
    return [dict(row) for row in rows.mappings()]


def _locked(session: Session, code: str) -> dict[str, Any]:
    columns = ", ".join(CAMERAS.columns())
    row = session.execute(
        text(
            f"SELECT id, version, path::text AS path, ST_X(geom) AS lng, ST_Y(geom) AS lat, {columns}"  # noqa: S608
            " FROM cameras WHERE code = :code FOR UPDATE"
        ),
        {"code": code},
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise Missing("There is no camera %(code)s, or it lies outside the areas granted to you.", code=code)
    return dict(row)


def _check(values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise Refusal("%(name)s is no field that can be changed.", name=unknown[0])
    if "name" in values and not values["name"]:
        raise Refusal("A camera needs a name.", field="name")


def _assignments(after: Mapping[str, Any]) -> list[str]:
    plain = [f"{name} = :{name}" for name in after if name not in _PLACE]
    if not any(name in after for name in _PLACE):
        return plain
    point = "ST_SetSRID(ST_MakePoint(CAST(:lng AS float8), CAST(:lat AS float8)), 4326)"
    return [  # the point is the only thing put in, and it holds parameters alone
        *plain,
        f"geom = {point}",
        f"area_id = area_at({point})",
        f"path = coalesce((SELECT a.path FROM areas a WHERE a.id = area_at({point})), '')",  # noqa: S608
    ]


def _remember(
    session: Session,
    camera_id: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    at: datetime,
    account_id: int | None,
    reason: str,
    path: object,
) -> None:
    session.execute(
        text(
            "INSERT INTO camera_changes (camera_id, at, account_id, reason, before, after, path) VALUES (:id, :at,"
            " :account, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb), CAST(:path AS ltree))"
        ),
        {
            "id": camera_id,
            "at": at,
            "account": account_id,
            "reason": reason,
            "before": as_json({name: _plain(value) for name, value in before.items()}),
            "after": as_json({name: _plain(value) for name, value in after.items()}),
            "path": path,
        },
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def _restored(name: str, value: Any) -> Any:
    """Return a value that JSON kept as its column takes it."""
    if value is not None and name in CAMERAS.by_name and CAMERAS.by_name[name].shape is Shape.DATE:
        return read(value, CAMERAS.by_name[name])
    return value


_UPDATE = "UPDATE cameras SET {}, version = version + 1, changed_at = :at WHERE id = :id"
_CHANGE_MANY = """
    WITH old AS (
        SELECT id, path, {field} AS value FROM cameras
        WHERE code = ANY (:codes) AND {field} IS DISTINCT FROM :value FOR UPDATE),
    changed AS (
        UPDATE cameras c SET {field} = :value, version = c.version + 1, changed_at = :at FROM old WHERE old.id = c.id
        RETURNING c.id, c.{field} AS value)
    INSERT INTO camera_changes (camera_id, at, account_id, reason, before, after, path)
    SELECT old.id, :at, :account, :reason, jsonb_build_object('{field}', old.value),
        jsonb_build_object('{field}', changed.value), old.path
    FROM old JOIN changed ON changed.id = old.id RETURNING camera_id
"""
