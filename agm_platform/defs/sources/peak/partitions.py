"""Peak's partitions: one a business date for which a file has arrived."""

import dagster as dg

PEAK_DAYS = dg.DynamicPartitionsDefinition(name="peak_days")
"""Keys are ISO dates. Dynamic, so that a day exists exactly when a file has come for it."""
