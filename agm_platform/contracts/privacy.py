"""The terms of personal data: how small a group may be, and what stands for an erased person."""

from __future__ import annotations

SMALLEST_GROUP = 10
"""Customers that a published figure must describe at least; the setting AGM_SMALLEST_GROUP.

Source: the threshold of ten that health and education statistics use for cells of persons (CMS cell
size policy: no cell from 1 to 10).
"""

LEAST_HIDDEN_CELLS = 2
"""Cells hidden together at least, so that none is the total less its siblings.

Source: the rule of secondary suppression (Hundepool et al., Statistical Disclosure Control, 2012).
"""

PSEUDONYM_BITS = 80
"""Length of a pseudonym. Among n numbers two share one with a chance of about n^2 / 2^81.

That is 4e-16 for 31 000 customers and 4e-13 for a million.
"""

ERASED_NUMBER = "0"
"""Customer number of every erased person, in files and in the warehouse: senders count from 1."""

ERASED_MARK = "erased"
"""What is published in place of the pseudonym of an erased person."""
