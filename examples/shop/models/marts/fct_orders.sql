{{ config(group='finance', access='protected') }}

select
    order_id,
    customer_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    status,
    amount,
    cast(round(amount * 100) as bigint) as amount_cents,
    currency,
    discount_rate,
    item_count,
    coupon_code,
    is_gift,
    gift_message
from {{ ref('stg_orders') }}
