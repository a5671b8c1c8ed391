"""The table of answers: every question of every source, one row each."""

import narwhals as nw

from agm_platform.contracts.answers import ANSWERS
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.table import table

BY_SOURCE = {
    contract.name: contract
    for contract in TABLES
    if contract.source == ANSWERS.source and contract != ANSWERS
}


@table(ANSWERS, reads=BY_SOURCE)
def answers_table(**of_sources: nw.LazyFrame) -> nw.LazyFrame:
    """All answers; a question that the data cannot answer says what is missing."""
    return nw.concat(list(of_sources.values())).sort("source", "answer_id")
