select
    account_key,
    week_start_date,
    followers_per_following,
    ratio_style,
    confirmed_ratio_style
from {{ ref('int_ratio_style_weeks') }}
