"""From a table's contract to Great Expectations suites, asset checks and quarantined rows."""
