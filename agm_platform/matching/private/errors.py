"""The one error of the private linkage: what a person at the command line can put right."""


class LinkageError(ValueError):
    """A key, list, file or parameter that cannot be used; the message holds no personal data."""
