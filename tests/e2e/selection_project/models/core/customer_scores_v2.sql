select customer_id, 2 as score from {{ ref('dim_customers') }}
