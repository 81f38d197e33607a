"""Shrunk rates of engagement; the computation is in pipeline.analysis.engagement."""

from pipeline.analysis.engagement import shrink_engagement


def model(dbt, session):
    return shrink_engagement(dbt.ref("int_engagement_account_sums").to_arrow_table())
