"""When readers' snapshot is due: by which hour of the day, and after which repair by hand."""

from datetime import timedelta

import dagster as dg

TRIAL_TIME_ZONE = "America/Los_Angeles"
"""Where the trial store is. Peak sends a day's file at 02:00 of the next day, local time."""
PUBLISHED_AT = "0 5 * * *"
"""Three hours after Peak's file is due."""
DUE_BY, DUE_WITHIN = "0 6 * * *", timedelta(hours=23)
"""Every morning at six there is a snapshot that is younger than the last one of the day before."""

PUBLISHED_DAILY = dg.FreshnessPolicy.cron(DUE_BY, DUE_WITHIN, TRIAL_TIME_ZONE)

_handled = (
    dg.AutomationCondition.newly_requested()
    | dg.AutomationCondition.newly_updated()
    | dg.AutomationCondition.execution_failed().newly_true()
    | dg.AutomationCondition.initial_evaluation()
)
AFTER_REPAIR = (
    dg.AutomationCondition.any_deps_updated().since(_handled)
    & dg.AutomationCondition.all_deps_blocking_checks_passed()
    & ~dg.AutomationCondition.any_deps_match(dg.AutomationCondition.execution_failed())
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("after_repair")
"""A table was made anew by a run that did not publish, none failed, and every blocking check holds.

Jobs publish at their end, and what they make is no reason to publish again. After a publication
that failed there is none either until a table is made anew: the audit would only fail once more.
"""
WITH_SNAPSHOT = (
    dg.AutomationCondition.any_deps_updated().since(_handled)
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("with_snapshot")
"""Site and workbook follow the snapshot, in its run."""
