"""Tests, in the shape of the package: agm_platform/x/y.py is tested in x/test_y.py here."""
