"""Words of US addresses and names with their standard forms: the tables that normalising joins."""

from __future__ import annotations

from functools import cache

DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
"""Source: USPS Publication 28, section 233; the short forms stand for themselves."""

MORE_SUFFIXES = {"wy": "way", "wk": "walk", "bway": "broadway"}
"""Suffixes seen in AGM's and Peak's files that Publication 28 does not list."""

ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
    "eleventh": "11th",
    "twelfth": "12th",
}
"""Numbered streets, as Publication 28 writes them."""

CITY_WORDS = {
    "st": "saint",
    "ste": "sainte",
    "mt": "mount",
    "ft": "fort",
    "pt": "point",
    "spgs": "springs",
    "hts": "heights",
    **{short: long for long, short in DIRECTIONS.items()},
}
"""Words of city names written out; single letters only at the beginning of a name."""

CITY_NAMES = {
    "sf": "san francisco",
    "san fran": "san francisco",
    "la": "los angeles",
    "nyc": "new york",
    "new york city": "new york",
    "philly": "philadelphia",
    "vegas": "las vegas",
    "slc": "salt lake city",
}
"""Names that people use for a city, with the one that the post uses."""

TERRITORIES = {
    "puerto rico": "PR",
    "virgin islands": "VI",
    "guam": "GU",
    "american samoa": "AS",
    "northern mariana islands": "MP",
    "federated states of micronesia": "FM",
    "marshall islands": "MH",
    "palau": "PW",
    "armed forces americas": "AA",
    "armed forces europe": "AE",
    "armed forces pacific": "AP",
}
"""What Publication 28, appendix B lists beyond the states and the District of Columbia."""

LOST_ZEROS = {
    **dict.fromkeys(("CT", "MA", "ME", "NH", "NJ", "RI", "VT", "AE"), 1),
    **dict.fromkeys(("PR", "VI"), 2),
}
"""How many zeros every ZIP of a state begins with, which a spreadsheet drops."""

TITLES = ("mr", "mrs", "ms", "miss", "dr", "prof", "rev")
GENERATIONS = ("jr", "sr", "ii", "iii", "iv")


@cache
def street_suffixes() -> dict[str, str]:
    """Return every spelling of a street suffix with its postal abbreviation, lower case.

    Source: USPS Publication 28, appendix C1, as the package usaddress-scourgify carries it.
    """
    from scourgify.address_constants import STREET_TYPE_ABBREVIATIONS  # 0.4 s to import

    listed = {word.lower(): short.lower() for word, short in STREET_TYPE_ABBREVIATIONS.items()}
    return {**listed, **MORE_SUFFIXES}


@cache
def state_codes() -> dict[str, str]:
    """Return state names, their usual abbreviations and their codes, lower case, with the code."""
    from scourgify.address_constants import STATE_ABBREVIATIONS

    names = {word.lower().replace(".", ""): code for word, code in STATE_ABBREVIATIONS.items()}
    named = {**names, **TERRITORIES}
    return {**named, **{code.lower(): code for code in named.values()}}


@cache
def given_names() -> dict[str, tuple[str, str]]:
    """Return each known given name with its canonical form and all forms it may stand for.

    The second text holds the name and its canonical names between bars, in alphabetical order.
    The canonical form is the one of them with the most nicknames (then the first in the alphabet),
    so that Bob, Rob and Robert share one. Source: the package nicknames.
    """
    from nicknames import name_triplets

    forms: dict[str, set[str]] = {}
    nicknames: dict[str, int] = {}
    for name, relationship, short in name_triplets():
        if relationship == "has_nickname":
            forms.setdefault(short, {short}).add(name)
            forms.setdefault(name, {name})
            nicknames[name] = nicknames.get(name, 0) + 1
    return {
        name: (
            min(candidates, key=lambda each: (-nicknames.get(each, 0), each)),
            f"|{'|'.join(sorted(candidates))}|",
        )
        for name, candidates in forms.items()
    }
