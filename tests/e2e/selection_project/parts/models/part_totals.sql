select * from {{ ref('part_models') }}
