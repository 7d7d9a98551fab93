select order_id, customer_id, ordered_at from {{ ref('fct_orders') }}
