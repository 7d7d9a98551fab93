select customer_id, 9 as score from {{ ref('dim_customers') }}
