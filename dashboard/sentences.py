"""Finds every sentence of the product, for those who translate it.

``python -m dashboard.sentences`` adds the new ones to the French file, empty, and leaves out
those that nobody says any more.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from .catalogue import text_file
from .voice import Language

ROOT = Path(__file__).parents[1]
KINDS = {"dashboard": ("**.py", "python"), "templates": ("**.html", "jinja2")}
HEADER = """\
# The board in French, as it is said in Canada: plain words, short sentences, "vous".
msgid ""
msgstr ""
"Language: fr_CA\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


def found() -> Catalog:
    """Every sentence that a template or module says, and where."""
    catalog = Catalog(fuzzy=False)
    for folder, kind in KINDS.items():
        for file, _, text, comments, context in extract_from_dir(
            ROOT / folder, [kind], {kind[0]: {"trimmed": "true"}}, directory_filter=_every
        ):
            catalog.add(text, None, [(f"{folder}/{file}", 0)], (), comments, context=context)
    return catalog


def known(language: Language) -> Catalog:
    """The sentences that the text file of a language holds."""
    with text_file(language).open("rb") as text:
        return read_po(text, locale=language)


def update(language: Language) -> None:
    """Writes the text file anew: in order, new sentences empty, gone ones left out."""
    catalog = known(language)
    catalog.update(found(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with text_file(language).open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, 100, omit_header=True, sort_output=True, include_lineno=False)


def _every(folder: str | Path) -> bool:
    return True


if __name__ == "__main__":
    update(Language.FR)
