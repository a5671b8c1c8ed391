"""Two sides with a folder each: key, encode, hand over, compare."""

from __future__ import annotations

import pandas as pd
import pytest

from agm_platform.cli.main import main
from agm_platform_tests.matching.private.people import OURS, THEIRS


@pytest.fixture
def sides(tmp_path):
    folders = tmp_path / "agm", tmp_path / "harvest"
    for folder, rows in zip(folders, (OURS, THEIRS), strict=True):
        folder.mkdir()
        rows.to_csv(folder / "list.csv", index=False)
    assert main(["linkage-key", "--out", str(folders[0] / "shared.key")]) == 0
    key = folders[1] / "shared.key"
    key.write_bytes((folders[0] / "shared.key").read_bytes())
    key.chmod(0o600)
    return folders


def encode(folder, *more):
    return main(
        ["encode", "--list", f"{folder}/list.csv", "--key-file", f"{folder}/shared.key",
         "--out", f"{folder}/list.clk", *more]
    )  # fmt: skip


def compare(folders, *more):
    out = folders[0] / "pairs.csv"
    arguments = [f"{folder}/list.clk" for folder in folders]
    status = main(["compare", *arguments, "--out", str(out), *more])
    return status, pd.read_csv(out, dtype=str) if status == 0 else None


@pytest.mark.parametrize("method", ["bloom", "hash"])
def test_two_sides_find_the_people_they_share(sides, method):
    assert [encode(side, "--method", method, "--id-column", "record_id") for side in sides] == [
        0,
        0,
    ]
    handles = [f"{side}/list.clk.handles.csv" for side in sides]
    status, pairs = compare(sides, "--left-handles", handles[0], "--right-handles", handles[1])
    assert status == 0
    found = pairs[pairs["accepted"] == "yes"]
    assert set(zip(found["left_id"], found["right_id"], strict=True)) == {("1", "A7"), ("3", "A9")}


def test_without_handles_the_pairs_name_nobody(sides):
    for side in sides:
        encode(side)
    _, pairs = compare(sides)
    assert list(pairs.columns) == ["left_handle", "right_handle", "similarity", "accepted"]


def test_handles_are_readable_by_the_owner_only(sides):
    encode(sides[0])
    assert (sides[0] / "list.clk.handles.csv").stat().st_mode & 0o777 == 0o600


def test_another_key_and_other_parameters_are_errors_in_words(sides, capsys):
    encode(sides[0])
    encode(sides[1], "--method", "hash")
    assert compare(sides)[0] == 1
    assert "different parameters" in capsys.readouterr().err
    (sides[1] / "shared.key").unlink()
    main(["linkage-key", "--out", f"{sides[1]}/shared.key"])
    encode(sides[1])
    assert compare(sides)[0] == 1
    assert "different keys" in capsys.readouterr().err


def test_parameters_can_be_agreed_in_a_file(sides):
    agreed = sides[0] / "agreed.json"
    assert main(["linkage-parameters", "--out", str(agreed)]) == 0
    agreed.write_text(agreed.read_text().replace('"threshold": 0.59', '"threshold": 0.95'))
    for side in sides:
        assert encode(side, "--parameters", str(agreed)) == 0
    _, pairs = compare(sides)
    assert (pairs["accepted"] == "yes").sum() == 1


def test_handles_of_another_file_are_refused(sides, capsys):
    for side in sides:
        encode(side)
    assert compare(sides, "--left-handles", f"{sides[1]}/list.clk.handles.csv")[0] == 1
    assert "does not belong" in capsys.readouterr().err


def test_an_error_names_no_person(sides, capsys):
    (sides[0] / "list.csv").write_text('first_name,last_name\n"Zaphod,Beeblebrox\n')
    assert encode(sides[0]) == 1
    assert "Zaphod" not in capsys.readouterr().err
