"""Pseudonyms computed by the engine: HMAC-SHA-256 put together from its plain SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.contracts.privacy import ERASED_MARK, ERASED_NUMBER, PSEUDONYM_BITS
from agm_platform.warehouse.tables import read_table
from agm_platform.warehouse.types import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

    from agm_platform.contracts.model import Table

_CODE = (
    "sha256(getvariable('outer_pad')"
    " || unhex(sha256(getvariable('inner_pad') || encode($domain || ':' || number))))"
)


class PseudonymCollisionError(RuntimeError):
    """Two numbers of one domain have the same pseudonym: make the pseudonyms longer."""


class Pseudonyms:
    """The pseudonym of every number in some tables, each computed once, in temporary tables.

    `pads` is HMAC's key as `privacy.pseudonyms.pads` gives it; it reaches the engine as values of
    variables, never as text of a statement, which an error would quote.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Iterable[Table],
        pads: tuple[bytes, bytes],
    ) -> None:
        """Compute them. Raises PseudonymCollisionError."""
        self._connection = connection
        columns: dict[str, list[tuple[Table, str]]] = {}
        for table in tables:
            for name, domain in table.identities.items():
                columns.setdefault(domain, []).append((table, name))
        self._maps = {domain: f"pseudonyms_of_{domain}" for domain in columns}
        for name, pad in zip(("inner_pad", "outer_pad"), pads, strict=True):
            connection.execute(f"set variable {name} = $pad::blob", {"pad": pad})
        try:
            for domain, places in columns.items():
                self._compute(domain, places)
        finally:
            connection.execute("reset variable inner_pad; reset variable outer_pad")

    def _compute(self, domain: str, places: Sequence[tuple[Table, str]]) -> None:
        numbers = None
        for table, name in places:
            found = read_table(self._connection, table).project(f"{quoted(name)} as number")
            numbers = found if numbers is None else numbers.union(found)
        assert numbers is not None
        numbers.filter("number is not null").distinct().create_view("_numbers", replace=True)
        try:
            self._connection.execute(
                f"create or replace temp table {self._maps[domain]} as select number,"
                f" case when number = $erased then $mark"
                f" else left({_CODE}, {PSEUDONYM_BITS // 4}) end as pseudonym from _numbers",
                {"domain": domain, "erased": ERASED_NUMBER, "mark": ERASED_MARK},
            )
        finally:
            self._connection.execute("drop view if exists _numbers")
        all_, different = self._connection.execute(
            f"select count(*), count(distinct pseudonym) from {self._maps[domain]}"
        ).fetchall()[0]
        if all_ != different:
            msg = f"{all_ - different} of {all_} numbers of {domain} share a pseudonym"
            raise PseudonymCollisionError(msg)

    def replaced(
        self, rows: duckdb.DuckDBPyRelation, identities: Mapping[str, str]
    ) -> duckdb.DuckDBPyRelation:
        """Return the rows with pseudonyms in the columns that `identities` names by domain."""
        columns = rows.columns
        for name, domain in identities.items():
            known = self._connection.table(self._maps[domain]).set_alias("known")
            rows = rows.set_alias("given").join(
                known, f"given.{quoted(name)} = known.number", how="left"
            )
            rows = rows.project(
                ", ".join(
                    f"known.pseudonym as {quoted(each)}"
                    if each == name
                    else f"given.{quoted(each)}"
                    for each in columns
                )
            )
        return rows

    def drop(self) -> None:
        """Forget them: a temporary table lasts as long as the connection."""
        for name in self._maps.values():
            self._connection.execute(f"drop table if exists temp.{name}")
