"""Does every table's function say the same on DuckDB and on Spark? Discovery, sides, comparison."""
