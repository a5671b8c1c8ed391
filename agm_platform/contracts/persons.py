"""Contracts of persons over all sources, and of the state that the next run starts from."""

from __future__ import annotations

from agm_platform.contracts.business import UNUSUAL_SHARE_OF_PERSONS_CHANGED
from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.rules import UNEXPECTED_ROWS, in_set, unique

TEXT, INTEGER, NUMBER, DATE = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.DATE
SOURCE = "customers"
GROUP = "customers"

RECORD_ID = Column(
    "record_id", TEXT, "Source and its number of the customer: agm:17.", nullable=False
)
SENDER = Column("source", TEXT, "Whose customer it is: agm or peak.", nullable=False)

PERSONS = Table(
    SOURCE,
    "persons",
    "One row a customer record of any source: which person it is.",
    (
        Column("person_id", TEXT, "Stays as long as the person has records.", nullable=False),
        SENDER,
        Column("customer_id", TEXT, "The source's number of the customer.", nullable=False),
        RECORD_ID,
    ),
    key=("record_id",),
    rules=(
        unique("record_id", "a record is one person"),
        Rule(
            "person_id__one_agm_record",
            UNEXPECTED_ROWS,
            {
                "unexpected_rows_query": "SELECT person_id FROM {batch} WHERE source = 'agm' "
                "GROUP BY person_id HAVING count(*) > 1"
            },
            "no person has two records of AGM, each of whose customers is another person",
        ),
    ),
    publish=False,
    group=GROUP,
)

PERSON_EVENTS = Table(
    SOURCE,
    "person_events",
    "One row a change of persons that were known: merged, split, or records moved.",
    (
        Column("as_of", DATE, "Last business date of Peak's orders at the time."),
        Column(
            "event",
            TEXT,
            "merge: the other person is this one; split: the other person came out of this one; "
            "move: records went from this person to the other.",
            nullable=False,
        ),
        Column("person_id", TEXT, "The person who stays, or is left.", nullable=False),
        Column("other_person_id", TEXT, "The person who ends, begins or receives.", nullable=False),
        Column("records", INTEGER, "How many records it is about.", nullable=False),
    ),
    rules=(
        in_set("event__known", ["merge", "split", "move"], "an event is merge, split or move"),
        Rule(
            "as_of__few_persons_changed",
            UNEXPECTED_ROWS,
            {
                "unexpected_rows_query": "SELECT newest.as_of FROM {batch} AS newest "
                "JOIN (SELECT max(as_of) AS as_of FROM {batch}) AS last "
                "ON newest.as_of = last.as_of WHERE newest.event IN ('merge', 'split') "
                "GROUP BY newest.as_of HAVING count(DISTINCT newest.person_id) > "
                f"{UNUSUAL_SHARE_OF_PERSONS_CHANGED} * "
                "(SELECT count(DISTINCT person_id) FROM customers.persons)"
            },
            "the newest merges and splits touch few of all persons: many at once mean another "
            "model or a fault in a feed",
            OnFailure.WARN,
            Severity.WARNING,
            reads=("customers.persons",),
        ),
    ),
    publish=False,
    group=GROUP,
)


def _prepared(name: str, description: str) -> Column:
    return Column(name, TEXT, description, personal=True)


PERSON_RECORDS = Table(
    SOURCE,
    "person_records",
    "One row a record as it was last compared; what differs from it is compared again.",
    (
        RECORD_ID,
        SENDER,
        _prepared("first_name", "First name folded, its letters joined."),
        _prepared("first_names", "The name and all it may be short for, between bars."),
        _prepared("first_canonical", "The given name it is short for."),
        _prepared("first_initial", "First letter of first_canonical."),
        _prepared("first_sound", "Soundex code of the first name."),
        _prepared("last_name", "Letters of the last name, joined."),
        _prepared("last_sound", "Soundex code of the last name."),
        _prepared("street", "Street in postal form."),
        _prepared("street_number", "House number."),
        _prepared("street_name", "Letters and digits of the street's name, joined."),
        _prepared("street_sound", "Soundex code of the street's name."),
        _prepared("street_suffix", "Postal suffix."),
        _prepared("street_unit", "Flat or suite."),
        _prepared("city", "City and state, folded."),
        _prepared("zip", "Five digits."),
    ),
    key=("record_id",),
    rules=(unique("record_id", "a record is compared once"),),
    publish=False,
    group=GROUP,
)

PERSON_PAIRS = Table(
    SOURCE,
    "person_pairs",
    "One row a pair of records that says something about persons.",
    (
        Column("left_id", TEXT, "The smaller record_id.", nullable=False),
        Column("right_id", TEXT, "The greater record_id.", nullable=False),
        Column(
            "says",
            TEXT,
            "By the model: join (one person) or apart (two). By people: yes or no.",
            nullable=False,
        ),
        Column("match_weight", NUMBER, "For being one person; null of people.", unit="bits"),
    ),
    key=("left_id", "right_id", "says"),
    rules=(
        in_set("says__known", ["join", "apart", "yes", "no"], "a pair says join, apart, yes or no"),
    ),
    publish=False,
    group=GROUP,
)

PERSON_FREQUENCIES = Table(
    SOURCE,
    "person_frequencies",
    "How common values are, counted when all records were last compared anew.",
    (
        Column("field", TEXT, "Column of person_records.", nullable=False),
        Column("value", TEXT, "The value.", personal=True),
        Column("share", NUMBER, "Share of the records that have it.", unit="fraction"),
        Column("model_version", TEXT, "Model that the records were compared with.", nullable=False),
        Column("counted_records", INTEGER, "Records that it was counted in.", nullable=False),
    ),
    key=("field", "value"),
    publish=False,
    group=GROUP,
)

TABLES = (PERSONS, PERSON_EVENTS, PERSON_RECORDS, PERSON_PAIRS, PERSON_FREQUENCIES)
