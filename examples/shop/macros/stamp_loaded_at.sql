{# A loader would write when it copied the row; for a seed that is the moment of the dbt run, in UTC. #}
{% macro stamp_loaded_at() %}
update {{ this }} set loaded_at = timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
{% endmacro %}
