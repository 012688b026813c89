"""Staff accounts, what they were granted, their sessions, and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Numbered, Stamped


class Account(Numbered, Stamped, Base):
    """A member of staff who signs in."""

    __tablename__ = "accounts"
    login: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text, server_default="")
    password_hash: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str] = mapped_column(Text, server_default="zh_CN")
    must_change_password: Mapped[bool] = mapped_column(server_default=text("true"))
    disabled: Mapped[bool] = mapped_column(server_default=text("false"))
    # What the person chose to see, for example table columns.
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    __table_args__ = (
        CheckConstraint("roles <@ ARRAY['admin','editor','operator','viewer'] AND roles <> '{}'", name="roles"),
    )


class AccountGrant(Numbered, Base):
    """An area an account may see, with all below it; no area means everything."""

    __tablename__ = "account_grants"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    __table_args__ = (
        Index("uq_account_grants", "account_id", "area_id", unique=True, postgresql_nulls_not_distinct=True),
    )


class SignIn(Base):
    """A session; only the SHA-256 of its token is stored, so a copy of the table opens nothing."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (Index("ix_sign_ins_account_id", "account_id"),)


class LoginAttempt(Numbered, Base):
    """A refused sign-in, counted to slow down guessing."""

    __tablename__ = "login_attempts"
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    login: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_login_attempts_at", "at"),)


class Audit(Numbered, Base):
    """Who did what to what, when and from where. Rows can be added, never changed or removed by the web."""

    __tablename__ = "audit"
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="")
    subject: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    address: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (Index("ix_audit_at", "at"),)
