"""The sensor that publishes after tables were made anew by hand; a person starts it."""

import dagster as dg

publish_after_repair = dg.AutomationConditionSensorDefinition(
    "publish_after_repair",
    target=dg.AssetSelection.groups("publish"),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description=(
        "Publishes when tables were made anew without their job, as after a repair by hand, and all"
        " their blocking checks have passed. Off until somebody starts it: jobs publish themselves."
    ),
)
