"""The translations, read from their text files at start: nothing to compile, nothing to forget."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask_babel import Domain, get_locale

from .voice import Language

FOLDER = Path(__file__).parent / "translations"


class Catalogue(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over ``translations/*/LC_MESSAGES/messages.po``."""

    def __init__(self) -> None:
        super().__init__([str(FOLDER)])
        self._by_language = {str(one): _read(one) for one in Language}

    def get_translations(self) -> Translations:
        return self._by_language[str(get_locale() or Language.EN)[:2]]


def text_file(language: Language) -> Path:
    """Where the sentences of a language stand; English needs none."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def _read(language: Language) -> Translations:
    if not text_file(language).exists():
        return Translations()
    with text_file(language).open("rb") as text, io.BytesIO() as compiled:
        write_mo(compiled, read_po(text, locale=language))
        compiled.seek(0)
        return Translations(compiled)
