"""The report and the record in a real browser: read on a phone, chosen by hand, taken as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.test_report_page import evening

from .axe import findings
from .test_desk import TOO_SMALL, Desks, arrive, desks, place

__all__ = ["arrive", "desks", "place"]
pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def holds_together(page: Page) -> None:
    assert findings(page) == []
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_coordinator_reads_a_night_and_takes_its_entries_home(
    arrive: Arrive, desks: Desks
) -> None:
    evening(desks.town)
    phone = {"viewport": {"width": 320, "height": 640}, "locale": "fr"}
    page = arrive("coordinator", "/report?of=2026-11-20", **phone)
    expect(page.locator("section", has_text="Nuits complètes")).to_contain_text("1 sur 1")
    expect(page.locator("svg.gauge rect").first).to_be_attached()
    holds_together(page)
    page.goto(f"{desks.url}/record")
    page.get_by_label("Refuge", exact=True).select_option("riverbank")
    page.get_by_label("Ce dont il s’agit").select_option("turned-away")
    page.get_by_role("button", name="Montrer").click()
    expect(page.locator(".entries li")).to_have_count(1)
    holds_together(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="avec des points-virgules").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    assert text.count("\n") == 2
    assert '"riverbank";"Riverbank House"' in text
