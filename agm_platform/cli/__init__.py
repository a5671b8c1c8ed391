"""The commands behind `make run`, `make ui` and `make replay`."""
