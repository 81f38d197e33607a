"""Segment x factor of posts: response relative to posts without it; the method is in pipeline.analysis.post_factors."""

from pipeline.analysis.post_factors import add_words, estimate_factors


def model(dbt, session):
    posts = dbt.ref("int_factor_posts").to_arrow_table()
    return estimate_factors(add_words(posts, dbt.ref("int_factor_words").to_arrow_table()))
