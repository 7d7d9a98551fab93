select * from {{ ref('part_codes') }}
