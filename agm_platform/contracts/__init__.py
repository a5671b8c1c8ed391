"""Contracts: what every table and every arriving file promises, as data."""
