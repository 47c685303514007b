"""The coordinator's page of settings: what each says, who changed it, where it shows at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from dashboard import web
from dashboard.beds import Source
from dashboard.clock import Freshness
from dashboard.config import Settings
from dashboard.customs import SettingChanged
from dashboard.reports import Report, ReportKind
from dashboard.rows import Moment
from dashboard.settling import LANGUAGES
from dashboard.store import differences
from dashboard.terms import Setting

from .desks import Browser, Town, riverbend, send
from .test_naughty import OURS
from .test_naughty_forms import harmless
from .values import DAY, at

PAGE = "/settings"
HOUR = timedelta(hours=1)
# One good form for each, and what the list then says of it.
GOOD: dict[Setting, tuple[dict[str, str], str]] = {
    Setting.DECISION: ({"time": "4:30 pm"}, "4:30 pm"),
    Setting.EVENING: ({"time": "14:00"}, "2 pm"),
    Setting.RESET: ({"time": "09:30"}, "9:30 am"),
    Setting.EVENING_LIMITS: ({"fresh": "45", "stale": "120"}, "Fresh up to 45 min"),
    Setting.OTHER_LIMITS: ({"fresh": "90", "stale": "300"}, "“call first” after 5 h"),
    Setting.REMINDERS: ({"time1": "20:00", "time2": "12:30", "time3": "20:00"}, "12:30 pm, 8 pm"),
    Setting.SHUTTLE: (
        {"runs": "yes", "starts": "17:00", "ends": "1 am", "phone": "250-555-0100"},
        "5 pm to 1 am, 250-555-0100",
    ),
    Setting.PHRASES: ({"without": "knock"}, "All but these: Please knock or ring"),
    Setting.AGENCY_HOLDS: ({"count": "3"}, " 3 How many beds"),
    Setting.LANGUAGES: ({"languages": "fr en"}, "French first, then English"),
    Setting.HELP: ({"en": "https://bc.211.ca/", "fr": "https://bc.211.ca/fr"}, "bc.211.ca/fr"),
    Setting.WEATHER: ({"en": "https://a.example/", "fr": "https://b.example/"}, "b.example"),
    Setting.EMERGENCY: ({"en": "https://cold.example/", "fr": "https://froid.example/"}, "froid"),
    Setting.SOURCE: ({"link": "https://code.example/board"}, "code.example/board"),
}


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with riverbend(settings) as town:
        yield town


@pytest.fixture
def coordinator(town: Town) -> Browser:
    return town.as_("coordinator")


def change(browser: Browser, setting: Setting, fields: dict[str, str] | None = None) -> int:
    """Opens the form of a setting, fills it in and sends it; the status of the answer."""
    path = f"{PAGE}/{setting}"
    browser.open(path)
    own = {name: browser.form(path)[name] for name in ("csrf_token", "key", "seen")}
    answer = browser.post(path, own | (GOOD[setting][0] if fields is None else fields))
    return answer.status_code


def changes(town: Town) -> list[SettingChanged]:
    return [one for one in town.store.stream.events() if isinstance(one, SettingChanged)]


def test_every_setting_is_changed_and_says_who_did_and_what_held_before(
    town: Town, coordinator: Browser
) -> None:
    coordinator.open(PAGE)
    assert coordinator.words.count("Nobody has changed this.") == len(Setting)
    for setting in Setting:
        assert change(coordinator, setting) == 200, setting
        assert f"✓ Saved: {title(coordinator, setting)}" in coordinator.words, setting
        assert GOOD[setting][1] in coordinator.words, setting
    assert coordinator.words.count("Cory set this, 2026-11-20, 4:12 pm.") == len(Setting)
    assert "Without a change: 5 pm" in coordinator.words
    assert [one.settled.name for one in changes(town)] == list(Setting)
    assert {(one.who, one.before) for one in changes(town)} == {("p-cor", "")}
    kept, rebuilt = town.store.stream.snapshot(DAY), town.store.stream.rebuilt(DAY)
    assert kept.day == rebuilt.day != DAY
    assert kept.settlement == rebuilt.settlement == town.app.extensions["follower"].board.settlement
    assert differences(kept, rebuilt, town.now) == []


def title(browser: Browser, setting: Setting) -> str:
    item = browser.page.partition(f'<li id="{setting}">')[2]
    return item.partition("<h2>")[2].partition("</h2>")[0]


def test_a_setting_is_set_back_to_what_the_environment_says(
    town: Town, coordinator: Browser
) -> None:
    change(coordinator, Setting.DECISION)
    path = f"{PAGE}/{Setting.DECISION}"
    coordinator.open(path)
    coordinator.post(path, coordinator.form(path, back="yes"))
    assert "Cory set this back" in coordinator.words
    visitor = town.as_("visitor")
    visitor.open("/")
    assert "to 5 pm, when shelters often fill" in visitor.words
    assert [one.settled.text for one in changes(town)] == ["16:30", ""]
    board = town.store.stream.snapshot(DAY)
    assert board.day.decision == DAY.decision
    coordinator.open("/record?about=settings")
    assert "Setting “Decision time”: 4:30 pm. Before: as at first" in coordinator.words
    assert "Setting “Decision time”: as at first. Before: 4:30 pm" in coordinator.words


WRONG: tuple[tuple[Setting, dict[str, str], str], ...] = (
    (Setting.DECISION, {"time": "soon"}, "Please write a time"),
    (Setting.DECISION, {}, "Please fill this in."),
    (Setting.EVENING_LIMITS, {"fresh": "90", "stale": "90"}, "less than the other"),
    (Setting.EVENING_LIMITS, {"fresh": "0", "stale": "90"}, "from 1 to 1,440"),
    (Setting.EVENING_LIMITS, {"fresh": "30", "stale": "1441"}, "from 1 to 1,440"),
    (Setting.EVENING_LIMITS, {"fresh": "٣", "stale": "90"}, "from 1 to 1,440"),
    (Setting.REMINDERS, {"time1": "25:00"}, "Please write a time"),
    (Setting.SHUTTLE, {"runs": "yes", "starts": "16:00"}, "Please fill this in."),
    (
        Setting.SHUTTLE,
        {"runs": "yes", "starts": "16:00", "ends": "17:00", "phone": "ask Bo"},
        "phone number",
    ),
    (Setting.AGENCY_HOLDS, {"count": "1001"}, "from 1 to 1,000"),
    (Setting.LANGUAGES, {"languages": "de"}, "choose one of these"),
    (Setting.WEATHER, {"en": "https://a.example/"}, "Please fill this in."),
    *(
        (Setting.SOURCE, {"link": link}, "begins with https://")
        for link in (
            *("http://a.example/", "javascript:alert(1)", "https://user:pw@a.example/"),
            *("https://localhost/", "https://exämple.org/", "//a.example", "https://a.b/ c"),
        )
    ),
    (Setting.SOURCE, {"link": "https://a.example/\u202egpj"}, "can’t be used"),
    (Setting.SOURCE, {"link": "https://a.example/" + "x" * 200}, "That is too long."),
)


def test_what_can_t_be_settled_is_refused_beside_its_field(
    town: Town, coordinator: Browser
) -> None:
    for setting, fields, why in WRONG:
        assert change(coordinator, setting, fields) == 422, fields
        assert "Nothing was saved yet." in coordinator.words
        assert why in coordinator.words, fields
    assert changes(town) == []


def test_no_text_breaks_a_page_of_settings(town: Town, coordinator: Browser) -> None:
    for text in OURS:
        for setting in (Setting.SHUTTLE, Setting.SOURCE, Setting.HELP):
            fields = dict.fromkeys(("starts", "ends", "phone", "link", "en", "fr"), text)
            assert change(coordinator, setting, fields) in (200, 422), text
            assert harmless(coordinator.page, text)


def test_two_coordinators_never_overrule_each_other_unseen(
    town: Town, coordinator: Browser
) -> None:
    path = f"{PAGE}/{Setting.DECISION}"
    coordinator.open(path)
    early = coordinator.form(path) | {"time": "16:00"}
    change(town.as_("coordinator"), Setting.DECISION)
    answer = coordinator.post(path, early)
    assert answer.status_code == 409
    assert "Not saved: Cory changed this in the meantime." in coordinator.words
    assert "Now 4:30 pm" in coordinator.words
    again = coordinator.form(path)
    assert again["time"] == "16:00"
    assert coordinator.post(path, again).status_code == 200
    assert [one.settled.text for one in changes(town)] == ["16:30", "16:00"]


def test_a_form_that_is_sent_twice_counts_once(town: Town, coordinator: Browser) -> None:
    path = f"{PAGE}/{Setting.DECISION}"
    coordinator.open(path)
    form = coordinator.form(path) | {"time": "16:00"}
    for _ in range(2):
        assert coordinator.post(path, form).status_code == 200
    assert len(changes(town)) == 1
    assert coordinator.post(path, form | {"time": "15:00"}).status_code == 422
    assert "this form was used before" in coordinator.words


def test_what_was_typed_survives_signing_in_again(town: Town, coordinator: Browser) -> None:
    path = f"{PAGE}/{Setting.WEATHER}"
    coordinator.open(path)
    form = coordinator.form(path) | GOOD[Setting.WEATHER][0]
    coordinator.client.delete_cookie("bedboard")
    coordinator.post(path, form)
    coordinator.send(
        "/sign-in", {"login": "cory@example.org", "password": "six quiet geese at dawn"}
    )
    assert "You were signed out" in coordinator.words
    assert coordinator.form(path)["en"] == "https://a.example/"
    assert changes(town) == []


def test_a_change_shows_on_public_pages_at_once(town: Town, coordinator: Browser) -> None:
    visitor = town.as_("visitor")
    tag = visitor.open("/").headers["ETag"]
    for setting in (Setting.DECISION, Setting.HELP, Setting.EMERGENCY, Setting.WEATHER):
        change(coordinator, setting)
    answer = visitor.open("/", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "to 4:30 pm, when shelters often fill" in visitor.words
    assert "211 on the web" in visitor.words
    visitor.open("/how-we-count?lang=fr")
    for address in ("https://bc.211.ca/fr", "https://froid.example/", "https://b.example/"):
        assert f'href="{address}"' in visitor.page
    change(coordinator, Setting.EVENING_LIMITS)
    visitor.open("/how-we-count")
    assert "up to 45 min" in visitor.words


def test_the_public_reads_in_the_languages_that_are_offered(
    town: Town, coordinator: Browser
) -> None:
    visitor = town.as_("visitor")
    first = {"en fr": "en", "fr en": "fr", "en": "en", "fr": "fr"}
    for order in LANGUAGES:
        change(coordinator, Setting.LANGUAGES, {"languages": order})
        for path in ("/", "/how-we-count", "/sites/riverbank", "/nowhere"):
            assert f'<html lang="{first[order]}">' in visitor.open(path).text, (order, path)
            asked = visitor.open(f"{path}?lang=en").text
            assert f'<html lang="{"en" if "en" in order else "fr"}">' in asked
        offered = "hreflang=" in visitor.open("/").text
        assert offered == (" " in order)
        french = visitor.open("/", headers={"Accept-Language": "fr-CA"}).text
        assert ('<html lang="fr">' in french) == ("fr" in order)
    assert '<html lang="en">' in visitor.open("/sign-in?lang=en").text
    assert "hreflang=" in visitor.page


def test_a_phrase_that_is_left_out_is_not_offered_and_not_taken(
    town: Town, coordinator: Browser
) -> None:
    desk, path = town.as_("desk_at_riverbank"), "/desk/riverbank/evening"
    desk.open(path)
    assert 'value="knock"' in desk.page
    form = desk.form(path, **{"seen.knock": ""}) | {"topic": "knock"}
    change(coordinator, Setting.PHRASES)
    assert desk.post(path, form).status_code == 422
    assert 'value="knock"' not in desk.page
    assert 'value="back-entrance"' in desk.page
    assert town.store.stream.snapshot(DAY).sites["riverbank"].evening == ()


def test_an_agency_keeps_as_many_beds_as_is_settled(town: Town, coordinator: Browser) -> None:
    change(coordinator, Setting.AGENCY_HOLDS, {"count": "1"})
    change(coordinator, Setting.SHUTTLE, {"runs": "no"})
    van = town.as_("outreach")
    van.open("/outreach")
    assert "There is no shuttle that this board knows of." in van.words
    with town.app.test_request_context():
        assert web.customs().agency_holds == 1


def count(town: Town, minutes: int, group: str = "women") -> None:
    """A count of the desk that was made so many minutes ago."""
    when, key = town.now - timedelta(minutes=minutes), f"{group}-{town.now}"
    said = Report("riverbank", group, ReportKind.CHANGE, 4, when, Source.DESK, "p-river", key)
    board = town.store.stream.snapshot(DAY)
    judge = Moment(board, town.now).judge(board.sites["riverbank"].site)
    town.store.reports.report(said, judge, town.now)


def freshness(town: Town) -> Freshness:
    """As a reader of the hashes, and one of the stream alone, judge it."""
    found = []
    for board in (town.store.stream.snapshot(DAY), town.store.stream.rebuilt(DAY)):
        state = board.sites["riverbank"]
        figure = state.groups[0].figure
        assert figure
        found.append(Moment(board, town.now).judge(state.site).judge(figure.observed_at))
    assert found[0] is found[1]
    return found[0]


def test_looser_limits_make_no_old_count_fresh_again(town: Town, coordinator: Browser) -> None:
    count(town, 70)
    assert freshness(town) is Freshness.AGEING
    change(coordinator, Setting.EVENING_LIMITS, {"fresh": "600", "stale": "900"})
    assert freshness(town) is Freshness.AGEING
    change(coordinator, Setting.EVENING, {"time": "23:00"})
    assert freshness(town) is Freshness.AGEING
    town.later(hours=5)
    assert freshness(town) is Freshness.AGEING
    visitor = town.as_("visitor")
    visitor.open("/sites/riverbank")
    assert 'data-freshness="ageing"' in visitor.page
    count(town, 0)
    town.later(minutes=70)
    assert freshness(town) is Freshness.FRESH


def test_tighter_limits_age_a_count_at_once(town: Town, coordinator: Browser) -> None:
    count(town, 50)
    assert freshness(town) is Freshness.FRESH
    change(coordinator, Setting.EVENING_LIMITS, {"fresh": "10", "stale": "40"})
    assert freshness(town) is Freshness.STALE
    change(coordinator, Setting.EVENING_LIMITS, {"fresh": "60", "stale": "180"})
    assert freshness(town) is Freshness.STALE


def test_a_later_reset_brings_no_dead_count_back(town: Town, coordinator: Browser) -> None:
    count(town, 0)
    town.now = at("09:00", 21)
    assert freshness(town) is Freshness.NEVER
    change(coordinator, Setting.RESET, {"time": "10:00"})
    assert freshness(town) is Freshness.NEVER


def test_a_desk_is_asked_to_count_at_the_times_that_are_named(
    town: Town, coordinator: Browser
) -> None:
    count(town, 0)
    count(town, 0, "men")
    change(coordinator, Setting.REMINDERS, {"time1": "16:30"})
    town.now = at("16:31")
    desk = town.as_("desk_at_riverbank")
    desk.open("/desk/riverbank")
    assert "It is past 4:30 pm, a time to count." in desk.words


def test_the_history_of_a_setting_is_kept_no_longer_than_it_matters(
    town: Town, coordinator: Browser
) -> None:
    for minutes in ("30", "50", "55"):
        change(coordinator, Setting.EVENING_LIMITS, {"fresh": minutes, "stale": "180"})
        town.later(days=2)
    (stands,) = town.store.stream.snapshot(DAY).settlement
    assert [one.text for one in stands.was] == ["30 180", "50 180"]
    assert stands.was[-1].until.astimezone(UTC) == at("16:12", 24)


def test_settings_are_for_coordinators(town: Town) -> None:
    for browser in map(town.as_, ("desk_at_riverbank", "outreach", "caller")):
        for path in (PAGE, f"{PAGE}/{Setting.RESET}"):
            assert browser.open(path).status_code == 404
        assert send(browser, f"{PAGE}/{Setting.RESET}", {"time": "10:00"}).status_code == 404
    assert changes(town) == []


def test_there_is_no_page_for_what_is_no_setting(coordinator: Browser) -> None:
    assert coordinator.open(f"{PAGE}/nothing").status_code == 404
    assert coordinator.client.post(PAGE).status_code == 405
