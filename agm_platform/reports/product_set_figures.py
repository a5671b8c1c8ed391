"""The figure of products bought together, of every source that has sets of products."""

from __future__ import annotations

from agm_platform.contracts.product_sets import NAME
from agm_platform.contracts.registry import find_table
from agm_platform.reports.figure import Figure, Kind


def product_set_figures(source: str) -> tuple[Figure, ...]:
    """Return the figures of one source; none if it has no such table."""
    if find_table(source, NAME) is None:
        return ()
    return (
        Figure(
            f"{source}_product_sets",
            "Bought together",
            "Which products are bought together more often than by chance?",
            (f"{source}.{NAME}",),
            'select products as "Products", orders as "Orders", support as "Share of orders",'
            ' follows as "Follows", confidence as "Confidence", lift as "Lift",'
            ' beyond_expected as "Beyond expected",'
            " case when is_found then 'yes' else 'no' end as \"Beyond chance\""
            f" from {source}.{NAME} order by is_found desc, orders desc, 1 limit 20",
            Kind.BAR,
            "Products",
            "Orders",
            colour="Beyond chance",
            rates=("Share of orders", "Confidence"),
            sideways=True,
            answers=(f"{source}.top_pairs",),
            note="The twenty in most orders, those beyond chance first.",
        ),
    )
