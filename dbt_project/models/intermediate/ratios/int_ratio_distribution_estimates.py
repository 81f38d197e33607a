"""Tests of one style against two for each population; the computation is in pipeline.analysis.ratio_distribution."""

from pipeline.analysis.ratio_distribution import examine_populations


def model(dbt, session):
    return examine_populations(dbt.ref("int_ratio_populations").to_arrow_table())
