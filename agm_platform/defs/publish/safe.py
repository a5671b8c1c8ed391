"""What readers see of a table's rows: pseudonyms, no small groups, no place that few share."""

from collections.abc import Sequence
from typing import Self

import duckdb
import narwhals as nw

from agm_platform.contracts.model import Table
from agm_platform.defs.privacy import Privacy
from agm_platform.privacy.k_anonymity import generalise
from agm_platform.privacy.pseudonyms import pads
from agm_platform.privacy.suppression import without_figures
from agm_platform.warehouse.pseudonyms import Pseudonyms


class Safe:
    """Makes rows fit to be published; its temporary tables go when the `with` block is left."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], privacy: Privacy
    ) -> None:
        """Compute the pseudonym of every number in `tables`, each once."""
        self._smallest_group = privacy.smallest_group
        self._pseudonyms = Pseudonyms(connection, tables, pads(privacy.pseudonym_key()))

    def __enter__(self) -> Self:
        """Give this."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the pseudonyms."""
        self._pseudonyms.drop()

    def rows_of(self, table: Table, rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Return the rows of a table as they may be seen."""
        frame = nw.from_native(rows)
        for groups in table.small_groups:
            frame = without_figures(frame, groups.figures, groups.flag)
        if table.quasi_identifiers:
            frame = generalise(frame, table.quasi_identifiers, self._smallest_group)
        return self._pseudonyms.replaced(frame.to_native(), table.identities)
