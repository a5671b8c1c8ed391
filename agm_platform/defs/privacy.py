"""What publishing and reading need to know of personal data, as a Dagster resource."""

from pathlib import Path

import dagster as dg
import duckdb
from pydantic import Field

from agm_platform.contracts.model import Table
from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.privacy.keys import key_from_text, key_of_file
from agm_platform.privacy.tombstones import Tombstones
from agm_platform.settings import get_settings
from agm_platform.warehouse.erasure import without_persons


class Privacy(dg.ConfigurableResource):
    """Gives the least size of a group, the key of the pseudonyms, and who is erased.

    The key itself is never a field: Dagster shows the configuration of resources.
    """

    keys_path: str = Field(description="Folder with the keys and the list of erased persons.")
    smallest_group: int = Field(
        default=SMALLEST_GROUP, description="Customers that a published figure describes at least."
    )

    def pseudonym_key(self) -> bytes:
        """Return the key: the setting, else that of the file, which is made at first use."""
        given = get_settings().pseudonym_key
        if given is not None:
            return key_from_text(given.get_secret_value())
        return key_of_file(Path(self.keys_path) / "pseudonym.key")

    def tombstones(self) -> Tombstones:
        """Return who is erased."""
        return Tombstones(Path(self.keys_path))

    def without_erased(
        self, table: Table, rows: duckdb.DuckDBPyRelation
    ) -> duckdb.DuckDBPyRelation:
        """Return rows as received without the persons who are erased, should a file hold them."""
        stones = self.tombstones()
        return without_persons(table, rows, stones.holds)[0] if stones else rows
