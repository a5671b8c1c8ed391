"""Who is meant, and what to search for to prove that they are gone."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from agm_platform.privacy.person import Person, UnknownPersonError
from agm_platform.privacy.probes import Probes, in_rows, probes_for
from agm_platform.privacy.sweep import clean, holds

ZOE = ("Zoë", "O'Quill-Smithers", "12 Larch Rd")


def probes(*shared: str) -> Probes:
    person = Person({("peak", "3728404"), ("agm", "17")}, {ZOE})
    return probes_for(person, lambda text: text in shared)


def test_a_person_is_given_by_number_or_by_three_lines() -> None:
    assert Person.given("peak:3728404\n").numbers == {("peak", "3728404")}
    assert Person.given("sales:C00001").numbers == {("sales", "C00001")}
    assert Person.given("Zoë\nO'Quill-Smithers\n\n12 Larch Rd\n").names == {ZOE}


@pytest.mark.parametrize("text", ["", "17", "peak:", "peak:0", "peak:00", "a\nb", "a\nb\nc\nd"])
def test_what_names_nobody_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UnknownPersonError) as refused:
        Person.given(text)
    assert len(text) < 4 or text not in str(refused.value).replace("peak:3728404", "")


def test_a_person_grows_by_number_and_by_name_and_street() -> None:
    person = Person.given("peak:5")
    assert not person.matches("agm", "17", ZOE)
    assert person.matches("peak", "5", ("ZOË", "oquill smithers", "12 Larch Rd"))
    assert person.matches("agm", "17", ZOE)
    assert person.numbers == {("peak", "5"), ("agm", "17")}


def test_the_erased_and_the_nameless_are_nobody() -> None:
    person = Person({("peak", "5")}, {ZOE})
    assert not person.matches("peak", "0", ZOE)
    assert not person.matches("agm", "8", ("Zoë", "", "12 Larch Rd"))
    blank = Person({("peak", "5")})
    assert blank.matches("peak", "5", ("", "", ""))
    assert not blank.matches("peak", "6", ("", "", ""))


@pytest.mark.parametrize(
    "content",
    [
        b"O'Quill-Smithers",
        b"x,O'QUILL-SMITHERS,y",
        b"oquill smithers",
        b"12 larch rd",
        "O'Quill-Smithers".encode("utf-16-le"),
        "O'Quill-Smithers".encode("utf-16-be"),
        b'{"id": 3728404}',
        "3728404".encode("utf-16-le"),
        b'Zo\\u00eb", "street": "12 Larch Rd',
    ],
)
def test_every_form_is_found(content: bytes) -> None:
    assert probes().found_in(content)


@pytest.mark.parametrize("content", [b"Zoe", b"13728404", b"3728404567", b"17", b"2 Larch Rd"])
def test_what_is_not_the_person_is_not_found(content: bytes) -> None:
    assert not probes().found_in(content)


def test_what_others_share_is_found_beside_another_value_only() -> None:
    shared = probes("12 Larch Rd", "O'Quill-Smithers")
    assert shared.not_alone == 3
    assert not shared.found_in(b"12 Larch Rd")
    assert not shared.found_in(b"12 Larch Rd" + b"." * 500 + b"O'Quill-Smithers")
    assert shared.found_in(b"O'Quill-Smithers, 12 Larch Rd")
    assert in_rows([("a", "12 Larch Rd"), ("O'Quill-Smithers", "12 larch rd")], shared) == 1


def test_the_person_is_found_in_packed_files_and_databases(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.gz", "wt") as packed:
        packed.write("12 Larch Rd")
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as db:
        db.execute("create table t (a, b)")
        db.execute("insert into t values ('Zoë', '12 Larch Rd')")
        db.commit()
    with duckdb.connect(str(tmp_path / "c.duckdb")) as engine:
        engine.execute("create table t as select '12 Larch Rd' as street from range(5000)")
        engine.execute(f"copy t to '{tmp_path}/d.parquet'")
    (tmp_path / "12 Larch Rd.txt").write_text("")
    for path in tmp_path.iterdir():
        assert holds(path, probes()), path
    (tmp_path / "other.gz").write_bytes(b"\x1f\x8bnot packed")
    assert not holds(tmp_path / "other.gz", probes())


def test_cleaning_takes_rows_and_lines_and_leaves_the_rest(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("one\nabout O'Quill-Smithers\nthree\n")
    assert clean(log, probes()) == "1 lines deleted"
    assert log.read_text() == "one\nthree\n"
    path = tmp_path / "history.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table events (body)")
        rows = [("fine",), ("failed for 12 Larch Rd",), ("3728404",)]
        db.executemany("insert into events values (?)", rows)
        db.commit()
    assert clean(path, probes()) == "2 rows deleted"
    assert not holds(path, probes())
    assert b"Larch" not in path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select body from events").fetchall() == [("fine",)]


def test_a_file_of_another_kind_goes_whole(tmp_path: Path) -> None:
    path = tmp_path / "picture.bin"
    path.write_bytes(b"\0\0O'Quill-Smithers")
    assert clean(path, probes()) == "file deleted"
    assert not path.exists()
