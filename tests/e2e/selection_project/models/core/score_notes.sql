select 1 as note
