{{ config(group='support', access='public') }}

select
    ticket_id,
    customer_id,
    requester_email,
    subject,
    body,
    priority,
    status,
    channel,
    opened_at,
    closed_at,
    first_reply_minutes,
    satisfaction
from {{ ref('stg_tickets') }}
