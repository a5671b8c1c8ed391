"""Customer records of whatever people, programs and attackers type: every one must get its score.

python -m benchmarks.fuzz_customers --records 100000
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import time
from typing import Any

import pandas as pd
from rich.console import Console

from agm_platform.matching.normalise import FIELDS, NORMALISED_COLUMNS
from agm_platform.matching.record_quality import REASONS, scored

ORDINARY = {
    "first_name": ("Ann", "Bob", "José", "J.", "Mary Ann", "Dr. Lee"),
    "last_name": ("O'Neil", "Mc Donald", "Nguyễn", "Smith Jr.", "van der Berg"),
    "street": ("5 Ramsey Pl.", "12 N Main St Apt 4B", "PO Box 12", "1 A & B", "5 Elm St, Oakland"),
    "city": ("Oakland", "St. Louis", "san fransisco"),
    "state": ("CA", "Massachusetts", "calif."),
    "zip": ("94609", "2139", "94609-1234", "947051234"),
    "email": ("a.b@gmail.com", "a@b", '"x y"@example.com', "a@bücher.de"),
    "phone": ("(415) 555-2671", "+44 20 7946 0958", "1-800-FLOWERS"),
    "birth_date": ("1980-01-31", "1/31/1980", "31/31/1980", "1900-01-01"),
}
ODD: tuple[Any, ...] = (
    None,
    float("nan"),
    pd.NA,
    pd.NaT,
    "",
    " \t\r\n",
    0,
    -1,
    94609,
    94609.0,
    1e308,
    float("inf"),
    True,
    b"bytes \xff",
    dt.date(1980, 1, 31),
    ("a", "tuple"),
    "x" * 10_240,
    "12 " + "Main " * 2_500 + "St",
    "#" * 10_240,
    "a@" + "b." * 5_000 + "com",
    "\x00",
    "nul\x00inside",
    "\x1b[31mred\x07",
    "\ud800 half a character",
    "😀👩‍👩‍👧‍👦",
    "שלום עליכם",
    "\u202egnp.exe",
    "e\u0301" * 50,
    "Z̷̢̛͎̈́a̶l̷g̶o̸",
    "ﬁ ß İ ı Ǆ",
    "１２ Ｆｕｌｌ Ｗｉｄｔｈ Ｓｔ",
    "'; drop table received; --",
    '" or 1=1 --',
    "$unit $number {name} {{}} %s %(x)s",
    "a,\"b\nc\",d\r\n=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\\b(\\1)[",
    "99999999999999999999",
    "٣٤٥ شارع",
    "-",
    "'",
    "n/a",
    "NULL",
    "N N N N St St St",
    "1/2",
    "12 12 12",
    "North",
    "5 St",
    "Box",
    "&",
)
LETTERS = "".join(map(chr, (*range(32, 127), *range(160, 592), *range(0x400, 0x460), 0x1F600)))


def odd_records(count: int, seed: int) -> pd.DataFrame:
    """Return records of FIELDS: ordinary values, odd ones, random text, and mixtures of them."""
    choice = random.Random(seed)

    def value(field: str) -> Any:
        kind = choice.random()
        if kind < 0.4:
            return choice.choice(ORDINARY[field])
        if kind < 0.7:
            return choice.choice(ODD)
        text = "".join(choice.choices(LETTERS, k=choice.randrange(1, 30)))
        if kind < 0.85:
            return text
        other = str(choice.choice(ODD))[:100] if kind < 0.92 else text
        return f"{choice.randrange(99_999)} {other} {choice.choice(ORDINARY[field])}"

    return pd.DataFrame(
        {field: pd.Series([value(field) for _ in range(count)], dtype=object) for field in FIELDS}
    )


def complaints(records: pd.DataFrame, result: pd.DataFrame) -> list[str]:
    """Return what is wrong with the result of `scored`: rows, types, scores, codes; [] if sound."""
    known = {reason.code for reason in REASONS}
    wrong = []
    if not result.index.equals(records.index):
        wrong.append("rows are not those that came in")
    for name in NORMALISED_COLUMNS:
        odd = {type(value) for value in result[name].dropna() if not isinstance(value, str)}
        if odd:
            wrong.append(f"{name} holds {odd}")
    scores = result["quality_score"]
    if not (scores.dtype == float and scores.between(0, 1).all()):
        wrong.append("not every record has a score from 0 to 1")
    codes = {code for codes in result["quality_reasons"].dropna() for code in codes.split(",")}
    if codes - known:
        wrong.append(f"reasons that nobody knows: {codes - known}")
    return wrong


def main() -> int:
    """Score the records and say how long it took; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    records = odd_records(options.records, options.seed)
    started = time.perf_counter()
    result = scored(records)
    seconds = time.perf_counter() - started
    wrong = complaints(records, result)
    console = Console()
    console.print(f"{len(result):,} records scored in {seconds:.1f} s, {len(wrong)} complaints")
    for each in wrong:
        console.print(each, markup=False)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
