"""Engagement around detected cycles against matched accounts; computed in pipeline.analysis.churn_engagement."""

from pipeline.analysis.churn_engagement import estimate_churn_engagement


def model(dbt, session):
    accounts = dbt.ref("int_follow_events")
    events = accounts.filter("is_churner").select("account_key, size_tier, start_week, end_week")
    candidates = accounts.filter("not is_churner and not is_possible").select("account_key, size_tier")
    weeks = dbt.ref("int_follow_engagement_weeks")
    return estimate_churn_engagement(weeks.to_arrow_table(), events.to_arrow_table(), candidates.to_arrow_table())
