"""Record matching without Dagster: what customer records say, how well, and who is who."""
