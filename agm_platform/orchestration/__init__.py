"""How Dagster keeps its own records; nothing here knows a table or a source."""
