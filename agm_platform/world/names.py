"""Names of people and streets, put together from the lists of the `faker` package."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# The suffixes in AGM's customer list with their abbreviations; two have none.
STREET_SUFFIXES = {
    "Alley": "Aly",
    "Avenue": "Ave",
    "Center": "Ctr",
    "Circle": "Cir",
    "Court": "Ct",
    "Crossing": "Xing",
    "Drive": "Dr",
    "Hill": "Hl",
    "Junction": "Jct",
    "Lane": "Ln",
    "Park": "Park",
    "Parkway": "Pkwy",
    "Pass": "Pass",
    "Place": "Pl",
    "Plaza": "Plz",
    "Point": "Pt",
    "Road": "Rd",
    "Street": "St",
    "Terrace": "Ter",
    "Trail": "Trl",
    "Way": "Wy",
}
# Words of streets that people write as one word or as two.
LANDSCAPE = ("Brent", "Crest", "Eagle", "Glen", "Golf", "Lake", "Maple", "Meadow", "Oak", "Stone")
LANDSCAPE_ENDS = ("brook", "dale", "field", "ridge", "side", "view", "wood")

SHORT_SUFFIX_SHARE = 0.02  # AGM's own list has a few abbreviated suffixes
LANDSCAPE_SHARE = 0.15  # about as many streets of two words as in AGM's list


def people(rng: np.random.Generator, n: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return n first names and n last names."""
    first, last = _first_names(), _last_names()
    return first[rng.integers(len(first), size=n)], last[rng.integers(len(last), size=n)]


def streets(rng: np.random.Generator, n: int) -> npt.NDArray[Any]:
    """Return n lines such as "46 Farwell Terrace": number, name, suffix."""
    # As in AGM's list, numbers of one to five digits are equally common.
    numbers = rng.integers(1, 10 ** rng.integers(1, 6, size=n))
    plain = _text(name for name in _last_names() if name.isalpha())
    landscape = _text(
        start + (end if joined else f" {end.capitalize()}")
        for start in LANDSCAPE
        for end in LANDSCAPE_ENDS
        for joined in (True, False)
    )
    names = np.where(
        rng.random(n) < LANDSCAPE_SHARE,
        landscape[rng.integers(len(landscape), size=n)],
        plain[rng.integers(len(plain), size=n)],
    )
    suffix = rng.integers(len(STREET_SUFFIXES), size=n)
    suffixes = np.where(
        rng.random(n) < SHORT_SUFFIX_SHARE,
        _text(STREET_SUFFIXES.values())[suffix],
        _text(STREET_SUFFIXES)[suffix],
    )
    return _text(f"{a} {b} {c}" for a, b, c in zip(numbers, names, suffixes, strict=True))


def nicknames() -> dict[str, list[str]]:
    """Return the short forms of each first name, both capitalised."""
    from nicknames import name_triplets

    forms: dict[str, list[str]] = {}
    for name, relationship, short in name_triplets():
        if relationship == "has_nickname":
            forms.setdefault(name.capitalize(), []).append(short.capitalize())
    return forms


def _first_names() -> npt.NDArray[Any]:
    return _text(_faker_names("first_names"))


def _last_names() -> npt.NDArray[Any]:
    return _text(_faker_names("last_names"))


def _faker_names(kind: str) -> list[str]:
    """Return a list of American and Irish names; the Irish ones bring apostrophes."""
    # Imported here: faker takes a second and nothing but the world needs it.
    from faker.providers.person.en_IE import Provider as Irish
    from faker.providers.person.en_US import Provider as American

    return sorted({*getattr(American, kind), *getattr(Irish, kind)})


def _text(values: Any) -> npt.NDArray[Any]:
    return np.array(list(values), dtype=object)
