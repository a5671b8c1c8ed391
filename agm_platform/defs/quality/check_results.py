"""The newest part of the journal as a table, for those who look for figures of checks by SQL."""

import pandas as pd

from agm_platform.contracts import quality as contracts
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.check_history import CheckHistory
from agm_platform.defs.table import asset_key, table

NEWEST_RUNS = 100
"""How many runs the table holds. Source: a quarter of daily runs; the journal holds all."""

REPORTED = [asset_key(contract) for contract in TABLES if contract.source != contracts.SOURCE]
"""The tables that are told of. An asset that depends on them waits for their checks too, because
each has a blocking one."""

SQL = (
    "select s.run_id, s.judged_at, s.source, s.table_name, u.check_name, u.expectation,"
    " nullif(u.column_name, '') as column_name, s.partitions, s.first_partition,"
    " s.last_partition, u.severity, u.on_failure = 'block' or u.expectation = 'table_shape'"
    " as is_blocking, r.state, r.element_count, r.unexpected_count, r.observed, r.duration_ms"
    " from results as r join steps as s using (step_id) join rules as u using (rule_id)"
    " where s.run_id in (select run_id from steps group by run_id order by max(step_id) desc"
    f" limit {NEWEST_RUNS}) order by s.step_id, u.check_name"
)


@table(contracts.CHECK_RESULTS, deps=REPORTED)
def check_results(check_history: CheckHistory) -> pd.DataFrame:
    """Copied once every other table of the run has been judged."""
    columns = list(contracts.CHECK_RESULTS.column_names)
    found = pd.DataFrame(check_history.journal().query(SQL), columns=columns)
    found["judged_at"] = pd.to_datetime(found["judged_at"], utc=True).dt.tz_localize(None)
    found["is_blocking"] = found["is_blocking"].astype(bool)
    return found
