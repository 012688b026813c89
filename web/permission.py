"""Who may do what: decorators of views that ask for a role and write the audit row, both in one.

    @bp.post("/cameras/<int:camera_id>/pose")
    @allowed(Role.EDITOR, act="camera.move")
    def on_move(camera_id: int) -> Response: ...

A view adds what it did with `note(...)`. Every route carries one of these decorators; a test holds them to it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g, request

from data import audit
from data.accounts import SignedIn
from data.types import Role
from web import context
from web.problems import MustChangePassword, NotAllowed, NotSignedIn
from web.words import mark

P = ParamSpec("P")
R = TypeVar("R")

# Which other roles a role includes.
INCLUDES = {
    Role.ADMIN: frozenset(Role),
    Role.EDITOR: frozenset({Role.EDITOR, Role.VIEWER}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.VIEWER}),
    Role.VIEWER: frozenset({Role.VIEWER}),
}
MARK = "permission"


def anyone(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no sign-in."""
    setattr(view, MARK, "anyone")
    return view


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for a signed-in account, whatever its role."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_account()
        return view(*args, **kwargs)

    setattr(guarded, MARK, "signed in")
    return guarded


def allowed(role: Role, *, act: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Ask for a role; with `act`, as "camera.edit", write an audit row when the view ends well."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            account = require_account()
            if not may(account, role):
                raise NotAllowed
            answer = view(*args, **kwargs)
            if act:
                write(act)
            return answer

        setattr(guarded, MARK, role)
        return guarded

    return guard


def may(account: SignedIn | None, role: Role) -> bool:
    """Say whether an account has a role or one that includes it."""
    return account is not None and any(role in INCLUDES[own] for own in account.roles)


def is_welcome(account: SignedIn, role: Role) -> bool:
    """Say whether a guard that asks for a role would let an account in."""
    return may(account, role) and not account.must_change_password


def require_account() -> SignedIn:
    """Return who is signed in. Raises NotSignedIn, or MustChangePassword while a one-time password is in use."""
    account = context.current()
    if account is None:
        raise NotSignedIn
    if account.must_change_password:
        raise MustChangePassword
    return account


def require_everything() -> None:
    """Refuse administrators of some areas what holds for the whole installation. Raises NotAllowed."""
    if not require_account().sees_everything:
        raise NotAllowed(
            mark("This holds for the whole installation; an administrator who sees everything changes it.")
        )


def note(subject: object = None, **detail: Any) -> None:
    """Add to the audit row of this request: what was acted on, and details; never a secret."""
    if subject is not None:
        g.audit_subject = str(subject)
    g.audit_detail = g.get("audit_detail", {}) | detail


def write(act: str) -> None:
    """Write the audit row of this request."""
    account = context.current()
    arguments = request.view_args or {}
    audit.write(
        context.get_session(),
        action=act,
        account_id=account.id if account else None,
        subject=g.get("audit_subject", "/".join(str(value) for value in arguments.values())),
        detail=g.get("audit_detail", {}),
        address=request.remote_addr or "",
    )
