"""A list of people as columns of normalised text, one a field of the parameters."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pandas as pd

from agm_platform.matching.normalise import FIELDS, NORMALISED_COLUMNS, as_pandas, normalised
from agm_platform.matching.private.errors import LinkageError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from agm_platform.matching.private.parameters import Parameters

US, PLAIN = "us", "plain"
# In the order of normalise.FIELDS: what normalising changes, in invented records.
PROBES = (
    (
        *(" Peggy ", "O'Neil-Smith Jr.", "46 N. Farwell Terr., Apt 2", "St. Paul", "minnesota"),
        *("55101-1234", "P.Oneil@Example.org", "(651) 555-0100", "11/24/1980"),
    ),
    (
        *("Zoë", "van der Berg", "P.O. Box 12", "Ft Worth", "TX"),
        *("7610", "no address", "5550100", "1980"),
    ),
)
SUFFIXES = ("_normalised", "_canonical")


def read_list(path: Path) -> pd.DataFrame:
    """Return a CSV file (UTF-8, header) as text; a person called "NA" stays one.

    Header names are taken without regard to case and blanks. Raises LinkageError, without any
    value, for what is no such file.
    """
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeError, ValueError) as error:
        msg = f"{path} cannot be read as a list in CSV with UTF-8 text ({type(error).__name__})"
        raise LinkageError(msg) from None
    rows.columns = pd.Index([str(name).strip().lower() for name in rows.columns])
    if rows.columns.duplicated().any():
        msg = f"{path} names a column twice"
        raise LinkageError(msg)
    return rows


def columns_of(records: Any, parameters: Parameters) -> dict[str, list[str]]:
    """Return the normalised text of every field, "" where there is none.

    With the normaliser "us" the fields are columns of `matching.normalise.normalised`
    (first_name_canonical, street_normalised, ...) and `records` holds what they are made from.
    With "plain" they are columns of `records`, in lower case without blanks at the ends.
    Raises LinkageError if a column is missing or the normaliser is unknown.
    """
    frame = as_pandas(records)
    names = [field.name for field in parameters.fields]
    needed = names
    if parameters.normaliser == US:
        unknown = [name for name in names if name not in NORMALISED_COLUMNS]
        if unknown:
            msg = f"the normaliser {US!r} makes no {', '.join(unknown)}"
            raise LinkageError(msg)
        needed = [_source(name) for name in names]
    elif parameters.normaliser != PLAIN:
        msg = f"there is no normaliser {parameters.normaliser!r}, only {US!r} and {PLAIN!r}"
        raise LinkageError(msg)
    missing = sorted(set(needed) - set(frame.columns))
    if missing:
        msg = f"the list has no column {', '.join(missing)}"
        raise LinkageError(msg)
    if parameters.normaliser == US:
        ready = normalised(frame[sorted(set(needed))])[names].fillna("")
    else:
        ready = frame[names].fillna("").astype(str).apply(lambda text: text.str.lower().str.strip())
    return {name: ready[name].tolist() for name in names}


def normaliser_id(parameters: Parameters) -> str:
    """Return a name of what the normaliser makes of invented people, as 16 hex digits.

    Two versions of the package that normalise differently give different names, so that their
    encodings are not compared in silence.
    """
    if parameters.normaliser == PLAIN:
        return PLAIN
    made = columns_of(pd.DataFrame(PROBES, columns=list(FIELDS)), parameters)
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]


def _source(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name
