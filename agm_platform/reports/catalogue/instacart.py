"""Figures of groceries: when people order, what it costs, what they come back for."""

from __future__ import annotations

from agm_platform.reports.figure import Figure, Kind

TITLE = "Groceries"
ABOUT = "Orders of groceries: days and hours, prices, departments, habits of customers."

DAY_NAMES = "instacart.shopping_habits where dimension = 'day'"

FIGURES = (
    Figure(
        "instacart_day_hour",
        "Orders by day and hour",
        "When do people order groceries?",
        ("instacart.shopping_habits",),
        'select h.order_hour as "Hour", d.label as "Day", h.orders as "Orders",'
        ' h.share as "Share of orders", h.customers as "Customers"'
        " from instacart.shopping_habits as h"
        f" join (select order_day, label from {DAY_NAMES}) as d using (order_day)"
        " where h.dimension = 'day_hour' order by order_day, h.order_hour",
        Kind.HEAT,
        "Hour",
        "Day",
        colour="Orders",
        rates=("Share of orders",),
        answers=(
            "instacart.busiest_hours",
            "instacart.quietest_hours",
            "instacart.advertising_hours",
        ),
    ),
    Figure(
        "instacart_days",
        "Orders by day of the week",
        "On which days do most orders come?",
        ("instacart.shopping_habits",),
        'select label as "Day", share as "Share of orders", share_low as "From",'
        ' share_high as "To", orders as "Orders", usd_cents / 100 as "Value of priced lines"'
        f" from {DAY_NAMES} order by order_day",
        Kind.INTERVAL,
        "Day",
        "Share of orders",
        low="From",
        high="To",
        dollars=("Value of priced lines",),
        rates=("Share of orders", "From", "To"),
        answers=("instacart.busiest_day", "instacart.quietest_day"),
        note="95 % intervals.",
    ),
    Figure(
        "instacart_spending_by_hour",
        "Spending an order by hour",
        "At which hours do people spend most?",
        ("instacart.shopping_habits",),
        'select order_hour as "Hour", usd_cents / 100 / nullif(orders_with_lines, 0)'
        ' as "Spent an order", usd_cents / 100 as "Spent", orders as "Orders"'
        " from instacart.shopping_habits where dimension = 'hour' order by 1",
        Kind.BAR,
        "Hour",
        "Spent an order",
        dollars=("Spent an order", "Spent"),
        answers=("instacart.top_spend_hour",),
    ),
    Figure(
        "instacart_price_bands",
        "Products and lines by price band",
        "How much of what is sold is cheap, middling or dear?",
        ("instacart.price_bands",),
        "select case basis when 'rule' then 'by the rule' else 'by thirds of prices' end"
        ' as "Bands", price_band as "Price band", order_lines as "Lines", products as "Products",'
        ' lowest_usd_cents / 100 as "Lowest price", highest_usd_cents / 100 as "Highest price"'
        " from instacart.price_bands order by basis, lowest_usd_cents nulls last, price_band",
        Kind.BAR,
        "Price band",
        "Lines",
        colour="Bands",
        dollars=("Lowest price", "Highest price"),
        answers=("instacart.lines_*_price",),
    ),
    Figure(
        "instacart_departments",
        "Lines by department",
        "Which departments are bought from most?",
        ("instacart.department_insights",),
        'select department_name as "Department", order_lines as "Lines", orders as "Orders",'
        ' reordered_lines / nullif(order_lines, 0) as "Bought again", customers as "Customers",'
        ' usd_cents / 100 as "Value of priced lines", products as "Products"'
        " from instacart.department_insights order by order_lines desc nulls last, 1",
        Kind.BAR,
        "Department",
        "Lines",
        dollars=("Value of priced lines",),
        rates=("Bought again",),
        sideways=True,
        answers=("instacart.top_departments", "instacart.order_lines"),
    ),
    Figure(
        "instacart_products",
        "Most bought products",
        "Which products are bought most, and bought again?",
        ("instacart.product_popularity",),
        'select product_name as "Product", order_lines as "Lines", repeat_rate as "Bought again",'
        ' customers as "Customers", department_name as "Department"'
        " from instacart.product_popularity where order_lines is not null"
        " order by order_lines desc, product_id limit 20",
        Kind.BAR,
        "Product",
        "Lines",
        rates=("Bought again",),
        sideways=True,
        answers=("instacart.repeat_rate",),
    ),
    Figure(
        "instacart_pairs",
        "Departments that go together",
        "Which departments are in one basket more often than by chance?",
        ("instacart.department_pairs",),
        "select first_department || ' and ' || second_department as \"Departments\","
        ' lift as "Lift", orders as "Baskets with both", support as "Share of baskets"'
        " from instacart.department_pairs order by lift desc nulls last, 1 limit 15",
        Kind.BAR,
        "Departments",
        "Lift",
        rates=("Share of baskets",),
        sideways=True,
        answers=("instacart.departments_together",),
        note="A lift of 1 is chance. Pairs in few baskets have uncertain lifts.",
    ),
    Figure(
        "instacart_flags",
        "Customers by flag",
        "How many customers are loyal, frequent, high spenders?",
        ("instacart.flag_counts",),
        "select replace(flag, '_', ' ') || ': ' || replace(label, '_', ' ') as \"Flag\","
        ' customers as "Customers", order_lines as "Lines" from instacart.flag_counts'
        " where flag in ('loyalty', 'frequency', 'spending', 'activity') order by flag, label",
        Kind.BAR,
        "Flag",
        "Customers",
        sideways=True,
        answers=("instacart.customers_*",),
    ),
    Figure(
        "instacart_groups",
        "Spending an order by kind of customer",
        "Do kinds of customers spend differently?",
        ("instacart.group_habits",),
        "select replace(grouping, '_', ' ') || ': ' || member as \"Who\","
        ' usd_cents_per_order / 100 as "Spent an order", usd_cents_per_order_low / 100 as "From",'
        " usd_cents_per_order_high / 100 as \"To\", replace(grouping, '_', ' ') as \"Kind\","
        ' customers as "Customers", orders_per_customer as "Orders a customer"'
        " from instacart.group_habits"
        " where grouping in ('region', 'age_band', 'income_band', 'family_status', 'loyalty')"
        " order by grouping, member",
        Kind.INTERVAL,
        "Who",
        "Spent an order",
        low="From",
        high="To",
        colour="Kind",
        dollars=("Spent an order", "From", "To"),
        answers=("instacart.habits_by_*", "instacart.age_and_family"),
        note="95 % intervals.",
    ),
)
