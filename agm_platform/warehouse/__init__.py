"""The warehouse: one DuckDB file, its one connection, and how tables are read and replaced."""
