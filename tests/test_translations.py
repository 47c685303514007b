"""Every sentence that a person may read stands in French too, with the same blanks to fill."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from dashboard import sentences
from dashboard.catalogue import Catalogue
from dashboard.voice import Language

FRENCH = {message.id: message for message in sentences.known(Language.FR) if message.id}
SAID = [message for message in sentences.found() if message.id]


def forms(message: Message, side: str) -> list[str]:
    text = getattr(message, side)
    return list(text) if isinstance(text, tuple | list) else [text]


def test_there_are_sentences_from_every_room() -> None:
    said = {location[0] for message in SAID for location in message.locations}
    assert {"templates/board.html", "templates/_fragments/card.html"} <= said


@pytest.mark.parametrize("message", SAID, ids=lambda message: str(message.id)[:60])
def test_a_sentence_is_translated_and_fills_the_same_blanks(message: Message) -> None:
    assert message.id in FRENCH, "say it in French: python -m dashboard.sentences lists it"
    french = FRENCH[message.id]
    assert not french.fuzzy
    blanks = set(re.findall(r"%\(\w+\)[sd]", " ".join(forms(message, "id"))))
    for text in forms(french, "string"):
        assert text, "say it in French in messages.po"
        assert set(re.findall(r"%\(\w+\)[sd]", text)) == blanks


@pytest.mark.parametrize("message", FRENCH.values(), ids=lambda message: str(message.id)[:60])
def test_french_keeps_its_signs_with_their_words_as_in_canada(message: Message) -> None:
    for text in forms(message, "string"):
        assert not re.search(" [:»]|« |\\s[?!;]", text), "a no-break space at : « », none at ? ! ;"


def test_no_sentence_is_kept_that_nobody_says() -> None:
    assert FRENCH.keys() - {message.id for message in SAID} == set()
    assert not sentences.known(Language.FR).obsolete


def test_the_catalogue_answers_without_anything_compiled() -> None:
    french = Catalogue()._by_language["fr"]
    assert french.ugettext("Call first") == "Appelez d’abord"
    assert french.ungettext("open", "open", 1) == "libre"
    assert french.ungettext("open", "open", 2) == "libres"


def test_every_label_of_the_kamloops_example_is_said_in_french(kamloops_labels: list[str]) -> None:
    known = {message.id for message in SAID}
    assert [label for label in kamloops_labels if label not in known] == []


@pytest.fixture
def kamloops_labels() -> list[str]:
    found = sorted(Path(__file__).parents[1].rglob("kamloops_bed_groups.csv"))
    assert found, "the Kamloops example is missing"
    with found[0].open(encoding="utf-8-sig") as file:
        return [line["label"] for line in csv.DictReader(file)]
