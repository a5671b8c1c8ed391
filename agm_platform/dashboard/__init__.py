"""The dashboard: published tables and answers to look into, filter and download; read-only."""
