"""The shape of a nested JSON file: an object with one list of records, each with parts and items.

Every table made from such a file is named here with its columns; all values are read as text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Fields of the object or list `name` inside a record, and the table that they become."""

    name: str
    table: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The contract of one file.

    `header` are the fields beside the list `records.name`; `key` is the field of a record that the
    tables of its parts repeat. Records are numbered in `record_position`, the items of each record
    in `item_position`, both from 1 in file order.
    """

    header: tuple[str, ...]
    records: Part
    objects: tuple[Part, ...]
    items: Part
    key: str
    record_position: str
    item_position: str

    @property
    def record_members(self) -> tuple[str, ...]:
        """Everything that a record must have."""
        parts = (*self.objects, self.items)
        return (*self.records.fields, *(part.name for part in parts))


PEAK_DAY = Document(
    header=("creator", "timestamp", "file_name", "version", "legal"),
    records=Part(
        "sales", "raw_orders", ("sale_id", "sale_date", "sub_total", "tax", "total_amount")
    ),
    objects=(
        Part(
            "pickup_from",
            "raw_stores",
            ("location_id", "name", "street", "city", "state", "zip"),
        ),
        Part(
            "deliver_to",
            "raw_customers",
            ("customer_id", "first_name", "last_name", "street", "city", "state", "zip"),
        ),
    ),
    items=Part("line_items", "raw_order_lines", ("product_id", "price", "quantity", "taxable")),
    key="sale_id",
    record_position="sale_position",
    item_position="line_item_id",
)
