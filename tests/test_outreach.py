"""The outreach page: a bed is kept, for longer, or no more; and what the desk did is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from dashboard.beds import Hold, HoldEnd, Source
from dashboard.clock import horizons
from dashboard.config import Settings
from dashboard.events import Held, HoldEnded, HoldExtended
from dashboard.holds import coming
from dashboard.people import Hand
from dashboard.reports import Report, ReportKind
from dashboard.store import Grip

from .desks import Browser, Town, forms, riverbend
from .values import DAY

PAGE = "/outreach"
KEEP = "/outreach/sites/riverbank/groups/women/holds"
MINUTE = timedelta(minutes=1)
PART = re.compile(r"<!--part (\S+)-->(.*?)<!--/part \1-->", re.S)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        report(town, 3)
        yield town


def report(town: Town, open_: int, site: str = "riverbank", group: str = "women") -> None:
    """What a desk says that has no page open."""
    place = (site, group, ReportKind.CHANGE, open_, town.now, Source.DESK, "p-river")
    said = Report(*place, f"k-{site}-{open_}-{town.now}")
    assert town.store.reports.report(said, horizons(town.now, DAY), town.now).kept
    town.caught_up()


@pytest.fixture
def outreach(town: Town) -> Browser:
    browser = town.as_("outreach")
    browser.open(PAGE)
    return browser


def keep(browser: Browser, minutes: int = 40, action: str = KEEP) -> None:
    browser.post(action, browser.form(action) | {"minutes": str(minutes)})


def kept(town: Town, site: str = "riverbank") -> list[Hold]:
    groups = town.store.stream.snapshot(DAY).sites[site].groups
    return [one for group in groups for one in coming(group.holds, town.now)]


def test_one_tap_keeps_a_bed_and_tells_the_two_words_for_the_door(
    town: Town, outreach: Browser
) -> None:
    assert "Women's beds : 3 beds open" in outreach.words.replace("&#39;", "'")
    keep(outreach)
    assert "The bed is kept. Say the two words at the door." in outreach.words
    (one,) = kept(town)
    assert one.code in outreach.words
    assert re.fullmatch("[a-z]+ [a-z]+", one.code)
    assert (one.agency, one.who, one.site, one.group) == (
        *("Street team", "p-out"),
        *("riverbank", "women"),
    )
    assert (one.made_at, one.comes_at) == (town.now, town.now + 40 * MINUTE)
    assert one.expires_at == town.now + 90 * MINUTE
    assert "there by 4:52 pm · kept until 5:42 pm ( 1 h 30 min left)" in outreach.words
    assert "2 beds open" in outreach.words
    told = next(e for e in town.store.stream.events() if isinstance(e, Held))
    assert (told.who, told.source, told.kept) == ("p-out", Source.OUTREACH, 1)


def test_a_form_that_is_sent_twice_keeps_one_bed(town: Town, outreach: Browser) -> None:
    form = outreach.form(KEEP) | {"minutes": "20"}
    for _ in range(3):
        outreach.post(KEEP, form)
        assert "The bed is kept." in outreach.words
    assert len(kept(town)) == 1


def test_the_last_bed_goes_to_one_of_many_who_tap_at_once(town: Town) -> None:
    report(town, 1)
    phones = [town.as_("outreach") for _ in range(8)]
    start = Barrier(len(phones))

    def reach(phone: Browser) -> str:
        phone.open(PAGE)
        form = phone.form(KEEP) | {"minutes": "20", "key": f"key-of-{id(phone)}"}
        start.wait()
        phone.post(KEEP, form)
        return phone.words

    with ThreadPoolExecutor(len(phones)) as pool:
        said = list(pool.map(reach, phones))
    assert sum("The bed is kept." in words for words in said) == 1
    assert sum("none is left that can be kept" in words for words in said) == 7
    assert len(kept(town)) == 1


def test_an_agency_keeps_five_and_no_more(town: Town, outreach: Browser) -> None:
    report(town, 9)
    outreach.open(PAGE)
    form = outreach.form(KEEP)
    for _ in range(5):
        keep(outreach)
        outreach.open(PAGE)
    assert "Your agency keeps 5 beds, and may keep no more." in outreach.words
    assert not forms(outreach.page, KEEP)
    outreach.post(KEEP, form | {"minutes": "20", "key": "a-sixth-one"})
    assert "your agency keeps as many as it may" in outreach.words
    assert len(kept(town)) == 5


def test_only_a_fresh_figure_gives_a_bed(town: Town, outreach: Browser) -> None:
    form = outreach.form(KEEP) | {"minutes": "20"}
    town.later(minutes=61)
    outreach.open(PAGE)
    assert not forms(outreach.page, KEEP)
    assert "Ask for a bed" in outreach.words
    outreach.post(KEEP, form)
    assert "the number is not fresh any more. You can ask the desk." in outreach.words
    assert kept(town) == []


def test_who_comes_after_the_last_check_in_gets_no_bed(town: Town, outreach: Browser) -> None:
    town.later(hours=4, minutes=3)  # 8:15 pm, check-in until 9
    report(town, 3)
    outreach.open(PAGE)
    form = outreach.form(KEEP)
    taps = outreach.page.partition(KEEP)[2].partition("</form>")[0]
    assert re.findall(r'name="minutes" value="(\d+)"', taps) == ["20", "40"]
    outreach.post(KEEP, form | {"minutes": "60"})
    assert "check-in ends before they would be there" in outreach.words
    keep(outreach, 40)
    (one,) = kept(town)
    assert one.expires_at == town.now + 45 * MINUTE
    assert not forms(outreach.page, f"{PAGE}/holds/{one.id}/longer")
    town.later(minutes=45)
    outreach.open(PAGE)
    assert "Check-in ended at 9 pm" in outreach.words
    assert not forms(outreach.page, KEEP)


def test_a_hold_is_extended_once(town: Town, outreach: Browser) -> None:
    keep(outreach)
    (one,) = kept(town)
    action = f"{PAGE}/holds/{one.id}/longer"
    form = outreach.form(action)
    outreach.post(action, form)
    assert "The bed is kept for longer." in outreach.words
    assert "kept until 6:42 pm" in outreach.words
    assert not forms(outreach.page, action)
    outreach.post(action, form | {"key": "another-key"})
    assert "This bed can’t be kept any longer." in outreach.words
    told = [e for e in town.store.stream.events() if isinstance(e, HoldExtended)]
    assert [(e.before, e.who) for e in told] == [(town.now + 90 * MINUTE, "p-out")]


def test_not_needed_any_more_gives_the_bed_back(town: Town, outreach: Browser) -> None:
    keep(outreach)
    (one,) = kept(town)
    outreach.send(f"{PAGE}/holds/{one.id}/release", {})
    assert "The bed is free for others." in outreach.words
    assert kept(town) == []
    assert "3 beds open" in outreach.words
    ended = [e for e in town.store.stream.events() if isinstance(e, HoldEnded)]
    assert [(e.reason, e.who) for e in ended] == [(HoldEnd.RELEASED, "p-out")]
    assert one.code not in outreach.words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("arrived", "they arrived at 4:12 pm."),
        ("did-not-come", "at 4:12 pm the desk said that nobody came."),
        (
            "taken-back",
            "At 4:12 pm the desk needed this bed back. Call before you go: 250-555-0142",
        ),
        ("lapsed", "its time was over at 5:42 pm."),
    ],
)
def test_what_became_of_a_hold_is_told_in_words(
    town: Town, outreach: Browser, reason: str, words: str
) -> None:
    keep(outreach)
    (one,) = kept(town)
    desk, judge = Hand("p-river", Source.DESK), horizons(town.now, DAY)
    grip = Grip(one.id, desk, "the-tap", site="riverbank")
    if reason == "arrived":
        town.store.holds.arrive(grip, town.now, judge, town.now)
    if reason == "did-not-come":
        town.store.holds.end(grip, HoldEnd.DID_NOT_COME, town.now)
    if reason == "taken-back":
        place = ("riverbank", "women", ReportKind.CHANGE, 0, town.now, Source.DESK, "p-river", "k")
        said = Report(*place, minds_held=True, ending=(one.id,))
        assert town.store.reports.report(said, judge, town.now).kept
    if reason == "lapsed":
        town.later(minutes=90)
        town.store.holds.lapse(one, town.now)
    town.caught_up()
    outreach.open(f"{PAGE}/news")
    assert f"{one.code} , Riverbank House: {words}" in outreach.words
    town.later(hours=3, minutes=1)
    outreach.open(PAGE)
    assert one.code not in outreach.words


def test_a_confidential_site_is_not_there(town: Town, outreach: Browser) -> None:
    report(town, 3, "haven", "family")
    outreach.open(PAGE)
    assert "Haven" not in outreach.words
    action = KEEP.replace("riverbank", "haven").replace("women", "family")
    form = outreach.form(KEEP) | {"minutes": "20"}
    assert outreach.post(action, form).status_code == 404
    assert kept(town, "haven") == []


def test_an_agency_sees_and_touches_only_its_own_holds(town: Town, outreach: Browser) -> None:
    other = Hold(
        *("h-other", "riverbank", "women", "Clinic", "canyon orange"),
        *(town.now, town.now + 90 * MINUTE),
    )
    hand = Hand("p-clinic", Source.OUTREACH)
    town.store.holds.keep(other, horizons(town.now, DAY), hand)
    town.caught_up()
    outreach.open(PAGE)
    assert "canyon" not in outreach.page
    assert "Clinic" not in outreach.page
    form = outreach.form(KEEP)
    for what in ("longer", "release"):
        outreach.post(f"{PAGE}/holds/h-other/{what}", form)
        assert "this hold had ended already" in outreach.words, "no hint"
    assert [one.id for one in kept(town)] == ["h-other"]


@pytest.mark.parametrize("name", ["desk_at_riverbank", "coordinator", "caller"])
def test_the_page_is_for_outreach_people(town: Town, outreach: Browser, name: str) -> None:
    keep(outreach)
    (one,) = kept(town)
    other = town.as_(name)
    for path in (PAGE, f"{PAGE}/news"):
        assert other.open(path).status_code == 404
    other.open("/desk")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
    assert token
    given = {"csrf_token": token[1], "key": "a-key-of-mine", "minutes": "20"}
    for action in (KEEP, f"{PAGE}/holds/{one.id}/longer", f"{PAGE}/holds/{one.id}/release"):
        assert other.post(action, given).status_code == 404
    assert len(kept(town)) == 1


def test_who_is_signed_out_is_sent_to_sign_in_and_nothing_is_kept(
    town: Town, outreach: Browser
) -> None:
    form = outreach.form(KEEP) | {"minutes": "20"}
    outreach.client.delete_cookie("bedboard")
    assert outreach.open(PAGE, follow=False).status_code == 303
    answer = outreach.post(KEEP, form, follow=False)
    assert "/sign-in?next=" in answer.headers["Location"]
    assert kept(town) == []
    assert outreach.open(f"{PAGE}/news", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize(
    "given", [{"minutes": "45"}, {"minutes": ""}, {"minutes": "soon"}, {"key": ""}]
)
def test_what_the_page_never_offered_is_refused(
    town: Town, outreach: Browser, given: dict[str, str]
) -> None:
    outreach.post(KEEP, outreach.form(KEEP) | {"minutes": "20"} | given)
    assert "Refused." in outreach.words
    assert kept(town) == []


def test_a_bed_group_that_is_not_there_and_a_wrong_method(town: Town, outreach: Browser) -> None:
    form = outreach.form(KEEP) | {"minutes": "20"}
    for action in (KEEP.replace("women", "none"), KEEP.replace("riverbank", "nowhere")):
        assert outreach.post(action, form).status_code == 404
    assert outreach.open(KEEP).status_code == 405
    assert outreach.open(f"{PAGE}/holds/h-1/release").status_code == 405


def test_outreach_people_start_here_and_hear_that_something_changed(
    town: Town, outreach: Browser
) -> None:
    assert outreach.open("/sign-in", follow=False).headers["Location"] == PAGE
    response = outreach.client.get("/live?since=a:1-0&desk=*", buffered=False)
    assert response.status_code == 200
    heard = iter(response.response)
    assert b"event: beat" in next(heard)
    news = next(heard)
    assert b"event: figures" in news
    assert b"<" not in news, "nothing of what it is"
    response.close()
    desk = town.as_("desk_at_riverbank")
    assert desk.client.get("/live?since=a:1-0&desk=*").status_code == 404


def test_the_stream_ends_when_its_listener_is_shut_out(town: Town, outreach: Browser) -> None:
    response = outreach.client.get("/live?since=a:1-0&desk=*", buffered=False)
    heard = iter(response.response)
    assert b"event: beat" in next(heard)
    assert b"event: figures" in next(heard)
    town.store.people.disable("p-out", "p-cor", town.now)
    assert list(heard) == [], "it ends at the next look, a second later"
    response.close()


def test_the_page_and_its_news_tell_the_same(town: Town, outreach: Browser) -> None:
    keep(outreach)
    page = outreach.open(PAGE).text
    parts = dict(PART.findall(outreach.open(f"{PAGE}/news").text))
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    assert parts.keys() >= {"holds", "ended", "marks"}
    for name, part in parts.items():
        assert f"<!--part {name}-->{token.sub('', part)}<!--/part {name}-->" in token.sub("", page)
