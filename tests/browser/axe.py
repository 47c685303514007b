"""What axe has to say of a page, in the light and in the dark."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LOOK = """async (rules) => {
  const options = { resultTypes: ["violations"], preload: false };
  if (rules) options.runOnly = { type: "rule", values: rules };
  const found = await axe.run(options);
  return found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`);
}"""
OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that a colour scheme can change


def findings(page: Page) -> list[str]:
    """Every rule in the light; in the dark those that look at colours."""
    page.evaluate(AXE.read_text())
    found: list[str] = []
    for scheme, rules in (("light", None), ("dark", OF_COLOUR)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{scheme}: {one}" for one in page.evaluate(LOOK, rules)]
    return found
