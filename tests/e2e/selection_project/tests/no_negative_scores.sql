select * from {{ ref('customer_scores', v=2) }} where score < 0
