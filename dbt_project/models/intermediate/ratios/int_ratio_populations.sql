-- Population x account whose style can be read: enough accounts in the ratio, and not forced by the follow limit.
select
    segments.segment_dimension,
    segments.segment,
    styles.account_key,
    styles.followers_per_following,
    styles.log_ratio
from {{ ref('int_ratio_segments') }} as segments
inner join {{ ref('int_ratio_styles') }} as styles on segments.account_key = styles.account_key
where
    segments.segment_dimension in ('all', 'size_tier', 'platform', 'age')
    and styles.ratio_style <> 'too_small'
    and not styles.is_follow_limited
order by segments.segment_dimension, segments.segment, styles.account_key
