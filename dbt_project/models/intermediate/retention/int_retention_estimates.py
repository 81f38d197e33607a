"""Survival curves of posting; the computation is in pipeline.analysis.retention."""

from pipeline.analysis.retention import estimate_retention


def model(dbt, session):
    return estimate_retention(dbt.ref("int_retention_spells").to_arrow_table())
