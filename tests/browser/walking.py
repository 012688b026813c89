"""What every walk through the house does: sign in, wait, keep a picture, ask what disturbs a screen reader."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "tests" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a long enough pass phrase"
PATIENCE_MS = 60_000


def until(is_so: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Wait for a condition of another process; fail with `what` when it does not come about."""
    ends = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends, f"{what} within {within_s} s"
        time.sleep(0.1)


def sign_in(page: Page, url: str, *, login: str, one_time: str) -> None:
    """Sign in for the first time: the one-time password is replaced by PASSWORD, and the wall opens."""
    page.goto(url)
    page.fill("[name=login]", login)
    page.fill("[name=password]", one_time)
    shoot(page, "login")
    page.click("form button.main")
    expect(page).to_have_url(f"{url}/password")
    for field, value in (("old", one_time), ("new", PASSWORD), ("again", PASSWORD)):
        page.fill(f"[name={field}]", value)
    page.click("form button.main")
    expect(page).to_have_url(f"{url}/wall")


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page at wall size and at phone size."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=SCREENSHOTS / f"{name}-phone.png")
    page.set_viewport_size({"width": 1920, "height": 1080})


def faults_of(page: Page, url: str, *, shows: str = "main") -> list[str]:
    """Return what stands in the way of a screen reader on a page, once it shows what it is about."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; ./run.sh test installs it")
    page.goto(url)
    expect(page.locator(shows)).to_be_visible()
    page.evaluate(AXE.read_text())
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in result["violations"]]
