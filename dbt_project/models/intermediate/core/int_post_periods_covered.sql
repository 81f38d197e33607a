with

-- An export covers what it states. Other sources read whole timelines.
periods as (
    select source, account_key, start_date, end_date
    from {{ ref('int_post_periods_seen') }}
    where
        is_stated
        or source not in (
            select stated.source
            from {{ ref('int_post_periods_seen') }} as stated
            where stated.is_stated
        )
)

{{ joined_periods('periods', ['source', 'account_key']) }}
