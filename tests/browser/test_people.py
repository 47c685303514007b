"""The last coordinator, in a real browser: nobody can leave a community without one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .axe import findings
from .test_desk import Arrive, Desks, arrive, desks, place  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def be_a_caller(page: Page, name: str) -> None:
    page.get_by_role("link", name=f"Change it: {name}").click()
    page.get_by_label("Caller").check()
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_last_coordinator_can_neither_leave_nor_be_shut_out(
    arrive: Arrive,  # noqa: F811
    desks: Desks,  # noqa: F811
    complaints: list[str],
) -> None:
    page = arrive("coordinator", "/people")
    be_a_caller(page, "Cory")
    expect(page.get_by_role("alert")).to_contain_text("Nobody else could invite people then.")
    assert findings(page) == []
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Shut out Cory").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody else could invite people then.")
    for path in ("/people", "/machines", "/vouchers", "/account"):
        page.goto(f"{desks.url}{path}")
        assert findings(page) == [], path
    assert len(complaints) == 2, "a browser tells of each refusal"
    complaints.clear()
