"""Two words for the door: what somebody says who comes for a bed that is kept. Never a name.

Each word is spelled alike in English and in French, without accents, and no two are easily taken
for each other, nor call to mind a home, a faith or a people. A code is no secret; it only has to
be plain, kind, and one of a kind at its site.
"""

from __future__ import annotations

from random import Random


def _read(words: str) -> tuple[str, ...]:
    return tuple(words.split())


FIRST = _read("""
accent acrobat agate agenda album alphabet ambition angle anorak aquarium arcade artisan atlas
atoll attraction aura avenue bagel ballet bandana banjo banquet baobab beige biscuit bison
bistro blazer bonbon bonus boulevard bouquet boutique brioche bronze buffet cardinal cactus
cadence canal canyon capsule caramel cardigan caribou carton cascade chorus chef citron
cobalt collage compote concert condor confetti cordial cosmos cobra coupon courage couscous
crayon crescendo cricket crocus croissant croquet cumin cumulus curling dahlia delta dessert
dialogue diagonal domino dragon dune duplex ensemble excursion fable fanfare festival fiction
figure flamenco flan folio folklore fondue football format final forum fruit fugue futon gala
garage gazelle geyser glacier globe golf gong habitat gouache gourmet gratitude guide hamster
harmonica hibiscus hockey horizon iceberg igloo image impala indigo instant invention invitation
iris jade jazz jersey jogging jubilation judo junior karaoke kayak jaguar kiwi koala kumquat
lapis latitude lion litchi longitude lotus lustre lynx lyre machine magazine magenta magnolia
marathon
""")
SECOND = _read("""
melon menthol mentor message microphone mimosa mirage mission module mohair moment monument
multiple motif mousse mustang narration nation nature navigation nectar nickel note nougat nuance
nylon oasis octave olive omelette onyx opinion option orange orient origami page panache panda
panorama pantomime papyrus parade parasol parfait parka parquet passage pastel patience patio
pergola pesto photo piano pigeon pirouette pizza plateau plume pompon poncho popcorn portrait
poster prairie praline projection promenade puzzle quadrille quartz question quiche radar radio
raisin ravioli relation restaurant risotto robot rondo rose rotation route rugby simple safari
salami silence salsa samba sandwich satellite satin sauce sauna saxophone science scooter
sculpture signal silhouette slalom sofa source solo soprano sorbet souvenir spaghetti
spectacle sport statue structure studio style surprise sushi talent tambour tandem tango tartan
taxi tempo tennis terrain ticket toast toboggan torrent tunnel toucan train trampoline tramway
triangle tricot tricycle trio trombone tropical tuba tulle tapir turquoise unique vertical
valise variation version vigilance village violet vision vocal volume voyage wagon wapiti western
xylophone yacht yucca zigzag zinc
""")


def code(chance: Random) -> str:
    """Two words, such as "canyon orange"."""
    return f"{chance.choice(FIRST)} {chance.choice(SECOND)}"


def some(count: int, chance: Random) -> list[str]:
    """Several codes, so that one of them is free at the site."""
    return [code(chance) for _ in range(count)]
