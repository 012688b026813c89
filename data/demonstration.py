"""What the demonstration county needs beyond an import: an empty place to go to, and logins of living cameras."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import secrets
from data.health import CAMERA_PASSWORD


def is_empty(session: Session) -> bool:
    """Say whether no area and no camera is there."""
    return bool(
        session.execute(text("SELECT NOT EXISTS (SELECT FROM areas) AND NOT EXISTS (SELECT FROM cameras)")).scalar_one()
    )


def set_address(
    session: Session, code: str, *, rtsp_url: str, onvif_url: str | None, username: str, password: str
) -> None:
    """Say how a camera is reached; the password is stored encrypted."""
    session.execute(
        text(
            "UPDATE cameras SET rtsp_url = :rtsp, onvif_url = :onvif, username = :user, password_encrypted = :sealed,"
            " credential_version = credential_version + 1 WHERE code = :code"
        ),
        {
            "rtsp": rtsp_url,
            "onvif": onvif_url,
            "user": username,
            "sealed": secrets.encrypt(password, purpose=CAMERA_PASSWORD),
            "code": code,
        },
    )
