{# The seeds write an empty string as `<empty>`, because an empty CSV cell is NULL. #}
{% macro text_value(column) %}replace({{ column }}, '<empty>', ''){% endmacro %}
