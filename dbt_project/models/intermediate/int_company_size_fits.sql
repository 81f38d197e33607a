-- Label of a company size x the common band that it stands for; no row where it fits none.
with

bounds as (
    select * from {{ ref('int_company_size_labels') }}
),

overlapping as (
    select bounds.label, bands.common_segment, {{ size_overlap_share() }} as overlap_share
    from bounds
    inner join {{ ref('company_size_bands') }} as bands on bounds.low <= bands.high and bounds.high >= bands.low
)

select label, common_segment
from overlapping
where overlap_share >= {{ threshold('segment_overlap_from') }}
qualify row_number() over (partition by label order by overlap_share desc, common_segment asc) = 1
