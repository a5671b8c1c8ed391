"""The columns that staged tables of every source share: copies, and the row rules broken."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Type

COPY_NUMBER = Column("copy_number", Type.INTEGER, "1 for the first row with its key, then 2, 3.")
FAILED_RULE = Column("failed_rule", Type.TEXT, "First rule that the row breaks; null if none.")
FAILED_RULES = Column("failed_rules", Type.TEXT, "All rules that the row breaks; null if none.")
