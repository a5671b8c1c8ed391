"""What becomes of unreviewed spellings, by the settings of this moment."""

from agm_platform.contracts.categories import Category, Unseen, with_unseen
from agm_platform.contracts.model import Table
from agm_platform.settings import get_settings


def as_set(contract: Table) -> Table:
    """Return the contract with the settings' word for unreviewed spellings, if they have one."""
    return with_unseen(contract, get_settings().unknown_spellings)


def unseen_of(category: Category) -> Unseen:
    """Return what becomes of the category's unreviewed spellings."""
    return get_settings().unknown_spellings or category.unseen
