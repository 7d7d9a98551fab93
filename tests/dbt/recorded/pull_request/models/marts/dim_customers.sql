{{ config(group='growth', access='public') }}

with orders as (

    select
        customer_id,
        count(*) as orders_count,
        sum(case when status in ('completed', 'shipped') then amount else 0 end) as lifetime_value
    from {{ ref('fct_orders') }}
    group by customer_id

)

select
    customers.customer_id,
    customers.email,
    customers.first_name,
    customers.last_name,
    customers.phone,
    customers.phone as loyalty_phone,
    customers.ssn,
    customers.card_number,
    customers.birth_date,
    customers.country,
    customers.zip,
    customers.plan,
    cast(coalesce(orders.lifetime_value, 0) as numeric(12, 2)) as lifetime_value,
    cast(coalesce(orders.orders_count, 0) as integer) as orders_count,
    customers.is_active,
    customers.marketing_consent,
    customers.created_at,
    customers.notes
from {{ ref('stg_customers') }} as customers
left join orders on orders.customer_id = customers.customer_id
