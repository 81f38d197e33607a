select account_key
from {{ ref('accounts') }}
where is_bridged
