"""Signing in, out, and passwords, through the pages."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import MARK_A, PASSWORD, TwoTowns

Browsers = Callable[[str | None], Browser]


def token_of(client: Browser) -> str | None:
    cookie = client.get_cookie("sharpeyes_8000_token")
    return cookie.value if cookie else None


def signs_in(client: Browser, login: str, password: str) -> int:
    return int(client.sign_in(login, password).status_code)


def must_change(account_id: int) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE accounts SET must_change_password = true WHERE id = :id"), {"id": account_id})


def test_the_right_password_opens_a_session_and_the_page_says_whose(browser: Browsers) -> None:
    client = browser(None)
    answer = client.sign_in("operator_a")
    assert (answer.status_code, answer.location) == (302, "/")
    assert MARK_A in client.get("/password").get_data(as_text=True)


def test_the_token_is_kept_from_scripts_and_from_other_sites(browser: Browsers) -> None:
    client = browser(None)
    client.sign_in("operator_a")
    cookie = client.get_cookie("sharpeyes_8000_token")
    assert cookie
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert not cookie.secure


def test_over_https_the_token_is_secure_and_bound_to_the_host(browser: Browsers) -> None:
    client = browser(None)
    client.site = "https://localhost"
    answer = client.sign_in("operator_a")
    token = next(line for line in answer.headers.getlist("Set-Cookie") if "_token=" in line)
    assert token.startswith("__Host-sharpeyes_8000_token=")
    assert "; Secure" in token
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("login", ["operator_a", "nobody", "", "x" * 90, "' OR 1=1 --", "柳溪"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(browser: Browsers, login: str) -> None:
    client = browser(None)
    answer = client.sign_in(login, "wrong-password")
    assert answer.status_code == 401
    assert "登录名或密码不对" in answer.get_data(as_text=True)
    assert token_of(client) is None


def test_after_five_refusals_even_the_right_password_must_wait(browser: Browsers) -> None:
    client = browser(None)
    assert [signs_in(client, "operator_a", "wrong-password") for _ in range(5)] == [401] * 5
    answer = client.sign_in("operator_a")
    assert answer.status_code == 429
    assert "15 分钟" in answer.get_data(as_text=True)
    assert token_of(client) is None
    assert signs_in(browser(None), "operator_b", PASSWORD) == 302


def test_the_wait_ends_when_the_first_refusal_is_fifteen_minutes_old(browser: Browsers) -> None:
    client = browser(None)
    for _ in range(5):
        client.sign_in("operator_a", "wrong-password")
    with db.transaction() as session:
        session.execute(text("UPDATE login_attempts SET at = at - interval '16 minutes' WHERE id = 1"))
    assert signs_in(client, "operator_a", PASSWORD) == 302


def test_an_address_that_tries_many_logins_must_wait_too(browser: Browsers) -> None:
    client = browser(None)
    assert [signs_in(client, f"nobody_{n}", "wrong-password") for n in range(20)] == [401] * 20
    assert signs_in(client, "operator_a", PASSWORD) == 429


def test_a_disabled_account_cannot_sign_in_and_its_session_ends(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("operator_a")
    with db.transaction() as session:
        session.execute(text("UPDATE accounts SET disabled = true WHERE login = 'operator_a'"))
    assert client.get("/password").location == "/login?next=/password"
    assert signs_in(browser(None), "operator_a", PASSWORD) == 401


def test_signing_in_again_changes_the_token_and_ends_the_old_session(browser: Browsers) -> None:
    client = browser("operator_a")
    old = token_of(client)
    client.sign_in("operator_a")
    assert token_of(client) not in {None, old}
    stale = browser(None)
    stale.set_cookie("sharpeyes_8000_token", old or "")
    assert stale.get("/password").status_code == 302


def test_a_session_ends_after_a_shift(browser: Browsers) -> None:
    client = browser(None)
    client.sign_in("operator_a")
    with db.transaction() as session:
        lasting = session.execute(text("SELECT expires_at - created_at FROM sign_ins")).scalar_one()
        session.execute(text("UPDATE sign_ins SET expires_at = now() - interval '1 second'"))
    assert round(lasting.total_seconds() / 3600) == 12
    assert client.get("/password").status_code == 302


def test_signing_out_closes_the_session_in_the_database(browser: Browsers) -> None:
    client = browser("operator_a")
    old = token_of(client)
    assert client.post("/logout").location == "/login"
    stale = browser(None)
    stale.set_cookie("sharpeyes_8000_token", old or "")
    assert stale.get("/password").status_code == 302


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb"])
def test_signing_in_never_leads_to_another_site(browser: Browsers, path: str) -> None:
    client = browser(None)
    answer = client.post("/login", data={"login": "operator_a", "password": PASSWORD, "next": path})
    assert answer.location == "/"


def test_a_form_without_its_proof_is_refused_with_a_sentence(browser: Browsers) -> None:
    client = browser("operator_a")
    answer = client.post("/logout", headers={"X-CSRFToken": "made-up"})
    assert answer.status_code == 400
    assert "重新打开" in answer.get_data(as_text=True)
    assert client.get("/password").status_code == 200


def test_a_one_time_password_must_be_replaced_before_anything_else(browser: Browsers, two_towns: TwoTowns) -> None:
    must_change(two_towns.accounts["admin_a"])
    client = browser(None)
    assert client.sign_in("admin_a").location == "/password"
    assert client.get("/admin/").location == "/password"
    answer = client.get("/api/v1/areas")
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    new = "a-better-horse-7"
    assert client.post("/password", data={"old": PASSWORD, "new": new, "again": new}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_changing_the_password_ends_every_other_session(browser: Browsers) -> None:
    here, elsewhere = browser("operator_a"), browser("operator_a")
    old, new = token_of(here), "a-better-horse-7"
    here.post("/password", data={"old": PASSWORD, "new": new, "again": new})
    assert token_of(here) != old
    assert here.get("/password").status_code == 200
    assert elsewhere.get("/password").status_code == 302
    assert signs_in(browser(None), "operator_a", PASSWORD) == 401
    assert signs_in(browser(None), "operator_a", new) == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong-password", "a-better-horse-7", "a-better-horse-7", "原密码不对"),
        (PASSWORD, "short", "short", "至少用 10 个字符"),
        (PASSWORD, "password123", "password123", "最先被猜"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "最先被猜"),
        (PASSWORD, "my-Operator_A-1", "my-Operator_A-1", "包含登录名"),
        (PASSWORD, "a-better-horse-7", "a-better-horse-8", "两次"),
        (PASSWORD, PASSWORD, PASSWORD, "与原密码相同"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    browser: Browsers, old: str, new: str, again: str, sentence: str
) -> None:
    client = browser("operator_a")
    answer = client.post("/password", data={"old": old, "new": new, "again": again})
    assert answer.status_code == 400
    assert sentence in answer.get_data(as_text=True)
    assert signs_in(browser(None), "operator_a", PASSWORD) == 302


def test_every_refused_and_accepted_step_leaves_its_trace(browser: Browsers) -> None:
    client = browser(None)
    client.sign_in("operator_a", "wrong-password")
    client.sign_in("operator_a")
    client.post("/logout")
    with db.transaction() as session:
        acts = session.execute(text("SELECT action FROM audit WHERE kind = 'account' ORDER BY id")).scalars().all()
        refused = session.execute(text("SELECT login, address FROM login_attempts")).all()
    assert acts == ["account.sign_in", "account.sign_out"]
    assert [tuple(row) for row in refused] == [("operator_a", "127.0.0.1")]


def test_the_language_is_the_browsers_until_signing_in_and_the_accounts_after(browser: Browsers) -> None:
    client = browser(None)
    assert '<html lang="zh-CN">' in client.get("/login").get_data(as_text=True)
    client.post("/language", data={"language": "en"})
    assert "<h1>Sign in</h1>" in client.get("/login").get_data(as_text=True)
    client.sign_in("operator_a")
    assert "<h1>修改密码</h1>" in client.get("/password").get_data(as_text=True)
    client.post("/language", data={"language": "en", "next": "/password"})
    assert "<h1>Change password</h1>" in client.get("/password").get_data(as_text=True)
    other = browser("operator_a")
    assert "<h1>Change password</h1>" in other.get("/password").get_data(as_text=True)
