select customer_id, 3 as score from {{ ref('dim_customers') }}
