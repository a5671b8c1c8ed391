"""A list of invented people, small enough to read."""

from __future__ import annotations

import pandas as pd

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))

OURS = pd.DataFrame(
    [
        ("1", "Margaret", "O'Neil", "46 Farwell Terrace", "Berkeley", "CA", "94705"),
        ("2", "Vincent", "Phelps", "4 Leblanc Point", "Oakland", "CA", "94610"),
        ("3", "Kirsten", "Velez", "84599 Mcmillan Drive", "Oakland", "CA", "94609"),
        ("4", "Dalton", "Fritz", "5983 Maple Ridge Alley", "Berkeley", "CA", "94703"),
    ],
    columns=["record_id", "first_name", "last_name", "street", "city", "state", "zip"],
)
THEIRS = pd.DataFrame(
    [
        ("A7", "Margaret", "ONeil", "46 Farwell Ter", "Berkeley", "CA", "94705"),
        ("A8", "Colm", "Kernan", "26 Peck Crossing", "Oakland", "CA", "94610"),
        ("A9", "Kirsten", "Veles", "84599 McMillan Dr", "Oakland", "CA", "94609"),
    ],
    columns=OURS.columns,
)
