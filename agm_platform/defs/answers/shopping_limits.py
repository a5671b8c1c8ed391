"""What the shopping trends cannot say, what is odd in them, and what follows for the owner."""

from agm_platform.defs.answers.answer import Answer, Row, listed, percent, unanswered
from agm_platform.defs.answers.shopping_figures import NO_FILE, ShoppingFigures

ANOMALIES = "shopping.anomalies"
PREDICTION = "shopping.prediction"
ORDERS = "shopping.orders"
NO_DATES = "the file has no dates and one purchase a customer"
WHAT_WOULD_DO = (
    "A file with a date and a number for each purchase, and all purchases of each customer, "
    "would do."
)


def answers(figures: ShoppingFigures) -> list[Answer]:
    """Return the answers about prediction, oddities, what cannot be told, and what to do."""
    return [
        _prediction(figures),
        _not_computable(
            figures,
            "trend",
            "How do sales develop over time?",
            "Only seasons can be compared, and of which year a purchase is, nothing says.",
        ),
        _not_computable(
            figures,
            "lifetime_value",
            "What is the lifetime value of customers?",
            "Neither how long customers stay nor what they spent before can be told; stated "
            "frequency times one amount would be a guess and not a value.",
        ),
        _anomalies(figures),
        _actions(figures),
    ]


def _not_computable(figures: ShoppingFigures, name: str, question: str, why: str) -> Answer:
    total = figures.total
    return Answer(
        f"shopping.{name}",
        question,
        f"Not computable here: {NO_DATES}. {why}",
        sample_size=total["orders"] if total else 0,
        caveat=f"It was promised for this file; no figure is given. {WHAT_WOULD_DO}",
        evidence=ORDERS,
        method="none",
    )


def _prediction(figures: ShoppingFigures) -> Answer:
    question = "What will customers buy next?"
    rows = {row["target"]: row for row in figures.prediction}
    if figures.total is None or "category" not in rows:
        missing = NO_FILE if figures.total is None else "too few purchases to judge a model."
        return unanswered("shopping.prediction", question, missing, PREDICTION)
    category = rows["category"]
    parts = [_of_category(category)]
    if "amount" in rows:
        parts.append(_of_amount(rows["amount"]))
    return Answer(
        "shopping.prediction",
        question,
        " ".join(parts),
        category["gain"],
        low=category["low"],
        high=category["high"],
        unit="share of right guesses, model less guess",
        sample_size=category["sample_size"],
        details=figures.prediction,
        caveat="One purchase a customer: what is foretold is the one purchase of customers that "
        "the model has not seen, not the next one of those it has. Folds share their training, so "
        "the interval is approximate.",
        evidence=PREDICTION,
        method=f"logistic and ridge regression on customer and season, {category['folds']}-fold "
        "cross-validation, beside the most frequent category and the mean",
    )


def _of_category(row: Row) -> str:
    reached = (
        f"the model is right about the category in {percent(row['model_value'])} of purchases, "
        f"always saying the most frequent one in {percent(row['guess_value'])}"
    )
    if row["is_better"]:
        return f"Better than a guess: {reached}."
    return f"It cannot be foretold from this file: {reached}, so the model is no better."


def _of_amount(row: Row) -> str:
    errors = (
        f"${row['model_value'] / 100:,.2f} off on average, always saying the mean "
        f"${row['guess_value'] / 100:,.2f}"
    )
    better = "" if row["is_better"] else ": no better"
    return f"Of the amount the model is {errors}{better}."


def _anomalies(figures: ShoppingFigures) -> Answer:
    question = "Which figures are odd?"
    if figures.total is None:
        return unanswered("shopping.anomalies", question, NO_FILE, ANOMALIES)
    odd = [row for row in figures.anomalies if row["is_odd"]]
    words = (
        f"{len(odd)} of {len(figures.anomalies)} checks are odd: "
        f"{'; '.join(row['what'] for row in odd)}."
        if odd
        else f"None of {len(figures.anomalies)} checks is odd."
    )
    return Answer(
        "shopping.anomalies",
        question,
        words,
        float(len(odd)),
        unit="odd checks",
        sample_size=figures.total["orders"],
        details=figures.anomalies,
        caveat="Even spreads and flags in order are what invented or sorted data show: nothing "
        "learnt from this file should be carried over to real customers without other data. That "
        "a spread cannot be told from an even one is no proof that it is even."
        if odd
        else None,
        evidence=ANOMALIES,
        method="chi-square against an even spread; rows in which flags agree; flags against the "
        "order of customer numbers",
    )


def _actions(figures: ShoppingFigures) -> Answer:
    question = "What follows for marketing, stock and customer engagement?"
    if figures.total is None:
        return unanswered("shopping.actions", question, NO_FILE, ORDERS)
    rows: list[Row] = []
    categories = figures.known("category")
    if categories:
        shares = [f"{row['member']} {percent(row['share_of_gross'])}" for row in categories]
        rows.append({"for": "stock", "advice": f"Plan categories by share: {listed(shares)}."})
    season = figures.factor("season", "category")
    if season is not None and season["verdict"] == "not told apart":
        rows.append(
            {"for": "stock", "advice": "No category is tied to a season that could be told."}
        )
    order = figures.anomaly("discount_in_order")
    if order is not None and order["is_odd"]:
        rows.append(
            {
                "for": "marketing",
                "advice": "Judge discounts by a trial with chance groups: here they cannot be "
                "separated from who got them.",
            }
        )
    loyal = next((r for r in figures.members("segment") if r["member"] == "promising"), None)
    if loyal:
        rows.append(
            {
                "for": "engagement",
                "advice": f"{loyal['customers']:,} promising customers say that they buy often "
                "but have few purchases so far: ask whether the stated frequency is true.",
            }
        )
    rows.append({"for": "data", "advice": WHAT_WOULD_DO})
    return Answer(
        "shopping.actions",
        question,
        " ".join(str(row["advice"]) for row in rows),
        sample_size=figures.total["orders"],
        details=rows,
        caveat="Drawn from the other answers by fixed rules; no effect of any action was measured.",
        evidence=ORDERS,
        method="rules over the insight tables",
    )
