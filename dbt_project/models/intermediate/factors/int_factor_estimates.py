"""Segment x factor of posts: response relative to posts without it; the method is in pipeline.analysis.post_factors."""

from pipeline.analysis.post_factors import add_early, add_words, estimate_factors


def model(dbt, session):
    posts = add_words(dbt.ref("int_factor_posts").to_arrow_table(), dbt.ref("int_factor_words").to_arrow_table())
    return estimate_factors(add_early(posts, dbt.ref("int_factor_early").to_arrow_table()))
