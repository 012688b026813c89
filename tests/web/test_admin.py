"""Administration: an administrator sees and grants inside the own areas only; everything done leaves its trace."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import CODE_A, CODE_B, TwoTowns

Browsers = Callable[[str | None], Browser]


def logins(page: str) -> list[str]:
    return re.findall(r'<a href="/admin/accounts/\d+">([^<]+)</a>', page)


def password_in(page: str) -> str:
    found = re.search(r'<p class="password code">([^<]+)</p>', page)
    assert found
    return found[1]


def test_an_administrator_lists_the_accounts_of_the_own_town(browser: Browsers) -> None:
    assert logins(browser("admin_a").get("/admin/").get_data(as_text=True)) == [
        "admin_a",
        "editor_a",
        "operator_a",
        "viewer_a",
    ]
    assert len(logins(browser("chief").get("/admin/").get_data(as_text=True))) == 10


@pytest.mark.parametrize("login", ["editor_a", "operator_a", "viewer_county"])
def test_only_administrators_administer(browser: Browsers, login: str) -> None:
    client = browser(login)
    for path in ("/admin/", "/admin/audit", "/admin/settings"):
        assert client.get(path).status_code == 403


def test_a_new_account_signs_in_with_the_password_shown_once(browser: Browsers) -> None:
    client = browser("admin_a")
    form = {"login": "desk-2", "title": "二号席", "roles": ["operator", "editor"], "area": CODE_A}
    page = client.post("/admin/accounts", data=form).get_data(as_text=True)
    newcomer = browser(None)
    assert newcomer.sign_in("desk-2", password_in(page)).location == "/password"
    assert "desk-2" in logins(client.get("/admin/").get_data(as_text=True))


@pytest.mark.parametrize(
    ("login", "grant", "status"),
    [
        ("admin_a", {"area": CODE_A}, 200),
        ("admin_a", {"area": f"{CODE_A}001"}, 200),
        ("admin_a", {"area": CODE_B}, 404),
        ("admin_a", {"area": "510311"}, 404),
        ("admin_a", {"everything": "1"}, 403),
        ("admin_a", {"area": ""}, 400),
        ("chief", {"everything": "1"}, 200),
        ("chief", {"area": CODE_B}, 200),
    ],
)
def test_nobody_grants_more_than_was_granted_to_them(
    browser: Browsers, login: str, grant: dict[str, str], status: int
) -> None:
    form = {"login": "newcomer", "roles": ["viewer"], **grant}
    assert browser(login).post("/admin/accounts", data=form).status_code == status
    with db.transaction() as session:
        made = session.execute(text("SELECT count(*) FROM accounts WHERE login = 'newcomer'")).scalar_one()
    assert made == (status == 200)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"login": "x"}, 400),
        ({"login": "a b"}, 400),
        ({"login": "13812345678"}, 400),
        ({"title": "张三 13812345678"}, 400),
        ({"roles": []}, 400),
        ({"roles": ["king"]}, 400),
        ({"login": "admin_a"}, 409),
        ({"login": "admin_b"}, 409),
    ],
)
def test_an_account_that_will_not_do_is_refused(browser: Browsers, change: dict[str, object], status: int) -> None:
    form = {"login": "newcomer", "roles": ["viewer"], "area": CODE_A, **change}
    assert browser("admin_a").post("/admin/accounts", data=form).status_code == status


def test_a_change_of_rights_ends_the_sessions_of_the_account(browser: Browsers, two_towns: TwoTowns) -> None:
    where = f"/admin/accounts/{two_towns.accounts['editor_a']}"
    for path, form in (
        (where, {"title": "新", "roles": ["viewer"]}),
        (f"{where}/grants", {"area": f"{CODE_A}001"}),
        (f"{where}/password", {}),
    ):
        client = browser("editor_a")
        assert client.get("/areas").status_code == 200
        assert browser("admin_a").post(path, data=form).status_code in {200, 302}
        assert client.get("/areas").location == "/login?next=/areas"


def test_an_administrator_keeps_the_own_door_open(browser: Browsers, two_towns: TwoTowns) -> None:
    where = f"/admin/accounts/{two_towns.accounts['admin_a']}"
    client = browser("admin_a")
    assert client.post(where, data={"roles": ["viewer"]}).status_code == 400
    assert client.post(where, data={"roles": ["admin"], "disabled": "1"}).status_code == 400
    assert client.post(f"{where}/revoke", data={"area_id": two_towns.a.town}).status_code == 400
    assert client.get("/admin/").status_code == 200


def test_a_one_time_password_replaces_the_old_one(browser: Browsers, two_towns: TwoTowns) -> None:
    where = f"/admin/accounts/{two_towns.accounts['viewer_a']}/password"
    password = password_in(browser("admin_a").post(where).get_data(as_text=True))
    assert browser(None).sign_in("viewer_a").status_code == 401
    assert browser(None).sign_in("viewer_a", password).location == "/password"


def test_the_trail_is_filtered_paged_and_exported(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("chief")
    client.post(f"/admin/accounts/{two_towns.accounts['viewer_a']}/password")
    page = client.get("/admin/audit?kind=account").get_data(as_text=True)
    assert "account.reset_password" in page
    assert "camera.edit" not in page
    assert "共 3 条" in client.get("/admin/audit?size=1&page=2").get_data(as_text=True)
    assert "没有符合条件" in client.get("/admin/audit?until=2020-01-01").get_data(as_text=True)
    table = client.get("/admin/audit.csv?login=editor_a").get_data(as_text=True)
    assert table.startswith("\ufeff时间,登录名")
    assert len(table.strip().splitlines()) == 2
    assert client.get("/admin/audit?since=yesterday").status_code == 400


def test_no_password_reaches_the_trail(browser: Browsers, two_towns: TwoTowns) -> None:
    client = browser("chief")
    where = f"/admin/accounts/{two_towns.accounts['viewer_a']}/password"
    password = password_in(client.post(where).get_data(as_text=True))
    with db.transaction() as session:
        trail = session.execute(text("SELECT string_agg(a::text, ' ') FROM audit a")).scalar_one()
    assert password not in trail


MAP = {
    "name": "天地图",
    "url": "http://10.0.0.1/{z}/{x}/{y}.png?key=secret",
    "crs": "cgcs2000",
    "attribution": "",
    "active": "1",
}


def test_a_base_map_is_entered_by_who_sees_everything_and_its_key_stays_out_of_the_trail(browser: Browsers) -> None:
    assert browser("admin_a").post("/admin/maps/0", data=MAP).status_code == 403
    assert browser("chief").post("/admin/maps/0", data=MAP).status_code == 302
    assert browser("chief").post("/admin/maps/0", data=MAP).status_code == 409
    with db.transaction() as session:
        kept = session.execute(text("SELECT crs, active FROM base_maps")).one()
        trail = session.execute(text("SELECT string_agg(a::text, ' ') FROM audit a")).scalar_one()
    assert tuple(kept) == ("cgcs2000", True)
    assert "secret" not in trail


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x/{z}/{x}/{y}"},
        {"url": "http://x/{z}/{x}"},
        {"url": "http://u:p@x/{z}/{x}/{y}"},
        {"crs": "mars"},
        {"name": ""},
    ],
)
def test_a_base_map_that_cannot_be_fetched_is_refused(browser: Browsers, wrong: dict[str, str]) -> None:
    assert browser("chief").post("/admin/maps/0", data=MAP | wrong).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"), [("/s/{channel}", 302), ("/s", 400), ("s/{channel}", 400), ("/{channel}/{user}", 400)]
)
def test_the_path_of_a_recorder_holds_its_channel(browser: Browsers, path: str, status: int) -> None:
    answer = browser("chief").post("/admin/recorders", data={"vendor": "新厂", "path": path})
    assert answer.status_code == status


def test_an_option_is_changed_and_shown_at_once(browser: Browsers) -> None:
    client = browser("chief")
    assert client.post("/admin/options/site_name", data={"value": "柳河县"}).status_code == 302
    assert "柳河县" in browser(None).get("/login").get_data(as_text=True)
    assert client.post("/admin/options/nothing", data={"value": "x"}).status_code == 404
