"""Tombstones: who was erased stays out, and the list tells nobody who that was."""

from __future__ import annotations

from pathlib import Path

import pytest

from agm_platform.privacy.tombstones import Tombstones, normalised

ZOE = ("Zoë", "O'Quill", "12 Larch Rd.")


def test_a_person_is_remembered_by_number_and_by_name_and_street(tmp_path: Path) -> None:
    Tombstones(tmp_path).add([("peak", "3728404")], [ZOE])
    again = Tombstones(tmp_path)
    assert len(again) == 2
    assert again.holds_number("peak", " 3728404 ")
    assert again.holds_person("ZOË ", "OQuill", "12  larch rd")


def test_others_are_not_taken_for_the_person(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path)
    stones.add([("peak", "3728404")], [ZOE])
    assert not stones.holds_number("agm", "3728404")
    assert not stones.holds_number("peak", None)
    assert not stones.holds_number("peak", "372840")
    assert not stones.holds_person("Zoë", "O'Quill", "13 Larch Rd.")


@pytest.mark.parametrize("person", [("", "", ""), ("Zoë", "", "12 Larch Rd."), (" ", "A", "B")])
def test_a_person_without_all_three_fields_is_not_remembered_by_them(
    tmp_path: Path, person: tuple[str, str, str]
) -> None:
    stones = Tombstones(tmp_path)
    stones.add([("agm", "5")], [person])
    assert len(stones) == 1
    assert not stones.holds_person(*person)


def test_nothing_is_made_before_somebody_is_erased(tmp_path: Path) -> None:
    assert not Tombstones(tmp_path / "keys")
    assert not (tmp_path / "keys").exists()


def test_the_files_hold_no_value_of_the_person_and_are_the_owners_only(tmp_path: Path) -> None:
    Tombstones(tmp_path).add([("peak", "3728404")], [ZOE])
    for path in tmp_path.iterdir():
        content = path.read_text()
        assert path.stat().st_mode & 0o077 == 0
        assert not any(value in content for value in ("3728404", "Quill", "Larch"))


def test_normalised_text_is_that_of_the_clean_customers() -> None:
    assert normalised("  O'Neil-SMITH  ") == "oneil smith"
