select * from {{ ref('customer_scores', v=1) }}
