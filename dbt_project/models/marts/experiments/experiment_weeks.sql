with

weeks as (
    select
        *,
        case arm when 'a' then arm_a else arm_b end as arm_words
    from {{ ref('int_experiment_weeks') }}
),

notes as (
    select
        weeks.experiment_id,
        weeks.week_start_date,
        {{ joined_texts('events.note', 'events.lake_sequence', 'events.note is not null') }} as notes
    from weeks
    inner join {{ ref('stg_experiment_events') }} as events
        on
            weeks.experiment_id = events.experiment_id
            and events.noted_date between weeks.week_start_date and weeks.week_end_date
    where events.event = 'noted'
    group by weeks.experiment_id, weeks.week_start_date
),

-- How far the posts were from what the arm asked for; only what posts show can be checked.
targets as (
    select
        *,
        case
            when not is_over or original_post_count is null or factor = 'other' then null
            when factor = 'posts'
                then
                    abs(original_post_count - try_cast(arm_words as double))
                    <= greatest(1, {{ threshold('experiment_tolerance') }} * try_cast(arm_words as double))
            when original_post_count = 0 then false
            when arm_words = 'with_link'
                then link_post_count >= (1 - {{ threshold('experiment_tolerance') }}) * original_post_count
            else link_post_count <= {{ threshold('experiment_tolerance') }} * original_post_count
        end as is_kept
    from weeks
)

select
    targets.experiment_id,
    targets.account_key,
    targets.week_number,
    targets.pair_number,
    targets.week_start_date,
    targets.week_end_date,
    targets.arm,
    targets.arm_words as planned,
    targets.original_post_count,
    targets.link_post_count,
    targets.is_kept,
    targets.day_count,
    targets.weekly_count as follows_per_week,
    targets.is_over,
    notes.notes
from targets
left join notes on targets.experiment_id = notes.experiment_id and targets.week_start_date = notes.week_start_date
