-- The seed fills the table that the source names, so it has to run first.
-- depends_on: {{ ref('raw_tickets') }}
select
    id as ticket_id,
    customer_id,
    {{ text_value('requester_email') }} as requester_email,
    subject,
    {{ text_value('body') }} as body,
    priority,
    status,
    channel,
    opened_at,
    closed_at,
    first_reply_minutes,
    satisfaction,
    loaded_at
from {{ source('raw', 'tickets') }}
