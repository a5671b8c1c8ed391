"""Taking a person out of a file: valid afterwards, and every other byte as it was."""

from __future__ import annotations

import json

import pytest

from agm_platform.privacy.redact import redact_csv, redact_json

NAMES = ("first_name", "last_name", "street")
ROW = "id,first,last,street,zip"
PLACES = {"customer_id": 0, "first_name": 1, "last_name": 2, "street": 3, "zip": 4}


def is_zoe(number: str | None, names: tuple[str, str, str] | None) -> bool:
    return number == "7" or names == ("Zoë", "Quill", "12 Larch Rd")


def without(text: str) -> tuple[str, int]:
    done = redact_json(text.encode(), "deliver_to", "customer_id", NAMES, ("city", "zip"), is_zoe)
    return done.content.decode(), done.records


def sale(number: str, first: str = "Zoë", street: str = "12 Larch Rd") -> str:
    return (
        '{ "sale_id": 1.50,\n  "deliver_to":  {"customer_id":'
        + number
        + f', "first_name": "{first}",'
        f' "last_name" :"Quill",\n "street": "{street}", "city": "Oak}}land", "zip": "94609"}} }}'
    )


def test_the_person_is_emptied_and_nothing_else_changes() -> None:
    other = sale("8", "Ann", "5 Fir St")
    told, records = without(f"[{other},\n{sale('7')}]\n")
    assert records == 1
    assert told.startswith(f"[{other},\n")
    assert json.loads(told)[1] == {
        "sale_id": 1.5,
        "deliver_to": {
            "customer_id": 0,
            "first_name": "",
            "last_name": "",
            "street": "",
            "city": "",
            "zip": "",
        },
    }
    assert '"sale_id": 1.50,\n  "deliver_to":  {"customer_id":0,' in told


@pytest.mark.parametrize("number", ["9", '"7"', "null"])
def test_a_number_keeps_its_type_and_names_alone_tell_the_person(number: str) -> None:
    told, records = without(sale(number))
    assert records == 1
    kept = json.loads(told)["deliver_to"]["customer_id"]
    assert kept == ("0" if number == '"7"' else 0)


def test_an_escaped_spelling_is_the_same_person() -> None:
    told, records = without(sale("9").replace("Zoë", "Zo\\u00eb"))
    assert (records, "Zo" in told) == (1, False)


def test_a_file_cut_short_loses_the_person_as_far_as_it_can_be_read() -> None:
    told, records = without(f"[{sale('7')},{sale('7')[:60]}")
    assert records == 1
    assert told.count("Quill") == 0 or told.endswith(sale("7")[:60])


def test_bytes_that_are_no_text_stay() -> None:
    content = b'\xff\x00{"deliver_to": {"customer_id": 8}}\xfe'
    done = redact_json(content, "deliver_to", "customer_id", NAMES, (), is_zoe)
    assert (done.content, done.records) == (content, 0)


def lines_without(content: bytes, *, drops_line: bool = True) -> tuple[bytes, int, int]:
    return redact_csv(content, PLACES, ",", "customer_id", NAMES, is_zoe, drops_line=drops_line)


def test_the_line_of_a_person_goes_and_the_others_stay_byte_for_byte() -> None:
    text = f'{ROW}\r\n8,Ann,"O""Hara\nJr",5 Fir St,1\r\n7,x,y,z,1\r\n9,Zoë,Quill,12 Larch Rd,2'
    done, records, removed = lines_without(text.encode())
    assert done.decode() == f'{ROW}\r\n8,Ann,"O""Hara\nJr",5 Fir St,1\r\n'
    assert (records, removed) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_stay_what_they_are(encoding: str) -> None:
    text = f"{ROW}\n9,Zoë,Quill,12 Larch Rd,2\n8,Bjørn,Quill,12 Larch Rd,2\n"
    done, records, _ = lines_without(text.encode(encoding))
    assert records == 1
    assert done == f"{ROW}\n8,Bjørn,Quill,12 Larch Rd,2\n".encode(encoding)


def test_only_the_number_goes_where_the_line_is_about_a_sale() -> None:
    content = b"sale,customer\n1,7\n2,8\r\n3,7\r\n"
    done = redact_csv(content, {"customer_id": 1}, ",", "customer_id", (), is_zoe, drops_line=False)
    assert done.content == b"sale,customer\n1,0\n2,8\r\n3,0\r\n"
    assert (done.records, done.lines_removed) == (2, 0)


def test_short_lines_and_no_lines_are_left_alone() -> None:
    for content in (b"", f"{ROW}\n".encode(), f"{ROW}\n8\n\n,,\n".encode()):
        assert lines_without(content) == (content, 0, 0)
