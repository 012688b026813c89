"""What a monitoring system reads: the prober for this machine, towns only for who may see them."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns
from web.cli import main

Browsers = Callable[[str | None], Browser]


def read(client: Browser, **asked: object) -> dict[tuple[str, str], float]:
    """Return the samples by name and labels."""
    answer = client.get("/metrics", **asked)
    assert answer.status_code == 200
    return {
        (one.name, ",".join(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for one in family.samples
    }


def test_the_prober_tells_how_late_it_is_and_what_it_met(browser: Browsers, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(text("DELETE FROM look_turns"))
        session.execute(
            text(
                "INSERT INTO look_turns (camera_id, next_check_at, probe_site)"
                " SELECT id, now() - interval '90 seconds', 'main' FROM cameras"
            )
        )
        session.execute(
            text(
                "INSERT INTO observation_hours (camera_id, hour, looks, faults, describe_ms_max)"
                " SELECT id, date_trunc('hour', now()), 7, 2, 40 FROM cameras"
            )
        )
        session.execute(text("INSERT INTO probers VALUES ('main', now(), now(), 'reference')"))
    found = read(browser(None))
    assert found["sharpeyes_cameras_due", ""] == 2
    assert found["sharpeyes_looks_overdue", ""] == 2
    assert found["sharpeyes_look_lag_seconds", ""] >= 90
    assert (found["sharpeyes_looks_this_hour", ""], found["sharpeyes_look_faults_this_hour", ""]) == (14, 4)
    assert found["sharpeyes_look_slowest_milliseconds", "0.95,describe"] == 40
    assert found["sharpeyes_cameras_with_fault", "timeout"] == 2
    assert found["sharpeyes_prober_cut_off", "main"] == 1


def test_jobs_that_wait_are_counted_with_their_age(browser: Browsers, two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(
            text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('compute', 'a'), ('compute', 'b')")
        )
    found = read(browser(None))
    assert found["sharpeyes_jobs_waiting", "compute"] == 2
    assert found["sharpeyes_queue_lag_seconds", "compute"] >= 0


@pytest.mark.parametrize(("login", "seen"), [(None, ""), ("viewer_a", "a"), ("admin_b", "b"), ("chief", "ab")])
def test_towns_are_shown_to_who_may_see_them(
    browser: Browsers, two_towns: TwoTowns, login: str | None, seen: str
) -> None:
    found = read(browser(login))
    for town, of in (("a", two_towns.a), ("b", two_towns.b)):
        assert (("sharpeyes_cameras", f"{of.code},offline") in found) is (town in seen)


def test_a_token_reads_from_elsewhere_what_its_account_may_see(browser: Browsers, two_towns: TwoTowns) -> None:
    ran = CliRunner().invoke(main, ["account", "token", "viewer_a", "--json"])
    token = ran.stdout.split('"token": "')[1].split('"')[0]
    elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
    found = read(browser(None), headers={"Authorization": f"Bearer {token}"}, environ_base=elsewhere)
    assert ("sharpeyes_cameras", f"{two_towns.a.code},offline") in found
    assert ("sharpeyes_cameras", f"{two_towns.b.code},offline") not in found
    wrong = browser(None).get("/metrics", headers={"Authorization": "Bearer made-up"}, environ_base=elsewhere)
    assert wrong.status_code == 403
