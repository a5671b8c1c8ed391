"""Every Dagster definition: found by walking this folder, never listed by hand."""
