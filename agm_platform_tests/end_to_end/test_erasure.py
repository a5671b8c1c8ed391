"""A person is erased: found in no byte that the platform keeps, kept out, and the totals stay."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agm_platform.cli.main import main
from agm_platform.world import generate, write
from agm_platform_tests.end_to_end.conftest import SMALL
from agm_platform_tests.end_to_end.one_platform import Platform

FIRST, LAST, STREET = "Zéphyrine", "O'Quillfeather", "4711 Xylophone-Quay Rd"
AGM_NUMBER = "987654321"
PROBES = [
    FIRST,
    LAST,
    STREET,
    FIRST.lower(),
    FIRST.upper(),
    LAST.lower(),
    LAST.upper(),
    STREET.lower(),
    STREET.upper(),
    "oquillfeather",
    "4711 xylophone quay rd",
    "Xylophone",
    "Quillfeather",
    json.dumps(FIRST)[1:-1],
    json.dumps(FIRST.lower())[1:-1],
    f"{FIRST} {LAST}",
    f"{LAST}, {FIRST}",
    f"{LAST}|{STREET}",
    AGM_NUMBER,
    "peak number",  # replaced by the number that Peak gave the person
]


@dataclass
class Story:
    """One platform before and after, and what Peak calls the person."""

    platform: Platform
    number: str
    before: dict[str, Any]
    resent: dict[Path, bytes]
    lines: dict[Path, int]
    status: int
    said: str

    @property
    def probes(self) -> list[str]:
        return [*PROBES[:-1], self.number]


def command(platform: Platform, *arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    with platform.environment(), redirect_stdout(said), redirect_stderr(said):
        places = ["--landing", str(platform.landing), "--data", str(platform.data)]
        return main([arguments[0], *places, *arguments[1:]]), said.getvalue()


def plant(landing: Path) -> str:
    """Give one of Peak's customers the person's details, and put the person in AGM's files."""
    files = sorted((landing / "peak").glob("*.json"))
    buyers = Counter(
        sale["deliver_to"]["customer_id"]
        for path in files
        for sale in json.loads(path.read_text())["sales"]
    )
    number, sales_made = buyers.most_common(1)[0]
    assert sales_made >= 2
    is_broken = False
    for path in files:
        day = json.loads(path.read_text())
        for sale in day["sales"]:
            if sale["deliver_to"]["customer_id"] == number:
                sale["deliver_to"] |= {"first_name": FIRST, "last_name": LAST, "street": STREET}
                if not is_broken:  # one of the sales ends in quarantine
                    sale["total_amount"], is_broken = 99_999, True
        path.write_text(json.dumps(day, indent=2, ensure_ascii=path != files[0]))
    customers = landing / "agm" / "customers.csv"
    header = next(csv.reader(io.StringIO(customers.read_text())))
    row = dict.fromkeys(header, "1") | {
        "customer_id": AGM_NUMBER,
        "first_name": FIRST,
        "last_name": LAST,
        "street": STREET,
        "city": "Oakland",
        "state": "CA",
        "zip": "94609",
    }
    with customers.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, lineterminator="\n").writerow(row)
    sales = landing / "agm" / "sales.csv"
    rows = list(csv.reader(io.StringIO(sales.read_text())))
    for line in rows[1:4]:
        line[rows[0].index("customer_id")] = AGM_NUMBER
    with sales.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return str(number)


def figures(platform: Platform) -> dict[str, Any]:
    money = platform.query("select sum(total_usd_cents), count(*) from peak.orders")
    own = platform.query("select sum(subtotal_usd_cents), count(*) from agm.orders")
    aside = platform.query("select table_name, count(*) from peak.quarantine group by 1 order by 1")
    return {"peak": money, "agm": own, "quarantine": aside}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("erasure")
    write(generate(SMALL, seed=3), folder / "landing")
    number = plant(folder / "landing")
    platform = Platform(folder / "landing", folder / "data", reports=True)
    assert platform.run() == 0, platform.output
    before = figures(platform)
    files = [path for path in platform.landing.rglob("*") if path.is_file()]
    held = {path: path.read_bytes() for path in files}
    leak(platform)
    status, said = command(platform, "erase", "--person", f"peak:{number}")
    lines = {path: held[path].count(b"\n") for path in files}
    return Story(platform, number, before, held, lines, status, said)


def leak(platform: Platform) -> None:
    """Put the person where nothing of the kind should be: a log, a cache, a packed file."""
    logs = platform.data / "dagster" / "storage" / "some_run"
    logs.mkdir(parents=True)
    (logs / "compute.err").write_text(f"fine\nfailed for {LAST.upper()}\nfine again\n")
    decided = platform.data / "review" / "decided"
    decided.mkdir(parents=True)
    (decided / "ann.csv").write_text(f"left,right\n1,2\n{LAST},{STREET}\n")
    (platform.data / "cache" / "left").mkdir(parents=True)
    (platform.data / "cache" / "left" / "copy.json").write_text(json.dumps({"a": FIRST}))
    with gzip.open(platform.data / "cache" / "old.gz", "wt") as packed:
        packed.write(f"{FIRST};{STREET}\n")


def everything(platform: Platform) -> Iterator[tuple[Path, str]]:
    """Yield each file's text, and that of what it holds in packed form."""
    for root in (platform.landing, platform.data):
        for path in root.rglob("*"):
            if not path.is_file() or path.is_symlink():
                continue
            content = path.read_bytes()
            for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be"):
                yield path, content.decode(encoding, errors="replace")
            if content[8:12] == b"DUCK":
                with duckdb.connect(str(path), read_only=True) as db:
                    for schema, table in db.execute(
                        "select schema_name, table_name from duckdb_tables()"
                    ).fetchall():
                        yield path, "\n".join(map(str, db.sql(f"from {schema}.{table}").fetchall()))


def test_erasing_ends_well_and_says_where_the_person_was(story: Story) -> None:
    assert story.status == 0, story.said
    for place in (
        "landing agm/customers.csv: 1 records",
        "landing agm/sales.csv: 3 records",
        "warehouse peak.raw_customers",
        "compute.err: 1 lines deleted",
        "old.gz: file deleted",
        "ann.csv: 1 lines deleted",
    ):
        assert place in story.said
    assert not any(probe in story.said for probe in story.probes)


def test_twenty_probes_find_the_person_in_no_byte(story: Story) -> None:
    assert len(story.probes) == 20
    texts = list(everything(story.platform))
    assert len(texts) > 50
    for path, text in texts:
        found = [probe for probe in story.probes if probe in text]
        assert not found, (path, found)


def test_the_probes_found_the_person_before(story: Story) -> None:
    text = b"\n".join(story.resent.values()).decode()
    missing = [
        probe for probe in (FIRST, LAST, STREET, AGM_NUMBER, story.number) if probe not in text
    ]
    assert not missing


def test_amounts_stay_and_the_person_is_nobody(story: Story) -> None:
    assert figures(story.platform) == story.before
    owners = story.platform.query("select count(*) from peak.orders where customer_id = '0'")
    assert owners[0][0] >= 1
    assert story.platform.query("select count(*) from agm.orders where customer_id = '0'") == [(3,)]
    for table in ("peak.clean_customers", "agm.segments", "agm.customers"):
        assert story.platform.query(f"from {table} where customer_id = '0'") == []
    marks = "select distinct customer_id from agm.orders where customer_id = 'erased'"
    assert story.platform.query(marks, published=True) == [("erased",)]


def test_files_keep_their_shape(story: Story) -> None:
    for path, lines in story.lines.items():
        removed = 1 if path.name == "customers.csv" else 0
        assert path.read_bytes().count(b"\n") == lines - removed, path
    for path in (story.platform.landing / "peak").glob("*.json"):
        was = json.loads(story.resent[path])
        now = json.loads(path.read_text())
        for before, after in zip(was["sales"], now["sales"], strict=True):
            if str(before["deliver_to"]["customer_id"]) == story.number:
                assert set(after["deliver_to"].values()) == {0, ""}
                before["deliver_to"] = after["deliver_to"]
        assert now == was


def test_rows_still_add_up_and_no_file_counts_as_corrected(story: Story) -> None:
    assert story.platform.query(
        "select sum(abs(unaccounted)) from (from peak.reconciliation select unaccounted"
        " union all from agm.reconciliation select unaccounted)"
    ) == [(0,)]
    assert {row["state"] for row in story.platform.ledger()} == {"accepted"}
    assert {row["generation"] for row in story.platform.ledger()} == {1}


def test_the_same_files_sent_again_are_read_without_the_person(
    story: Story, tmp_path: Path
) -> None:
    landing, data = tmp_path / "landing", tmp_path / "data"
    shutil.copytree(story.platform.data, data, symlinks=True)
    for path, content in story.resent.items():
        target = landing / path.relative_to(story.platform.landing)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (data / "ledger" / "landing_zone").write_text(f"{landing}\n")
    again = Platform(landing, data)
    assert again.run() == 0, again.output
    assert figures(again) == story.before
    stored = str(again.tables()) + str(again.tables(published=True))
    assert not [probe for probe in story.probes if probe in stored]
    status, said = command(again, "erase")
    assert status == 0, said
    held = "".join(path.read_text() for path in landing.rglob("*") if path.is_file())
    assert not [probe for probe in story.probes if probe in held]


@pytest.mark.parametrize("person", ["peak:0", "17", "peak:", "nobody", "Peak:17", "peak:1 or 1"])
def test_what_names_nobody_erases_nobody(tmp_path: Path, person: str) -> None:
    platform = Platform(tmp_path / "landing", tmp_path / "data")
    status, said = command(platform, "erase", "--person", person)
    assert status == 1
    assert "Nobody was erased" in said
    assert not platform.data.exists()
