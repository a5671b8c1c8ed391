"""AGM's own data and its partners' files: checked, conformed, joined and answered."""

__version__ = "0.1.0"
