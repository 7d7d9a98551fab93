select * from {{ ref('customer_scores', v=2) }} join {{ source('web', 'clicks') }} using (customer_id)
