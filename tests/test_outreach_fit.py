"""Who and what is needed: the page says which site fits, what to ask, and why one does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.asked import Word
from dashboard.beds import Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.facts import Known, Saying
from dashboard.reports import Report, ReportKind

from .desks import Browser, Town, riverbend, words
from .fit_table import COUNTED, SITES, TABLE, decided
from .test_outreach import KEEP, report
from .values import DAY, HAVEN, NOW, RIVERBANK

PAGE = "/outreach"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        report(town, 3)
        yield town


@pytest.fixture
def outreach(town: Town) -> Browser:
    return town.as_("outreach")


def card(browser: Browser, id_: str) -> str:
    """What a person reads of one site."""
    page = browser.page
    start = page.index(f'id="door-{id_}"')
    browser.page = page[start - 20 : page.index("</li>", start)]
    said = browser.words
    browser.page = page
    return said


def save(town: Town, *sites: object) -> None:
    town.store.profiles.save(sites, (), "test", NOW)  # type: ignore[arg-type]
    town.caught_up()


@pytest.fixture
def table(settings: Settings) -> Iterator[Browser]:
    """The sites that were decided by hand, on a real store."""
    with riverbend(settings) as town:
        settle(town)
        yield town.as_("outreach")


def settle(town: Town) -> None:
    """Brings the sites of the table to a town, counted as the table says."""
    town.store.profiles.save(SITES, [one.group for one in COUNTED], "test", NOW)
    for one in (one for one in COUNTED if one.open is not None):
        place = (one.group.site, one.group.id, ReportKind.CHANGE, one.open)
        observed = NOW - timedelta(minutes=one.minutes)
        key = f"k-{one.group.site}-{one.group.id}"
        said = Report(*place, observed, Source.DESK, "p-desk", key)
        assert town.store.reports.report(said, horizons(NOW, DAY), NOW).kept
    town.caught_up()


def told(page: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Each site of the table as the page tells it: its name, how it fits, and why."""
    cards = re.findall(r'<li class="door" id="door-.*?</li>', page, re.S)
    found = []
    for one in cards:
        name = re.search(r"<h3>(\w+)( |<)", one)
        said = re.search(r'<p class="verdict" data-fit="(\w+)".*?</p>', one, re.S)
        assert said
        id_ = "nest" if "data-hidden" in one else name[1].casefold() if name else ""
        found.append((id_, said[1], tuple(re.findall(r'data-word="([^"]+)"', said[0]))))
    return [one for one in found if one[0] in {site.id for site in SITES}]


def test_the_page_tells_what_was_decided_by_hand_in_both_languages(table: Browser) -> None:
    for query in TABLE:
        for language in ("en", "fr"):
            page = table.open(f"{PAGE}?{query}&lang={language}").text
            assert told(page) == decided(query), (query, language)


def test_a_site_says_what_it_does_not_take_and_what_to_ask(town: Town, outreach: Browser) -> None:
    save(town, replace(RIVERBANK, pets=Known.YES, large_pets=Known.NO))
    outreach.open(f"{PAGE}?who=woman&pet=large-pet")
    assert "Does not fit: no large dogs" in card(outreach, "riverbank")
    outreach.open(f"{PAGE}?who=woman&pet=small-pet&need=no-id")
    assert "Ask about: having no ID" in card(outreach, "riverbank")
    outreach.open(f"{PAGE}?who=woman&pet=small-pet&lang=fr")
    assert "Convient" in card(outreach, "riverbank")


def test_a_site_that_hides_is_a_phone_line_and_the_words_it_chose(
    town: Town, outreach: Browser
) -> None:
    save(town, replace(HAVEN, says=(Saying.ANY_HOUR, Saying.CAN_FETCH)))
    report(town, 4, "haven", "family")
    outreach.open(PAGE)
    assert "250-555-0199 Call at any hour. They can arrange a ride." in outreach.words
    assert "haven" not in outreach.page.casefold()
    assert "4 beds open" not in outreach.words


def test_a_site_that_hides_tells_its_count_and_whom_it_takes_only_where_it_says_so(
    town: Town, outreach: Browser
) -> None:
    save(town, replace(HAVEN, tells_outreach=True))
    report(town, 4, "haven", "family")
    outreach.open(f"{PAGE}?who=man&side=north")
    assert "Does not fit: not for men" in outreach.words
    assert "women, children : 4 beds open" in outreach.words
    for hours in (0, 4, 6):  # counted, in doubt, and after the last check-in of others
        town.later(hours=hours)
        for path in (f"{PAGE}?who=woman", f"{PAGE}?start=South+Shore", f"{PAGE}/news"):
            page = outreach.open(path).text
            assert "250-555-0142" in page
            assert "haven" not in page.casefold(), path


def test_what_a_hidden_site_tells_outreach_people_reaches_nobody_else(town: Town) -> None:
    def public() -> list[object]:
        visitor = town.app.test_client()
        api = visitor.get("/api/v1/board").json
        assert api
        hidden = next(one for one in api["sites"] if one["id"] == "haven")
        pages = [words(visitor.get(path).text) for path in ("/", "/?lang=fr", "/?who=woman")]
        return [hidden, *pages, visitor.get("/sites/haven").status_code]

    before = public()
    save(town, replace(HAVEN, tells_outreach=True, says=(Saying.ANY_HOUR,), pets=Known.YES))
    report(town, 4, "haven", "family")
    assert public() == before
    outreach = town.as_("outreach")
    action = "/outreach/sites/haven/groups/family/holds"
    form = outreach.open(PAGE) and outreach.form(KEEP) | {"minutes": "20"}
    assert "4 beds open" in outreach.words
    assert "/outreach/sites/haven" not in outreach.page
    assert outreach.post(action, form).status_code == 404, "a bed there is asked for by phone"


def test_who_and_what_was_asked_for_is_kept_nowhere(
    town: Town, outreach: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    client = town.store.connection.client
    client.config_set("rdbcompression", "no")  # so that what is kept can be read
    asked = f"{PAGE}?who=couple&pet=service-animal&need=lower-bunk&by=by-22"
    answer = outreach.open(asked)
    assert "service-animal" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    kept = [*client.scan_iter(), *(client.dump(key) for key in client.scan_iter())]
    cookie = outreach.client.get_cookie("bedboard")
    told = [*map(repr, kept), cookie.value if cookie else "", caplog.text]
    assert [one for one in told if "250-555-0142" in one], "this would find it"
    for word in ("service-animal", "lower-bunk", "by-22", "who=couple"):
        assert not [one for one in told if word in one], word


def test_a_need_survives_a_change_of_language_but_no_tap(outreach: Browser) -> None:
    outreach.open(f"{PAGE}?who=man&together=3&need=used&side=south")
    link = re.search(r'<a href="([^"]+)" lang="fr"', outreach.page)
    assert link
    outreach.open(link[1].replace("&amp;", "&"))
    chosen = re.findall(r'<input type="\w+" name="\w+" value="([^"]*)" checked>', outreach.page)
    assert chosen == ["man", "3", "", "used", "", "south"]


def test_an_hour_that_is_over_is_not_offered(town: Town, outreach: Browser) -> None:
    def hours() -> list[str]:
        return re.findall(r'name="by" value="(by-[^"]+)"', outreach.page)

    town.later(hours=5)  # 9:12 pm
    outreach.open(PAGE)
    assert hours() == ["by-22", "by-23", "by-24"]
    outreach.open(f"{PAGE}?by=by-20")
    assert hours() == ["by-20", "by-22", "by-23", "by-24"], "what was chosen is shown"
    town.later(hours=3)
    outreach.open(PAGE)
    assert not hours()
    assert "When will they be there?" not in outreach.words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_has_its_words(town: Town, outreach: Browser, language: str) -> None:
    """The script's reasons are the server's: each that can be given stands in the page, once."""
    outreach.open(f"{PAGE}?lang={language}")
    no, ask = (re.findall(rf'<i data-{way}="([^"]+)">[^<]', outreach.page) for way in ("no", "ask"))
    always = {Word.CLOSED, Word.NO_BEDS, Word.FULL, Word.TOO_FEW}
    assert set(Word) - set(no) == {Word.REFERRAL, Word.CALL_FIRST, Word.ROOM, Word.APART}
    assert set(Word) - set(ask) == always
    assert len({*no, *ask}) == len(Word)
