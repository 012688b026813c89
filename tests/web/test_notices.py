"""The page of notices: channels, rules, what they would have told, and what became of every message."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.receivers import Receiver, receiver
from tests.web.towns import TwoTowns
from web.jobs.notices import decide_notices, send_notices

Browsers = Callable[[str | None], Browser]
SECRET = "a-secret-of-24-characters"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as here:
        yield here


def run(sql: str, **values: Any) -> list[Any]:
    with db.transaction() as session:
        found = session.execute(text(sql), values)
        return list(found.all()) if found.returns_rows else []


def webhook(url: str, **changed: Any) -> dict[str, Any]:
    return {"name": "县值班台", "way": "webhook", "url": url, "secret": SECRET, "active": "on"} | changed


def rule(**changed: Any) -> dict[str, Any]:
    plain = {"name": "全县", "kinds": ["offline", "outage"], "delay": "5", "group": "1", "remind": "24", "active": "on"}
    return plain | changed


def sent(client: Browser, path: str, form: dict[str, Any]) -> int:
    return int(client.post(path, data=form).status_code)


def only(client: Browser, url: str, **changed: Any) -> int:
    """Make the only channel there is, and return its number."""
    run("TRUNCATE notice_channels, notice_rules, notices CASCADE")
    assert sent(client, "/notices/channels/0", webhook(url, **changed)) == 302
    return int(run("SELECT id FROM notice_channels")[0][0])


def send_all() -> None:
    decide_notices(0)
    asyncio.run(send_notices(0))


def test_a_channel_is_made_changed_and_removed_and_its_secret_never_shown(
    browser: Browsers, two_towns: TwoTowns
) -> None:
    chief = browser("chief")
    number = only(chief, "http://127.0.0.1:9/hook")
    page = chief.get("/notices").get_data(as_text=True)
    assert "县值班台" in page
    assert SECRET not in page
    before = bytes(run("SELECT secret_encrypted FROM notice_channels")[0][0])
    assert sent(chief, f"/notices/channels/{number}", webhook("http://127.0.0.1:9/other", secret="")) == 302
    assert run("SELECT url, secret_encrypted FROM notice_channels") == [("http://127.0.0.1:9/other", before)]
    trail = run("SELECT detail::text FROM audit WHERE action = 'notice.channel'")
    assert len(trail) == 2
    assert all("127.0.0.1" not in row.detail and SECRET not in row.detail for row in trail)
    assert sent(chief, f"/notices/channels/{number}", {"remove": "1"}) == 302
    assert run("SELECT count(*) FROM notice_channels") == [(0,)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"url": "ftp://10.0.0.1/"}, "http://"),
        ({"url": "http://a:b@10.0.0.1/"}, "http://"),
        ({"url": "http://10.0.0.1:99999/"}, "http://"),
        ({"secret": "short"}, "16"),
        ({"secret": ""}, "16"),
        ({"authority": "no certificate"}, "PEM"),
        ({"way": "mail", "host": "mail server"}, "邮件服务器"),
        ({"way": "mail", "host": "10.0.0.1", "sender": "a@b", "recipients": ""}, "邮箱"),
        ({"way": "mail", "host": "10.0.0.1", "sender": "a@b", "recipients": "13812345678@b.cn"}, "个人邮箱"),
        (
            {"way": "mail", "host": "h", "security": "none", "username": "u", "sender": "a@b", "recipients": "c@d"},
            "TLS",
        ),
        ({"way": "mail", "host": "h", "sender": "a@b\nBcc: x@y", "recipients": "c@d"}, "邮箱"),
    ],
)
def test_a_channel_that_cannot_be_used_is_one_sentence(
    browser: Browsers, changed: dict[str, Any], sentence: str
) -> None:
    answer = browser("chief").post("/notices/channels/0", data=webhook("http://10.0.0.1/") | changed)
    assert answer.status_code == 400
    assert sentence in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"kinds": []}, 400),
        ({"kinds": ["fire"]}, 400),
        ({"remind": "0.1"}, 400),
        ({"quiet_from": "22:00"}, 400),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, 400),
        ({"timezone": "Mars/Base"}, 400),
        ({"delay": "-1"}, 400),
        ({"delay": "nan"}, 400),
        ({"channels": ["987654"]}, 404),
        ({"quiet_from": "22:00", "quiet_until": "07:00", "classes": ["1", "2"]}, 302),
    ],
)
def test_a_rule_is_kept_or_refused_as_a_whole(browser: Browsers, changed: dict[str, Any], status: int) -> None:
    before = run("SELECT count(*) FROM notice_rules")[0][0]
    assert sent(browser("chief"), "/notices/rules/0", rule(**changed)) == status
    assert run("SELECT count(*) FROM notice_rules")[0][0] - before == (status == 302)


def test_a_town_makes_rules_for_itself_through_channels_of_its_own(browser: Browsers, two_towns: TwoTowns) -> None:
    admin = browser("admin_a")
    own, other = two_towns.a.ids["notice_channels"], two_towns.b.ids["notice_channels"]
    page = admin.get("/notices").get_data(as_text=True)
    assert "/notices/channels/" not in page
    assert sent(admin, "/notices/channels/0", webhook("http://127.0.0.1:9/")) == 403
    assert sent(admin, "/notices/rules/0", rule(channels=[own])) == 400
    assert sent(admin, "/notices/rules/0", rule(area=two_towns.a.code, channels=[other])) == 404
    assert sent(admin, "/notices/rules/0", rule(area=two_towns.a.code, channels=[own])) == 302
    assert sent(browser("viewer_a"), "/notices/rules/0", rule(area=two_towns.a.code)) == 403


def test_channels_a_town_cannot_see_stay_in_its_rule(browser: Browsers, two_towns: TwoTowns) -> None:
    county = run(
        "INSERT INTO notice_channels (name, way, url) VALUES ('县', 'webhook', 'http://127.0.0.1:1/') RETURNING id"
    )[0][0]
    own, number = two_towns.a.ids["notice_channels"], two_towns.a.ids["notice_rules"]
    run("UPDATE notice_rules SET channels = ARRAY[:county] WHERE id = :id", county=county, id=number)
    form = rule(area=two_towns.a.code, channels=[own])
    assert sent(browser("admin_a"), f"/notices/rules/{number}", form) == 302
    assert run("SELECT channels FROM notice_rules WHERE id = :id", id=number) == [(sorted([own, county]),)]


def test_a_test_message_arrives_signed_and_the_page_says_so(browser: Browsers, hook: Receiver) -> None:
    chief = browser("chief")
    number = only(chief, hook.url)
    asked = chief.post(f"/api/v1/notices/channels/{number}/test", json={})
    assert asked.status_code == 202
    path = f"/api/v1/notices/{asked.get_json()['id']}"
    assert chief.get(path).get_json()["state"] == "waiting"
    send_all()
    assert chief.get(path).get_json() | {"sent_at": ""} == {
        "id": asked.get_json()["id"], "state": "sent", "state_name": "已送达", "attempts": 1, "reason": "HTTP 204",
        "sent_at": "",
    }  # fmt: skip
    assert hook.heard[0].refusal(SECRET) is None
    assert (hook.heard[0].said["kind"], hook.heard[0].said["lines"]) == ("test", [])
    assert "测试消息" in hook.heard[0].said["subject"]


def test_a_test_that_fails_says_why_at_once_and_can_be_sent_again(browser: Browsers, hook: Receiver) -> None:
    hook.answers = [500]
    chief = browser("chief")
    number = only(chief, hook.url)
    notice = chief.post(f"/api/v1/notices/channels/{number}/test", json={}).get_json()["id"]
    send_all()
    found = chief.get(f"/api/v1/notices/{notice}").get_json()
    assert (found["state"], found["reason"]) == ("failed", "服务器拒收 (HTTP 500)")
    page = chief.get("/notices?state=failed").get_data(as_text=True)
    assert "服务器拒收" in page
    assert chief.post(f"/api/v1/notices/{notice}/again", json={}).status_code == 200
    send_all()
    assert chief.get(f"/api/v1/notices/{notice}").get_json()["state"] == "sent"
    assert chief.post(f"/api/v1/notices/{notice}/again", json={}).status_code == 404


def test_a_channel_that_is_switched_off_is_not_tested(browser: Browsers, hook: Receiver) -> None:
    chief = browser("chief")
    number = only(chief, hook.url)
    run("UPDATE notice_channels SET active = false")
    assert chief.post(f"/api/v1/notices/channels/{number}/test", json={}).status_code == 400


def test_what_another_machine_says_cannot_break_the_page(browser: Browsers, two_towns: TwoTowns) -> None:
    run("UPDATE notices SET reason = 'mail SMTP 554 <script>%(x)s</script>'")
    page = browser("chief").get("/notices").get_data(as_text=True)
    assert "&lt;script&gt;%(x)s" in page


def history(camera: int) -> None:
    """Write a month of one camera: three long failures, one short one, and one at night."""
    run("TRUNCATE health_intervals, outages CASCADE")
    for days, minutes in ((20, 60), (15, 4), (10, 60), (5, 60)):
        run(
            "INSERT INTO health_intervals (camera_id, health, fault, during, path)"
            " SELECT id, h, NULL, d, path FROM cameras, (VALUES"
            " ('offline', tstzrange(now() - :days * interval '1 day', now() - :days * interval '1 day'"
            "   + :minutes * interval '1 minute')),"
            " ('online', tstzrange(now() - :days * interval '1 day' + :minutes * interval '1 minute',"
            "   now() - :days * interval '1 day' + interval '1 day'))) AS s (h, d) WHERE id = :camera",
            days=days, minutes=minutes, camera=camera,
        )  # fmt: skip


def test_the_preview_adds_up_by_hand(browser: Browsers, two_towns: TwoTowns) -> None:
    chief = browser("chief")
    number = only(chief, "http://127.0.0.1:9/")
    history(two_towns.a.ids["cameras"])
    assert sent(chief, "/notices/rules/0", rule(channels=[number], remind="0")) == 302
    found = chief.post("/api/v1/notices/preview", data={}).get_json()
    # Three failures outlast five minutes: told, and told to be over. The fourth is counted by whoever tells singly.
    assert (found["messages"], found["lines"], found["busiest"], found["singly"]) == (6, 6, 2, 4)
    assert found["channels"] == [{"name": "县值班台", "messages": 6}]


def test_a_rule_is_tried_before_it_is_kept(browser: Browsers, two_towns: TwoTowns) -> None:
    chief = browser("chief")
    number = only(chief, "http://127.0.0.1:9/")
    history(two_towns.a.ids["cameras"])
    draft = rule(id="0", channels=[number], delay="120")
    assert chief.post("/api/v1/notices/preview", data=draft).get_json()["messages"] == 0
    draft = rule(id="0", channels=[number], remind="0.5")
    assert chief.post("/api/v1/notices/preview", data=draft).get_json()["reminders"] == 3
    elsewhere = rule(id="0", channels=[number], area=two_towns.b.code)
    assert chief.post("/api/v1/notices/preview", data=elsewhere).get_json()["messages"] == 0
    assert run("SELECT count(*) FROM notice_rules") == [(0,)]


def test_the_preview_counts_an_outage_as_one(browser: Browsers, two_towns: TwoTowns) -> None:
    chief = browser("chief")
    number = only(chief, "http://127.0.0.1:9/")
    history(two_towns.a.ids["cameras"])
    run(
        "INSERT INTO outages (id, cause_kind, cause_key, opened_at, closed_at, members, path)"
        " VALUES (1, 'link', '1', now() - interval '10 days', now() - interval '10 days' + interval '1 hour', 1, '1')"
    )
    run(
        "INSERT INTO outage_members (outage_id, camera_id, since, until, path)"
        " SELECT 1, id, now() - interval '10 days', now() - interval '10 days' + interval '1 hour', path FROM cameras"
    )
    draft = rule(id="0", channels=[number], remind="0")
    found = chief.post("/api/v1/notices/preview", data=draft).get_json()
    assert (found["messages"], found["outages"]) == (6, 1)


def test_a_message_lists_everything_it_told(browser: Browsers, two_towns: TwoTowns) -> None:
    page = browser("admin_a").get(f"/notices/{two_towns.a.ids['notices']}").get_data(as_text=True)
    assert f"{two_towns.a.mark}村口" in page
    assert browser("admin_a").get(f"/notices/{two_towns.b.ids['notices']}").status_code == 404
