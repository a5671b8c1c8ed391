"""Which columns a column is computed from: read off the queries that functions build."""
