"""Matching two customer lists that neither side shows: keyed encodings, comparison, decision.

    key = read_key(path)
    ours, own_rows = encode(records, PEOPLE, key)      # each side alone
    pairs = compare(ours, theirs)                      # on the two files' content
    link(left, right, PEOPLE, key)                     # all of it in one process, to measure

No Dagster here. What a file gives away is measured by `attacks`.
"""

from agm_platform.matching.private.defaults import PEOPLE, PEOPLE_BY_HASH
from agm_platform.matching.private.errors import LinkageError
from agm_platform.matching.private.linking import Quality, compare, encode, link, private_f1
from agm_platform.matching.private.parameters import Field, Method, Parameters, Tokens

__all__ = [
    "PEOPLE",
    "PEOPLE_BY_HASH",
    "Field",
    "LinkageError",
    "Method",
    "Parameters",
    "Quality",
    "Tokens",
    "compare",
    "encode",
    "link",
    "private_f1",
]
