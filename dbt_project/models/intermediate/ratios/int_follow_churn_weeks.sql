select distinct
    account_key,
    {{ each_day("date_trunc('week', window_start_date)", 'window_end_date', 7) }} as week_start_date
from {{ ref('int_follow_windows') }}
where is_spam_and_cull and window_number > 0
