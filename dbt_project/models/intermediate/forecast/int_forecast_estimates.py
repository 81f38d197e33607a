"""Account x scenario: followers in 13 weeks with limits; the method is in pipeline.analysis.forecast."""

from pipeline.analysis.forecast import forecast_followers


def model(dbt, session):
    readings = dbt.ref("int_forecast_readings").to_arrow_table()
    accounts = dbt.ref("accounts").project("account_key, is_own, is_bridged").to_arrow_table()
    return forecast_followers(readings, accounts)
