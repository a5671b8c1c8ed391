"""E-mail address, telephone number and date of birth to their standard forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.text_sql import lookup

if TYPE_CHECKING:
    import duckdb

CONTACT_COLUMNS = ("email_normalised", "phone_normalised", "birth_date_normalised")

# An address that needs no parser: plain characters, single dots, a domain that is not reserved.
PLAIN_EMAIL = r"^[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}$"
RESERVED = r"\.(test|example|invalid|localhost|local|arpa|onion|alt|internal)$"
LONGEST_LOCAL, LONGEST_EMAIL = 64, 254  # RFC 5321, section 4.5.3.1; RFC 3696, erratum 1690

DATE_FORMS = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%Y%m%d", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y")
"""Ways of writing a date of birth, tried in this order; month before day, as in the US."""

PHONES = r"""
create temp table phones as
select phone, null::varchar as phone_normalised,
    case when regexp_full_match(digits, '[2-9][0-9]{2}[2-9][0-9]{6}') then digits end as digits
from (
    select phone, regexp_replace(
        regexp_replace(phone, '[\s().\-]', '', 'g'), '^(\+?1)?([0-9]{10})$', '\2'
    ) as digits
    from (select distinct phone from received where phone is not null)
)
"""


def normalise_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `emails`, `phones` and `birth_dates` from `received`, one row a distinct text.

    An e-mail address is in lower case, null if its syntax is wrong or its domain reserved; whether
    it exists is not asked. A telephone number is +1 and ten digits (other countries' in the same
    form, E.164), null if the numbering plan has no such number. A date of birth is an ISO date.
    """
    connection.execute(
        "create temp table emails as select email, case when "
        "regexp_matches(lower(email), $plain) and not regexp_matches(lower(email), $reserved) "
        f"and length(email) <= {LONGEST_EMAIL} and position('@' in email) <= {LONGEST_LOCAL} "
        "then lower(email) end as email_normalised "
        "from (select distinct email from received where email is not null)",
        {"plain": PLAIN_EMAIL, "reserved": RESERVED},
    )
    unsettled = connection.execute(
        "select email from emails where email_normalised is null and email like '%@%' "
        f"and length(email) <= {LONGEST_EMAIL} order by email"
    ).fetchall()
    _replace(connection, "emails", "email", [(text, parse_email(text)) for (text,) in unsettled])

    # The plan takes every number of a US area code, so one call settles all numbers of an area
    # (but for 983, where it would refuse exchanges that begin with 6).
    connection.execute(PHONES)
    areas = connection.execute("select distinct left(digits, 3) from phones").fetchall()
    connection.execute(
        "update phones set phone_normalised = '+1' || digits where list_contains($areas, "
        "left(digits, 3))",
        {"areas": [area for (area,) in areas if area and is_us_area(area)]},
    )
    unsettled = connection.execute(
        "select phone from phones where phone_normalised is null and length(phone) <= 40 "
        "and regexp_matches(phone, '[0-9]') order by phone"
    ).fetchall()
    _replace(connection, "phones", "phone", [(text, parse_phone(text)) for (text,) in unsettled])

    forms = ", ".join(f"'{form}'" for form in DATE_FORMS)
    connection.execute(
        "create temp table birth_dates as select birth_date, "
        f"strftime(try_strptime(left(regexp_replace(birth_date, '[ T][0-9:.]+$', ''), 40), "
        f"[{forms}]), '%Y-%m-%d') as birth_date_normalised "
        "from (select distinct birth_date from received where birth_date is not null)"
    )


def parse_email(text: str) -> str | None:
    """Return the address in lower case; None if its syntax is wrong or its domain reserved."""
    from email_validator import validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except Exception:  # noqa: BLE001, whatever a parser raises, the text is no address
        return None


def parse_phone(text: str) -> str | None:
    """Return the number in E.164 form, US unless it says otherwise; None if there is no such."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_us_area(area: str) -> bool:
    """Whether three digits are an area code of the United States."""
    import phonenumbers

    number = phonenumbers.parse(f"+1{area}2345678")
    return phonenumbers.region_code_for_number(number) == "US"


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    found: list[tuple[str, str | None]],
) -> None:
    """Fill the normalised column where a parser found something."""
    lookup(connection, f"{table}_found", ("text", "found"), [row for row in found if row[1]])
    connection.execute(
        f"update {table} set {column}_normalised = found from {table}_found where {column} = text"
    )
