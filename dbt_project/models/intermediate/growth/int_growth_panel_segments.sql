with

members as (
    select account_key, segment_dimension, segment
    from {{ ref('int_growth_account_segments') }}
    where account_key in (select panel.account_key from {{ ref('int_growth_panel') }} as panel)
)

select account_key, segment_dimension, segment
from members
union all
-- A segment without any account in the panel is named all the same, under a key that no account has.
select distinct segment as account_key, segment_dimension, segment
from {{ ref('int_growth_account_segments') }}
where (segment_dimension, segment) not in (select members.segment_dimension, members.segment from members)
