"""Figures of the delivery trial with Peak: sales, radius, matching, withholding."""

from __future__ import annotations

from agm_platform.contracts.business import DELIVERY_RADIUS_MILES, TRIAL_STORE_ZIP
from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.reports.figure import Figure, Kind

TITLE = "Peak Deliveries"
ABOUT = "The delivery trial: what Peak sold, to whom, where, and whether AGM knows them already."

MILES_A_DEGREE = 69.09
"""Miles of one degree of latitude: 2 pi / 360 of the Earth's radius in contracts.business."""
COUNTED = f'case when count(*) >= {SMALLEST_GROUP} then count(*) end as "Customers"'
"""SQL: how many customers a group has, if they are many enough to be counted in public."""
NEAR_STORE = (
    "from peak.radius_insights as r join reference.zip_places as z using (zip)"
    f" join (select latitude, longitude from agm.stores where zip = '{TRIAL_STORE_ZIP}') as s"
    " on true where z.latitude is not null"
)

FIGURES = (
    Figure(
        "peak_sales_by_day",
        "Delivered sales by day",
        "How much was delivered each day?",
        ("peak.delivery_insights",),
        'select member::date as "Day", orders as "Sales", meals as "Meals",'
        ' gross_usd_cents / 100 as "Takings", commission_usd_cents / 100 as "Peak\'s cut",'
        ' net_usd_cents / 100 as "AGM\'s part"'
        " from peak.delivery_insights where dimension = 'day' order by 1",
        Kind.BAR,
        "Day",
        "Sales",
        dollars=("Takings", "Peak's cut", "AGM's part"),
        answers=("peak.sales", "peak.gross_dollars", "peak.net_dollars", "peak.peak_cut_dollars"),
    ),
    Figure(
        "peak_delivery_and_pick_up",
        "Delivery against pick-up",
        "How do takings compare, day by day, where both are known?",
        ("peak.delivery_insights", "agm.sales_insights"),
        "with both_ways as ("
        "select member::date as day, 'Delivery by Peak' as way, orders, gross_usd_cents"
        " from peak.delivery_insights where dimension = 'day'"
        " union all select member::date, 'Pick-up at AGM', orders, gross_usd_cents"
        " from agm.sales_insights where dimension = 'day')"
        ' select day as "Day", way as "Way", gross_usd_cents / 100 as "Takings", orders as "Sales"'
        " from both_ways where day between"
        " (select min(day) from both_ways where way = 'Delivery by Peak') and"
        " (select max(day) from both_ways where way = 'Delivery by Peak')"
        " and exists (select 1 from both_ways where way = 'Pick-up at AGM') order by way, day",
        Kind.LINE,
        "Day",
        "Takings",
        colour="Way",
        dollars=("Takings",),
        note="Pick-up is of all AGM's stores; Peak delivers for one.",
    ),
    Figure(
        "peak_meals_by_product",
        "Meals delivered by product",
        "Which meals are delivered most?",
        ("peak.delivery_insights",),
        'select member as "Product", meals as "Meals", orders as "Sales"'
        " from peak.delivery_insights where dimension = 'product'"
        " order by meals desc nulls last, 1",
        Kind.BAR,
        "Product",
        "Meals",
        sideways=True,
        answers=("peak.top_meals", "peak.meals"),
    ),
    Figure(
        "peak_meals_in_a_sale",
        "Meals in a sale",
        "How many meals has a delivered sale?",
        ("peak.delivery_insights",),
        'select member::bigint as "Meals in the sale", orders as "Sales"'
        " from peak.delivery_insights where dimension = 'meals_in_sale' order by 1",
        Kind.BAR,
        "Meals in the sale",
        "Sales",
        answers=("peak.meals_per_sale",),
    ),
    Figure(
        "peak_radius_map",
        "Where Peak's customers are",
        "Which ZIP codes lie inside the delivery radius?",
        ("peak.radius_insights", "reference.zip_places", "agm.stores"),
        "select round((z.longitude - s.longitude) * cos(radians(s.latitude))"
        f' * {MILES_A_DEGREE}, 3) as "Miles east of the store",'
        f" round((z.latitude - s.latitude) * {MILES_A_DEGREE}, 3)"
        ' as "Miles north of the store", r.radius_band as "Radius", zip as "ZIP",'
        ' r.city as "City", r.distance_miles as "Miles away", r.peak_customers as "Peak customers",'
        f' r.agm_customers as "AGM customers" {NEAR_STORE}'
        " and (r.peak_customers > 0 or r.peak_suppressed)"
        " order by r.radius_band, r.distance_miles, zip",
        Kind.SCATTER,
        "Miles east of the store",
        "Miles north of the store",
        colour="Radius",
        rings=(DELIVERY_RADIUS_MILES,),
        answers=("peak.radius",),
        note="A point is the centre of a ZIP code with Peak customers, the store is in the middle"
        f" and the dashed ring {DELIVERY_RADIUS_MILES:g} miles away. Uncertain: the ring runs"
        " through the ZIP.",
    ),
    Figure(
        "peak_radius_bands",
        "Sales by radius",
        "How many sales go to customers inside the delivery radius?",
        ("peak.delivery_insights",),
        'select member as "Radius", orders as "Sales", customers as "Customers",'
        ' gross_usd_cents / 100 as "Takings" from peak.delivery_insights'
        " where dimension = 'radius' order by 1",
        Kind.BAR,
        "Radius",
        "Sales",
        dollars=("Takings",),
        sideways=True,
        answers=("peak.radius",),
    ),
    Figure(
        "peak_exact_agreement",
        "Details that agree with AGM's file",
        "On which of first name, last name and street do Peak's customers differ?",
        ("peak.customer_accuracy",),
        f"select replace(agreement, '_', ' ') as \"Agreement\", {COUNTED}"
        " from peak.customer_accuracy group by 1 order by 2 desc nulls last, 1",
        Kind.BAR,
        "Agreement",
        "Customers",
        sideways=True,
        answers=("peak.customer_accuracy", "peak.customers_not_exact"),
    ),
    Figure(
        "peak_match_bands",
        "Matches by band",
        "How many of Peak's customers are recognised, unknown, or wait for a person's look?",
        ("answers.answers",),
        'select one.band as "Band", one.customers as "Customers" from ('
        'select unnest(from_json(details, \'[{"band": "VARCHAR", "customers": "BIGINT"}]\'))'
        " as one from answers.answers where answer_id = 'peak.customers_matched')"
        " order by 2 desc nulls last, 1",
        Kind.BAR,
        "Band",
        "Customers",
        sideways=True,
        answers=("peak.customers_matched", "peak.customer_accuracy_after_matching"),
        note="Accept: linked. Review: a person decides. None: no AGM customer is like it.",
    ),
    Figure(
        "peak_improvements",
        "What would make customers' details better",
        "Which faults touch most customers?",
        ("peak.customer_improvements",),
        "select replace(fault, '_', ' ') as \"Fault\", share as \"Share of customers\","
        ' share_low as "From", share_high as "To", customers as "Customers",'
        ' all_customers as "Of", repair as "Repair"'
        " from peak.customer_improvements order by place",
        Kind.INTERVAL,
        "Fault",
        "Share of customers",
        low="From",
        high="To",
        rates=("Share of customers", "From", "To"),
        answers=("peak.quality_improvements",),
        note="Wilson's 95 % intervals.",
    ),
    Figure(
        "peak_quality_bands",
        "Quality of Peak's customer records",
        "How many records have a high, a middling or a low score?",
        ("peak.clean_customers",),
        "select case when quality_score >= 0.9 then '0.9 and more'"
        " when quality_score >= 0.7 then '0.7 to 0.9' when quality_score >= 0.5 then '0.5 to 0.7'"
        f" else 'below 0.5' end as \"Score\", {COUNTED} from peak.clean_customers"
        " group by 1 order by avg(quality_score) desc",
        Kind.BAR,
        "Score",
        "Customers",
        sideways=True,
    ),
    Figure(
        "peak_withholding",
        "Recognised customers by what is shared",
        "How many of Peak's customers does AGM recognise, by what the two exchange?",
        ("customers.withholding_verdict",),
        "select replace(policy, '_', ' ') as \"What is exchanged\","
        ' recognised_share as "Recognised", recognised_low as "From", recognised_high as "To",'
        ' recognised as "Customers recognised", customers as "Of",'
        ' precision as "Links that are right", peak_learns as "Peak learns",'
        ' agm_learns as "AGM learns" from customers.withholding_verdict'
        " order by is_list_shared, recognised_share, policy",
        Kind.INTERVAL,
        "What is exchanged",
        "Recognised",
        low="From",
        high="To",
        rates=("Recognised", "From", "To", "Links that are right"),
        answers=("peak.withholding", "peak.match_precision"),
        note="Wilson's 95 % intervals.",
    ),
    Figure(
        "peak_new_customers",
        "Customers new to AGM",
        "How many of Peak's customers are new to AGM?",
        ("customers.withholding_verdict",),
        "select replace(policy, '_', ' ') as \"What is exchanged\","
        ' new_customers as "New customers", new_low as "From", new_high as "To",'
        ' customers as "Of" from customers.withholding_verdict'
        " order by is_list_shared, policy",
        Kind.INTERVAL,
        "What is exchanged",
        "New customers",
        low="From",
        high="To",
        answers=("peak.new_customers",),
        note="95 % intervals. Without an exchange nobody can tell.",
    ),
    Figure(
        "peak_trial_effect",
        "The store on trial beside the others",
        "What did the delivery trial do to the store's own sales?",
        ("peak.trial_effect",),
        "select 'Store ' || store_id || case when is_on_trial then ' (trial)' else '' end as"
        ' "Store", effect as "Change of pick-up", low as "From", high as "To",'
        ' pickup_usd_cents / 100 as "Pick-up takings", weeks_before as "Weeks before",'
        ' weeks_during as "Weeks of trial", why_not as "Why none"'
        " from peak.trial_effect order by is_on_trial desc, store_id",
        Kind.BAR,
        "Store",
        "Change of pick-up",
        dollars=("Pick-up takings",),
        rates=("Change of pick-up", "From", "To"),
        sideways=True,
        answers=("peak.trial_effect",),
        note="Against the mean of the other stores; the others' own changes show what chance does.",
    ),
)
