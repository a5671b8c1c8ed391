"""The terms of the points programme, and the thresholds of what is asked about it."""

from __future__ import annotations

from agm_platform.contracts.bands import Bands

POINTS_A_DOLLAR = 10
"""Points that a member earns for every whole dollar of a purchase. Source: recovered from the
transactions, exact on every row of the owner's files."""

REDEMPTION_POINTS = 5000
"""Points that one redemption is booked as. Source: the programme's owner."""

REDEMPTION_POINTS_TAKEN = 5050
"""Points that leave the balance with one redemption. Source: recovered from the transactions."""

REDEMPTION_USD_CENTS = 500
"""Money that one redemption takes off a purchase, in cents. Source: the programme's owner."""

LOWEST_BALANCE = -10
"""Lowest balance that is no fault, in points.

Source: a redemption is possible from 5,010 points up and takes 5,050 after at least 30 are earned.
"""

DROP_OFF_PURCHASES = 15
"""The n-th purchase up to which drop-off is told. Source: answers tell ten; five more show whether
the fall goes on."""

DROP_OFF_ANSWERS = 10
"""The n-th purchase up to which each drop-off is an answer of its own."""

WAITING_DAYS = 180
"""Days without a purchase after which a customer counts as gone, where waiting is fixed.

Source: an assumption for the programme's owner to confirm: half a year. The retention table says
what share of those who came back did so within it.
"""

PURCHASE_BANDS = Bands(("new", "regular", "loyal"), (1, 7))
"""A buyer by number of purchases: one, two to seven, eight or more.

Source: the owner's own reading "loyal after the 7th purchase", kept as a name and not as a finding.
"""

BASKET_BANDS = Bands(("low", "mid", "high"), (1500, 3000))
"""A buyer by money a purchase, in cents. Source: thirds of the owner's buyers, rounded to $15."""

GAP_BANDS = Bands(("frequent", "regular", "seldom"), (14, 30))
"""A buyer by the mean days between purchases. Source: fortnightly and monthly customers."""

FOLDS = 5
"""Parts for cross-validation. Source: custom; each part is judged by a model of the other four."""

MOST_LEVELS_PREDICTED = 12
"""Values of an attribute up to which its missing ones are predicted.

Source: an assumption: beyond it most values have too few known customers to learn from.
"""

MOST_CUSTOMERS_LEARNT = 50_000
"""Customers that a prediction is learnt and judged on at most.

Source: an accuracy is then known to half a percentage point; more would only take longer.
"""

EXPERIMENT_POWER = 0.8
"""Chance with which an experiment finds the effect that it is made for. Source: custom."""

SMALLEST_RETURN_GAIN = 0.03
"""Gain of the share that buys again that an experiment must find, as a fraction of all.

Source: an assumption for the owner to confirm: about half of the difference between the groups.
"""

SMALLEST_SPEND_GAIN = 0.05
"""Gain of net spend a member that an experiment on point levels must find, as a fraction of it.

Source: an assumption for the owner to confirm: it pays for rewards of ten times today's cost.
"""

SMALLEST_REDEEMING_GAIN = 0.10
"""Gain of the share that redeems that a campaign must show, as a fraction of all it reaches.

Source: an assumption for the owner to confirm: one in ten reminded members.
"""

UNKNOWN_BASELINE = 0.5
"""Share assumed where none is known for an experiment, as a fraction.

Source: a half needs the most customers, so the number told is never too small.
"""
