select customer_id, 1 as score from {{ ref('dim_customers') }}
