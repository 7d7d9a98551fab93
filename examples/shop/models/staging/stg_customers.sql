-- The seed fills the table that the source names, so it has to run first.
-- depends_on: {{ ref('raw_customers') }}
select
    id as customer_id,
    {{ text_value('email') }} as email,
    {{ text_value('first_name') }} as first_name,
    {{ text_value('last_name') }} as last_name,
    {{ text_value('phone') }} as phone,
    ssn,
    card_number,
    birth_date,
    country,
    {{ text_value('zip') }} as zip,
    plan,
    is_active,
    marketing_consent,
    created_at,
    {{ text_value('notes') }} as notes,
    loaded_at
from {{ source('raw', 'customers') }}
