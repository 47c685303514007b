"""Looking back, handing over, and being reminded: what a desk reads, and who else may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.asking import ANSWER_IN, Ask, AskEnd
from dashboard.beds import HoldEnd, Source
from dashboard.clock import last_reset
from dashboard.config import Settings
from dashboard.events import HandedOver
from dashboard.holds import A_LITTLE
from dashboard.people import Hand
from dashboard.rows import Moment
from dashboard.store import Grip
from dashboard.turnaways import TurnAway, TurningAway

from .desks import Browser, Town, riverbend
from .test_desk_evening import BEDS, EVENING, end, say
from .values import DAY, GROUPS, RIVERBANK, SITES, VAN, WOMEN, hold

DESK = "/desk/riverbank"
HISTORY, HANDOVER, LATER = f"{DESK}/history", f"{DESK}/handover", f"{DESK}/later"
WOMEN_REPORTS, MEN_REPORTS = f"{DESK}/groups/women/reports", f"{DESK}/groups/men/reports"


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def desk(town: Town) -> Browser:
    browser = town.as_("desk_at_riverbank")
    browser.open(DESK)
    return browser


def change(browser: Browser, number: int, action: str = WOMEN_REPORTS, **more: str) -> None:
    browser.open(DESK)
    browser.post(action, browser.form(action, kind="change") | {"value": str(number)} | more)


def keep_a_bed(town: Town, id_: str = "h-1") -> None:
    judge = Moment(town.app.extensions["follower"].board, town.now).judge(RIVERBANK)
    town.store.holds.keep(hold(id_, WOMEN, town.now), judge, VAN)


def ask_for_a_bed(town: Town, id_: str) -> None:
    judge = Moment(town.app.extensions["follower"].board, town.now).judge(RIVERBANK)
    soon = town.now + A_LITTLE
    one = Ask(id_, WOMEN.site, WOMEN.id, "van", town.now, town.now + ANSWER_IN, soon, VAN.who)
    assert town.store.asks.ask(one, judge, VAN, f"ask-{id_}").kept


def entries(browser: Browser, path: str = HISTORY) -> list[str]:
    """The entries of the page, newest first: sentence, then when and who."""
    browser.open(path)
    found = re.findall(r"<li data-said=[^>]*><p>(.*?)</p><p[^>]*>(.*?)</p>", browser.page, re.S)
    clean = [re.sub(r"\s+", " ", re.sub("<[^>]*>", "", " | ".join(one))) for one in found]
    return [one.replace("\xa0", " ").strip() for one in clean]


# Looking back


def test_the_last_entries_stand_in_words_newest_first(desk: Browser, town: Town) -> None:
    change(desk, 5)
    town.later(minutes=3)
    change(desk, 4)
    desk.post(WOMEN_REPORTS, desk.form(WOMEN_REPORTS, kind="confirm"))
    desk.post(f"{DESK}/groups/women/undo", desk.form(f"{DESK}/groups/women/undo"))
    assert entries(desk)[:4] == [
        "Women's beds: last report taken back. From 4 to 4 again. | 4:15 pm · Sam",
        "Women's beds: still 4 | 4:15 pm · Sam",
        "Women's beds: from 5 to 4 | 4:15 pm · Sam",
        "Women's beds: 5 open | 4:12 pm · Sam",
    ]


def test_a_report_that_waited_says_when_it_was_counted_and_when_it_came(
    desk: Browser, town: Town
) -> None:
    desk.open(DESK)
    form = desk.form(WOMEN_REPORTS, kind="change")
    town.later(hours=1)
    desk.post(WOMEN_REPORTS, form | {"value": "6", "waited": "3120"})
    assert entries(desk)[0] == "Women's beds: 6 open | counted 4:20 pm, arrived 5:12 pm · Sam"
    form["key"] += "x"
    desk.post(WOMEN_REPORTS, form | {"value": "9", "waited": "3300"})
    assert entries(desk)[0] == (
        "Women's beds: 9. Kept in history: it came too late for the board."
        " | counted 4:17 pm, arrived 5:12 pm · Sam"
    )


def test_a_turn_away_that_waited_says_so_too(desk: Browser, town: Town) -> None:
    desk.open(DESK)
    form = desk.form(f"{DESK}/turned") | {"reason": "cart", "waited": "1200"}
    town.later(minutes=30)
    desk.post(f"{DESK}/turned", form)
    assert entries(desk)[0] == "Turned away: cart | tapped 4:22 pm, arrived 4:42 pm · Sam"


def test_who_reports_by_phone_or_by_machine_is_marked_so(town: Town, desk: Browser) -> None:
    change(town.as_("caller"), 5)
    token = town.store.tokens.create("counter", None, "p-cor", town.now)
    url = "/api/v1/sites/riverbank/bed-groups/women/reports"
    stamp = (town.now - timedelta(minutes=2)).isoformat()
    body = {"kind": "change", "open": 3, "observed_at": stamp}
    heads = {"Authorization": f"Bearer {token}", "Idempotency-Key": "by-machine"}
    answer = town.as_("visitor").client.post(url, json=body, headers=heads)
    found = entries(desk)
    assert "Women's beds: 5 open | 4:12 pm · Cal, by phone" in found
    if answer.status_code < 300:
        assert "counted 4:10 pm, arrived 4:12 pm · A machine" in found[0]


def test_holds_are_told_to_the_sites_own_people_alone(town: Town, desk: Browser) -> None:
    change(desk, 5)
    keep_a_bed(town)
    town.store.holds.end(Grip("h-1", VAN, "let-go", agency="van"), HoldEnd.RELEASED, town.now)
    own = entries(desk)
    assert any("code maple river" in one for one in own)
    assert any("a kept bed was let go" in one for one in own)
    for name in ("coordinator", "caller"):
        other = entries(town.as_(name))
        assert other, "they see the rest"
        assert not any("kept" in one or "maple" in one for one in other)


def test_what_was_declared_stands_in_its_own_words(town: Town, desk: Browser) -> None:
    desk.open(EVENING)
    say(desk, "closed", reason="staffing")
    say(desk, "surge", BEDS, count="3", reason="cold")
    say(desk, "curfew", time="22:00")
    say(desk, "curfew", time="23:00")
    assert entries(desk)[:4] == [
        "Tonight: Doors close at 11 pm, until 8:00 am. Before: Doors close at 10 pm, until 8:00 am."
        " | 4:12 pm · Sam",
        "Tonight: Doors close at 10 pm, until 8:00 am | 4:12 pm · Sam",
        "Tonight: Women's beds: 3 extra mats or chairs (cold night), until 8:00 am | 4:12 pm · Sam",
        "Tonight: Closed tonight (not enough staff), until 8:00 am | 4:12 pm · Sam",
    ]
    desk.open(HANDOVER)
    assert "Tonight Closed tonight (not enough staff), until 8:00 am" in desk.words
    assert "Women's beds: 3 extra mats or chairs (cold night), until 8:00 am" in desk.words
    assert "Women's beds 12 beds in all · 3 extra mats or chairs" in desk.words
    desk.open(DESK)
    assert "data-cause" not in desk.page, "nobody waits for the counts of a closed site"


def test_entries_stand_under_their_days(town: Town, desk: Browser) -> None:
    change(desk, 5)
    town.later(days=1)
    change(desk, 4)
    town.later(days=2)
    change(desk, 3)
    desk.open(HISTORY)
    titles = re.findall(r'<h2 class="title">(.*?)</h2>', desk.page)
    assert titles[0] == "Today"
    assert titles[1:] == ["2026-11-21", "2026-11-20"]


def test_no_more_than_fifty_and_no_older_than_a_week(town: Town, desk: Browser) -> None:
    for number in range(60):
        reset = last_reset(town.now, DAY)
        turned = TurningAway(TurnAway.FULL, town.now, f"k{number}")
        town.store.turned.turn_away(
            "riverbank", turned, Hand("p-river", Source.DESK), reset, town.now
        )
    assert len(entries(desk)) == 50
    town.later(days=8)
    assert entries(desk) == []
    assert "Nothing has been entered here in the last week." in desk.words


def test_every_kind_of_entry_has_words_in_both_languages(town: Town, desk: Browser) -> None:
    everything(town, desk)
    for language in ("en", "fr"):
        found = entries(desk, f"{HISTORY}?lang={language}")
        said = set(re.findall(r'data-said="([^"]*)"', desk.page))
        assert said >= KINDS
        assert not [one for one in found if "%(" in one or one.startswith("|")]
        assert "another entry" not in desk.words
    assert "Refus : " in " ".join(found)


KINDS = {
    *("counted", "changed", "still", "late", "undone", "undone-to-nothing", "held"),
    *(f"hold-{reason}" for reason in HoldEnd),
    *("asked", *(f"ask-{reason}" for reason in AskEnd)),
    *("hold-longer", "turned-away", "turned-back"),
    *("handed-over", "site-saved", "group-saved", "declared", "ended", "declared-anew"),
}


def everything(town: Town, desk: Browser) -> None:
    """One of each kind of entry."""
    town.store.profiles.save(SITES, GROUPS, "p-cor", town.now)
    change(desk, 7, MEN_REPORTS)
    desk.post(f"{DESK}/groups/men/undo", desk.form(f"{DESK}/groups/men/undo"))
    change(desk, 5)
    town.later(minutes=5)
    change(desk, 4)
    desk.post(WOMEN_REPORTS, desk.form(WOMEN_REPORTS, kind="confirm"))
    desk.post(f"{DESK}/groups/women/undo", desk.form(f"{DESK}/groups/women/undo"))
    change(desk, 9, waited="200")
    for number, reason in enumerate(HoldEnd):
        keep_a_bed(town, f"h-{number}")
        grip = Grip(f"h-{number}", VAN, f"end-{number}", agency="van")
        if not number:
            longer = replace(grip, key="longer")
            town.store.holds.extend(longer, A_LITTLE, town.now + timedelta(hours=3), town.now)
        town.store.holds.end(grip, reason, town.now)
    for number, end_ in enumerate(AskEnd):
        ask_for_a_bed(town, f"a-{number}")
        grip = Grip(f"a-{number}", VAN, f"answer-{number}", agency="van")
        town.store.asks.end(grip, end_, town.now)
    desk.open(DESK)
    desk.post(f"{DESK}/turned", desk.form(f"{DESK}/turned") | {"reason": "pet"})
    undoes = re.search(r'name="undoes" value="([^"]*:[^"]*)">Undo “', desk.page)
    assert undoes
    back = f"{DESK}/turned/undo"
    desk.post(back, desk.form(back) | {"undoes": undoes[1]})
    desk.open(EVENING)
    say(desk, "closed", reason="staffing")
    end(desk, "closed")
    say(desk, "curfew", time="22:00")
    say(desk, "curfew", time="23:00")
    desk.open(HANDOVER)
    desk.send(HANDOVER, {})


@pytest.mark.parametrize("path", [HISTORY, HANDOVER])
def test_each_page_is_for_who_may_report_there(town: Town, path: str) -> None:
    for name, status in (
        ("desk_at_riverbank", 200),
        ("coordinator", 200),
        ("caller", 200),
        ("desk_at_northside", 404),
        ("outreach", 404),
    ):
        answer = town.as_(name).open(path)
        assert answer.status_code == status, name
        assert answer.headers["Cache-Control"] == "no-store"
    assert (
        town.as_("desk_at_riverbank").open(path.replace("riverbank", "nowhere")).status_code == 404
    )
    visitor = town.as_("visitor").open(path, follow=False)
    assert visitor.status_code == 303
    assert "/sign-in" in visitor.location


# Handing over


def test_the_card_tells_what_changed_and_what_is_open(town: Town, desk: Browser) -> None:
    change(desk, 8)
    town.later(minutes=10)
    change(desk, 5)
    desk.post(WOMEN_REPORTS, desk.form(WOMEN_REPORTS, kind="confirm"))
    desk.post(f"{DESK}/turned", desk.form(f"{DESK}/turned") | {"reason": "full"})
    keep_a_bed(town)
    town.later(minutes=5)
    desk.open(HANDOVER)
    said = desk.words
    assert "As of 4:27 pm, 2026-11-20." in said
    assert "Women's beds 12 beds in all 5 4:22 pm, 5 min ago 1 ? → 5, confirmed 1 time" in said
    assert "Men's beds 18 beds in all ? not counted yet today 0 nothing new" in said
    assert "1 bed is promised." in said
    assert (
        "maple river · van · Women's beds · there by 5:52 pm · kept until 5:52 pm (1 h 25 min left)"
        in said
    )
    assert "Turned away 1 time (full 1). Times, not people." in said
    assert "Count: Men's beds" in said


def test_others_than_the_sites_own_people_read_no_hold(town: Town, desk: Browser) -> None:
    change(desk, 5)
    keep_a_bed(town)
    for name in ("coordinator", "caller"):
        other = town.as_(name)
        other.open(HANDOVER)
        assert "maple" not in other.page
        assert "promised" not in other.words
        assert "Kept" not in other.words


def test_a_shift_that_hands_over_leaves_a_card_for_the_next(town: Town, desk: Browser) -> None:
    change(desk, 8)
    desk.open(HANDOVER)
    assert "in the last 12 hours" in desk.words.lower()
    desk.send(HANDOVER, {})
    assert "Saved 4:12 pm" in desk.words
    assert "Handed over at 4:12 pm." in desk.words
    assert "? → 8" in desk.words, "the next shift reads what it was handed"
    town.later(hours=2)
    change(desk, 3)
    desk.open(HANDOVER)
    assert "since the last hand-over at 4:12 pm" in desk.words
    assert "8 → 3" in desk.words
    town.later(minutes=1)
    desk.send(HANDOVER, {})
    assert "8 → 3" in desk.words
    overs = [event for event in town.store.stream.events() if isinstance(event, HandedOver)]
    assert [event.who for event in overs] == ["p-river", "p-river"]
    town.later(hours=25)
    desk.open(HANDOVER)
    assert "in the last 12 hours" in desk.words.lower()


def test_a_hand_over_said_again_leaves_the_same_card(town: Town, desk: Browser) -> None:
    change(desk, 8)
    for _ in range(2):
        desk.open(HANDOVER)
        desk.send(HANDOVER, {})
        town.later(minutes=3)
    assert "Handed over at 4:15 pm." in desk.words
    assert "? → 8" in desk.words, "the next shift reads what it was handed"


def test_the_hand_over_sent_twice_is_one_entry_and_bad_ones_none(desk: Browser, town: Town) -> None:
    desk.open(HANDOVER)
    form = desk.form(HANDOVER)
    for _ in range(2):
        desk.post(HANDOVER, form)
    desk.post(HANDOVER, form | {"key": "x"})
    assert "Refused" in desk.words
    desk.client.post(HANDOVER, data={"key": "a-forged-key"})
    for method in ("put", "delete", "patch"):
        assert getattr(desk.client, method)(HANDOVER).status_code == 405
    stranger = town.as_("desk_at_northside")
    stranger.open("/desk")
    token = stranger.form("/sign-out")["csrf_token"]
    given = {"csrf_token": token, "key": "a-key-by-hand"}
    assert stranger.client.post(HANDOVER, data=given).status_code == 404
    overs = [event for event in town.store.stream.events() if isinstance(event, HandedOver)]
    assert len(overs) == 1


def test_a_late_report_and_an_undone_turn_away_change_no_card(town: Town, desk: Browser) -> None:
    change(desk, 5)
    town.later(minutes=10)
    change(desk, 4)
    change(desk, 9, waited="500")
    desk.post(f"{DESK}/turned", desk.form(f"{DESK}/turned") | {"reason": "pet"})
    undoes = re.search(r'name="undoes" value="([^"]*:[^"]*)">Undo “', desk.page)
    assert undoes
    desk.post(f"{DESK}/turned/undo", desk.form(f"{DESK}/turned/undo") | {"undoes": undoes[1]})
    desk.open(HANDOVER)
    assert "? → 4" in desk.words
    assert "Nobody, as far as was noted." in desk.words


# Reminders


def test_the_bar_asks_and_one_tap_answers(town: Town, desk: Browser) -> None:
    change(desk, 5)
    change(desk, 2, MEN_REPORTS)
    desk.open(DESK)
    assert "data-cause" not in desk.page
    town.later(minutes=50)
    desk.open(DESK)
    assert "5:00 pm is when people choose where to go. Are the counts right?" in desk.words
    desk.post(f"{DESK}/reports", desk.form(f"{DESK}/reports"))
    assert 'form="all-still-right"' not in desk.page
    assert "data-cause" not in desk.page


def test_beds_that_nobody_counted_are_asked_for_their_number(town: Town, desk: Browser) -> None:
    desk.open(DESK)
    assert "It is past 3:00 pm: from now on counts grow old faster." in desk.words
    assert 'href="#number-women">Women' in desk.page
    assert "Women's beds: count" in desk.words
    assert 'form="all-still-right"' not in desk.page


def test_the_page_knows_when_the_next_reminder_is_due(town: Town, desk: Browser) -> None:
    change(desk, 5)
    change(desk, 2, MEN_REPORTS)
    desk.open(DESK)
    found = re.search(r'id="reminder" data-next="(\d+)"', desk.page)
    assert found
    now = re.search(r'id="remind" data-now="(\d+)"', desk.page)
    assert now
    assert (int(found[1]) - int(now[1])) == 48 * 60_000, "five o'clock"


def test_it_can_be_put_off_for_a_quarter_of_an_hour_on_this_device(
    town: Town, desk: Browser
) -> None:
    desk.open(DESK)
    assert "data-cause" in desk.page
    before = len(list(town.store.stream.events()))
    desk.send(LATER, {})
    assert "data-cause" not in desk.page
    other = town.as_("desk_at_riverbank")
    other.open(DESK)
    assert "data-cause" in other.page, "another device of the same person"
    town.later(minutes=14)
    desk.open(DESK)
    assert "data-cause" not in desk.page
    town.later(minutes=1)
    desk.open(DESK)
    assert "data-cause" in desk.page
    assert len(list(town.store.stream.events())) == before, "nothing was said about a bed"


def test_only_who_may_report_puts_off(town: Town) -> None:
    assert town.as_("visitor").client.post(LATER).status_code == 303
    stranger = town.as_("desk_at_northside")
    stranger.open("/desk")
    token = stranger.form("/sign-out")["csrf_token"]
    assert stranger.client.post(LATER, data={"csrf_token": token}).status_code == 404
    assert town.as_("desk_at_riverbank").client.get(LATER).status_code == 405


def test_what_the_last_report_brought_stands_beside_it(town: Town, desk: Browser) -> None:
    change(desk, 5)
    looked = town.store.looked
    looked.keep("w1", {int((town.now + timedelta(minutes=5)).timestamp() // 300): 34}, town.now)
    looked.keep("w2", {int((town.now - timedelta(minutes=5)).timestamp() // 300): 9}, town.now)
    desk.open(DESK)
    assert "The board was opened at least 34 times since your last report." in desk.words
    other = town.as_("desk_at_northside")
    other.open("/desk/northside")
    assert "opened at least 43 times today. It has no count from you yet." in other.words


def test_no_public_page_reminds_anybody(town: Town) -> None:
    visitor = town.as_("visitor")
    for path in ("/", "/sites/riverbank", "/how-we-count"):
        visitor.open(path)
        assert 'id="remind' not in visitor.page
        assert "desk-remind" not in visitor.page


# Every act of a desk is in the stream


def posts(town: Town) -> set[str]:
    """The endpoints of the desk's room that take a form."""
    rules = town.app.url_map.iter_rules()
    return {r.endpoint for r in rules if r.endpoint.startswith("desk.") and "POST" in r.methods}


NO_ACT = {"desk.put_off", "desk.tap", "desk.lock"}  # what is seen on one device, and by whom
SHIFTS = {"desk.pin", "desk.end_shift"}  # notes about a person and a device, not about a site
REPORT = {"observed", "received", "before", "figure", "value"}
ACTS = {  # what the entry of an act tells, beside who, through what and on which device
    "desk.report": REPORT,
    "desk.confirm_all": REPORT,
    "desk.undo": REPORT,
    "desk.arrived": REPORT,
    "desk.did_not_come": {"reason", "now", "kept"},
    "desk.longer": {"hold", "before", "now"},
    "desk.say_yes": {"reason", "now"},
    "desk.say_no": {"reason", "now"},
    "desk.declare": {"declared", "before", "now"},
    "desk.end": {"declared", "before", "now"},
    "desk.turn_away": {"reason", "observed", "now"},
    "desk.turn_back": {"reason", "undoes", "now"},
    "desk.hand_over": {"now"},
}


def test_every_form_of_a_desk_is_an_act_that_is_looked_at_here(town: Town) -> None:
    known = ACTS.keys() | SHIFTS | NO_ACT
    assert posts(town) == known, "a new form: say in ACTS what its entry tells"


def test_each_act_leaves_who_did_it_when_on_what_and_through_what(
    town: Town, tablet: Browser
) -> None:
    tablet.tap_in("p-river")
    (device,) = town.store.devices.all()
    change(tablet, 2, MEN_REPORTS)
    change(tablet, 5)
    for id_ in ("h-1", "h-2", "h-3"):
        keep_a_bed(town, id_)
    for id_ in ("a-1", "a-2"):
        ask_for_a_bed(town, id_)
    told: dict[str, dict[str, str]] = {}
    for endpoint, act in acts(tablet).items():
        last = newest(town)
        act()
        found = [fields for id_, fields in entries_since(town, last)]
        assert found, f"{endpoint} left nothing"
        for fields in found:
            assert (fields["who"], fields["source"]) == ("p-river", "desk"), endpoint
            assert fields["device"] == device.id, endpoint
        assert any(ACTS[endpoint] <= fields.keys() for fields in found), (endpoint, found)
        told |= {endpoint: found[0]}
    assert told.keys() == ACTS.keys()
    assert (told["desk.report"]["before"], told["desk.report"]["value"]) == ("5", "6")
    assert '"open":6' in told["desk.report"]["figure"].replace(" ", "")


def acts(tablet: Browser) -> dict[str, Callable[[], object]]:
    """Every act of a desk, by its endpoint, in an order in which each can be done."""
    holds, women = f"{DESK}/holds", f"{DESK}/groups/women"

    def tap(action: str, page: str = DESK) -> Callable[[], object]:
        return lambda: (tablet.open(page), tablet.post(action, tablet.form(action)))

    def turn_away() -> None:
        tablet.open(DESK)
        tablet.post(f"{DESK}/turned", tablet.form(f"{DESK}/turned") | {"reason": "pet"})

    def turn_back() -> None:
        undoes = re.search(r'name="undoes" value="([^"]*:[^"]*)">Undo “', tablet.page)
        assert undoes
        back = f"{DESK}/turned/undo"
        tablet.post(back, tablet.form(back) | {"undoes": undoes[1]})

    def declare() -> None:
        tablet.open(EVENING)
        say(tablet, "closed", reason="staffing")

    return {
        "desk.report": lambda: change(tablet, 6),
        "desk.undo": tap(f"{women}/undo"),
        "desk.confirm_all": tap(f"{DESK}/reports"),
        "desk.longer": tap(f"{holds}/h-1/longer"),
        "desk.did_not_come": tap(f"{holds}/h-1/did-not-come"),
        "desk.arrived": tap(f"{holds}/h-2/arrived"),
        "desk.say_yes": tap(f"{DESK}/asks/a-1/yes"),
        "desk.say_no": tap(f"{DESK}/asks/a-2/no"),
        "desk.turn_away": turn_away,
        "desk.turn_back": turn_back,
        "desk.declare": declare,
        "desk.end": lambda: end(tablet, "closed"),
        "desk.hand_over": tap(HANDOVER, HANDOVER),
    }


def newest(town: Town) -> str:
    return town.store.stream.latest(1)[0].version.entry


def entries_since(town: Town, last: str) -> list[tuple[str, dict[str, str]]]:
    """As they stand in the store."""
    key = town.store.connection.key("events")
    return town.store.connection.client.xrange(key, f"({last}")  # type: ignore[return-value]


# At a device of the desk


@pytest.fixture
def tablet(town: Town) -> Browser:
    town.give_pin("desk_at_riverbank")
    return town.tablet()


def test_a_shift_that_begins_is_reminded_to_look_at_every_count(
    town: Town, tablet: Browser
) -> None:
    desk = town.as_("desk_at_riverbank")
    change(desk, 5)
    change(desk, 2, MEN_REPORTS)
    town.later(minutes=20)
    tablet.tap_in("p-river")
    assert "A shift has begun. Are the counts right?" in tablet.words
    town.later(seconds=5)
    tablet.post(f"{DESK}/reports", tablet.form(f"{DESK}/reports"))
    assert "Saved 4:32 pm" in tablet.words
    assert "A shift has begun" not in tablet.words
    for number in range(5):
        town.later(minutes=14)
        change(tablet, number)
    tablet.open(HANDOVER)
    assert "Changes since the shift began at 4:32 pm." in tablet.words


def test_an_entry_of_a_device_names_it_and_a_revoked_one_has_no_name_left(
    town: Town, tablet: Browser
) -> None:
    tablet.tap_in("p-river")
    change(tablet, 5)
    tablet.open(DESK)
    tablet.post(f"{DESK}/turned", tablet.form(f"{DESK}/turned") | {"reason": "cart"})
    tablet.open(HANDOVER)
    tablet.send(HANDOVER, {})
    (device,) = town.store.devices.all()
    acts = [event for event in town.store.stream.events() if getattr(event, "device", "")]
    assert {getattr(event, "device", "") for event in acts} == {device.id}
    assert len([event for event in acts if getattr(event, "site", "")]) == 3
    found = entries(tablet)
    assert found[0] == "Shift handed over | 4:12 pm · Sam · Front desk tablet"
    assert [one.endswith("· Sam · Front desk tablet") for one in found[:3]] == [True] * 3
    town.store.devices.revoke(device.id, "p-cor", town.now)
    assert entries(town.as_("desk_at_riverbank"))[0] == "Shift handed over | 4:12 pm · Sam"


def test_with_nobody_at_it_a_device_reminds_but_tells_no_names_or_codes(
    town: Town, tablet: Browser
) -> None:
    tablet.open(DESK)
    assert "from now on counts grow old faster" in tablet.words
    for path in (HISTORY, HANDOVER):
        answer = tablet.open(path, follow=False)
        assert answer.status_code == 303
        assert "needs=pin" in answer.location
    tablet.open(DESK)
    tablet.send(LATER, {})
    assert "grow old faster" not in tablet.words
    tablet.post(f"{DESK}/turned", tablet.form(f"{DESK}/turned") | {"reason": "full"})
    assert "not saved" in tablet.words.lower()
    assert "Turned away today" not in tablet.words
    tablet.tap_in("p-river")
    tablet.post(f"{DESK}/turned", tablet.form(f"{DESK}/turned") | {"reason": "full"})
    assert "Turned away today: 1 time (full 1)" in tablet.words
