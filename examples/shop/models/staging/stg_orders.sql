-- The seed fills the table that the source names, so it has to run first.
-- depends_on: {{ ref('raw_orders') }}
select
    id as order_id,
    customer_id,
    ordered_at,
    status,
    amount,
    currency,
    discount_rate,
    item_count,
    {{ text_value('coupon_code') }} as coupon_code,
    is_gift,
    {{ text_value('gift_message') }} as gift_message,
    loaded_at
from {{ source('raw', 'orders') }}
