"""Experiment: the arms compared when its weeks are over; method: pipeline.analysis.experiment."""

from pipeline.analysis.experiment import estimate_experiments


def model(dbt, session):
    return estimate_experiments(dbt.ref("int_experiment_weeks").to_arrow_table())
