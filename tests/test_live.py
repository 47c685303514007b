"""The live stream: exactly what a page missed, in the page's own bytes, on few threads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from threading import Timer

import pytest

from dashboard import create_app
from dashboard.beds import Hold
from dashboard.config import Settings
from dashboard.events import Held, HoldExtended, Noted
from dashboard.facts import Kind
from dashboard.live.audience import EVERYWHERE, Audience
from dashboard.live.feed import Feed
from dashboard.live.position import Position
from dashboard.voice import Language

from .riverbend import FOUR_TWELVE, Follower, riverbend

KEY = "a key for tests alone, never for a board"
SECOND = timedelta(seconds=1)
LATER = FOUR_TWELVE + timedelta(minutes=90)
PUBLIC = Audience(Language.EN)


class Following(Follower):
    """A follower whose news has always just come."""

    turn = 0

    def wait(self, turn, seconds):
        return self.turn


@pytest.fixture
def town():
    return riverbend()


@pytest.fixture
def app(town):
    settings = Settings(
        community="riverbend", community_name="Riverbend", secret_key=KEY, threads=4
    )
    return create_app(settings, Following(town.board), clock=lambda: town.now)


@pytest.fixture
def feed(app, town):
    made = Feed(app, app.extensions["follower"])
    made.next_change(town.now)  # it has looked before the page did
    return made


def here(town):
    return Position(town.board.version, town.now)


def html_of(message: bytes) -> str:
    return "\n".join(line[6:] for line in message.decode().split("\n") if line.startswith("data: "))


WHOLE = [
    "board",
    "hour",
    "help",
    "exit-by-keys",
    "exit",
    "alerts",
]  # what no report of a site changes


def targets(message: bytes) -> list[str]:
    return re.findall(r'hx-target="#([^"]*)"', message.decode())


def test_a_page_that_missed_nothing_gets_nothing(feed, town):
    message, position = feed.news(here(town), PUBLIC, town.now + SECOND)
    assert message == b""
    assert position == Position(town.board.version, town.now + SECOND)


def test_a_report_reaches_the_page_as_one_card(feed, town):
    seen = here(town)
    town.report("cedar-hall", "beds", 5, 0)
    message, _ = feed.news(seen, PUBLIC, town.now)
    assert targets(message) == ["site-cedar-hall"]


@pytest.mark.parametrize("language", list(Language))
def test_the_card_in_a_message_stands_verbatim_in_the_page(app, feed, town, language):
    seen = here(town)
    town.report("maple-house", "men", 1, 0)
    message, _ = feed.news(seen, Audience(language), town.now)
    card = re.search(r"<article.*</article>", html_of(message), re.S)[0]
    page = app.test_client().get(f"/?lang={language}").text
    assert card in page


@pytest.mark.parametrize("language", list(Language))
def test_the_board_in_a_message_stands_verbatim_in_the_page(app, feed, town, language):
    message, _ = feed.news(Position.parse("other:1-0", town.now), Audience(language), town.now)
    assert targets(message) == WHOLE
    page = app.test_client().get(f"/?lang={language}").text
    parts = re.findall(r"<hx-partial[^>]*>(.*?)</hx-partial>", html_of(message), re.S)
    assert len(parts) == len(WHOLE)
    assert all(part.strip() in page for part in parts)


def test_the_clock_alone_changes_a_card(feed, town):
    seen = here(town)
    message, position = feed.news(seen, PUBLIC, town.now + timedelta(minutes=47))
    assert sorted(targets(message)) == ["site-cedar-hall", "site-station-hall"], "14 min, then 61"
    assert feed.news(position, PUBLIC, town.now + timedelta(minutes=47))[0] == b""


def test_the_next_change_is_when_the_clock_changes_a_row(feed, town):
    change = feed.next_change(town.now)
    assert feed.news(here(town), PUBLIC, change - SECOND)[0] == b""
    assert feed.news(here(town), PUBLIC, change)[0] != b""


def test_a_page_that_slept_for_hours_gets_the_newest_state_once(feed, town):
    seen = here(town)
    for open_ in range(6):
        town.report("cedar-hall", "beds", open_, 0)
    town.now += timedelta(hours=2)
    message, _ = feed.news(seen, PUBLIC, town.now)
    assert targets(message).count("site-cedar-hall") == 1


def test_a_confidential_site_is_never_in_a_message_but_its_line(feed, town):
    seen = here(town)
    town.site("safe-home", "Safe Home", kind=Kind.CONFIDENTIAL, phone="250-555-0142")
    message, _ = feed.news(seen, PUBLIC, town.now)
    assert targets(message) == WHOLE
    assert "Safe Home" not in message.decode()


def test_nobody_outside_hears_when_a_confidential_site_counts(feed, town):
    seen = here(town)
    town.report("safe-home", "family", 3, 0)
    assert feed.news(seen, PUBLIC, town.now)[0] == b""
    assert feed.news(seen, Audience(Language.EN, "safe-home"), town.now)[0]


def test_nobody_outside_hears_that_a_bed_is_kept_longer(feed, town):
    town.report("cedar-hall", "beds", 5, 0)
    made = (town.now, town.now + timedelta(minutes=90), town.now + timedelta(minutes=30))
    hold = Hold("h1", "cedar-hall", "beds", "Street team", "blue lamp", *made)
    town.tell(Held, hold=hold, at=town.now, who="p-out")
    seen = here(town)
    longer = replace(hold, expires_at=made[1] + timedelta(minutes=60), extended=True)
    town.tell(HoldExtended, hold=longer, before=made[1], at=town.now, who="p-out")
    assert feed.news(seen, PUBLIC, town.now)[0] == b""
    for desk in ("cedar-hall", EVERYWHERE):
        assert feed.news(seen, Audience(Language.EN, desk), town.now)[0]


def test_positions_are_read_back_as_they_were_written(town):
    seen = here(town)
    assert Position.parse(str(seen), town.now + SECOND) == seen
    future = Position(seen.version, town.now + timedelta(days=1))
    assert Position.parse(str(future), town.now).at == town.now
    for wild in ("9" * 14, "9" * 15, "9" * 40):  # no date is that far ahead
        assert Position.parse(f"{seen.version}@{wild}", town.now).at == town.now


@pytest.mark.parametrize("bad", ["", "x", "a:b-c", "a:1-1'--@5", ":1-1", "a:1", "é:1-1", "a:٣-١"])
def test_a_position_that_is_none_is_a_400(app, bad):
    assert app.test_client().get("/live", query_string={"since": bad}).status_code == 400


def first(response, count):
    """The first messages of a stream, then it is left."""
    parts = iter(response.response)
    got = [next(parts) for _ in range(count)]
    response.close()
    return got


def test_the_stream_starts_with_a_beat_and_what_was_missed(app, town):
    seen = here(town)
    town.report("cedar-hall", "beds", 5, 0)
    response = app.test_client().get(f"/live?since={seen}", buffered=False)
    assert response.mimetype == "text/event-stream"
    assert (response.headers["Cache-Control"], response.headers["X-Accel-Buffering"]) == (
        "no-store",
        "no",
    )
    assert "Set-Cookie" not in response.headers
    beat, news = first(response, 2)
    assert re.match(rb"retry: [1-5]\d{3}\nevent: beat\nid: .*\ndata: {", beat)
    assert targets(news) == ["site-cedar-hall"]


def test_last_event_id_beats_the_version_in_the_address(app, town):
    old = here(town)
    town.report("cedar-hall", "beds", 5, 0)
    town.report("maple-house", "men", 1, 0)
    latest = Position(town.board.version.at(f"1-{town.entries - 1}"), town.now)
    headers = {"Last-Event-ID": str(latest)}
    response = app.test_client().get(f"/live?since={old}", headers=headers, buffered=False)
    assert targets(first(response, 2)[1]) == ["site-maple-house"]


def test_streams_take_half_of_the_threads_and_give_them_back(app, town):
    client, url = app.test_client(), f"/live?since={here(town)}"
    streams = [client.get(url, buffered=False) for _ in range(2)]
    assert [one.status_code for one in streams] == [200, 200]
    refused = client.get(url)
    assert refused.status_code == 503
    assert 20 <= int(refused.headers["Retry-After"]) <= 40
    assert client.get("/").status_code == 200
    streams[0].close()
    assert client.head(url).status_code == 200, "HEAD takes no place"
    streams.append(client.get(url, buffered=False))
    assert streams[-1].status_code == 200
    for one in streams[1:]:
        one.close()


def test_a_worker_tells_a_page_nothing_where_an_entry_is_not_for_it(app, town):
    """Not even that there was one: no beat comes before its time."""
    follower, response = (
        app.extensions["follower"],
        app.test_client().get(f"/live?since={here(town)}", buffered=False),
    )
    parts = iter(response.response)
    next(parts)
    town.tell(Noted, act="invited", about="p-1", who="p-2", at=town.now)
    follower.tell()

    def report() -> None:
        town.report("cedar-hall", "beds", 5, 0)
        follower.tell()

    later = Timer(0.3, report)
    later.start()
    assert targets(next(parts)) == ["site-cedar-hall"]
    response.close()


def test_a_store_that_is_away_is_told_with_the_beat(app, town):
    app.extensions["follower"].away_since = town.now
    response = app.test_client().get(f"/live?since={here(town)}", buffered=False)
    ms = int(town.now.timestamp() * 1000)
    told = f'{{"now": {ms}, "ahead": -480, "since": {ms}, "gone": false}}'
    assert told.encode() in first(response, 1)[0]


def test_a_desk_hears_of_its_own_site_and_nothing_of_what_it_is(feed, town):
    maple, cedar = Audience(Language.EN, "maple-house"), Audience(Language.EN, "cedar-hall")
    seen = here(town)
    town.report("maple-house", "men", 17, 0)
    heard, position = feed.news(seen, maple, town.now)
    assert heard == f"event: figures\nid: {position}\ndata: {position.version}\n\n".encode()
    assert feed.news(seen, cedar, town.now)[0] == b""


def test_what_one_audience_may_not_see_is_in_no_byte_of_another(feed, town):
    """The open count under a hold, the hold, its code, its agency, and who reported."""
    seen = here(town)
    town.report("maple-house", "men", 5371, 0)
    keep = Hold("h-secret", "maple-house", "men", "van-secret", "maple river", town.now, LATER)
    town.tell(Held, hold=keep)
    town.report("safe-home", "family", 4623, 0)
    for language in Language:
        for desk in ("", "maple-house", "cedar-hall", "safe-home"):
            said = feed.news(seen, Audience(language, desk), town.now)[0]
            for secret in (b"5371", b"h-secret", b"van-secret", b"maple river", b"4623", b"who"):
                assert secret not in said
    assert b"5370" in feed.news(seen, PUBLIC, town.now)[0]
