"""Writes dbt 2's Information Schema beside a manifest: the tables that Weir reads, by the names and types of dbt's published
schema. The rows are the test's."""

import json

import harness
from duckdb_file import DuckDb

EMPTY_COLUMNS = "SELECT '' AS node_unique_id, '' AS column_name, ['x'] AS classifiers WHERE false"


def text(value):
    return "'" + value.replace("'", "''") + "'"


def write(target, model, edges, classifiers=None):
    """`edges`: (column, parent's unique_id, its column, evolution) of `model`; `classifiers`: of its columns."""
    folder = target / "info_schema" / "v1"
    folder.mkdir(parents=True)
    node = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"][model]
    tables = {
        "dbt.project": "SELECT 1::BIGINT AS schema_version",
        "dbt.models": f"SELECT {text(model)} AS unique_id, {text(node['compiled_code'])} AS compiled_code",
        "dbt.node_columns": " UNION ALL ".join(
            [EMPTY_COLUMNS] + [f"SELECT {text(model)}, {text(column)}, [{', '.join(map(text, labels))}]"
                               for column, labels in (classifiers or {}).items()]),
        "dbt.column_lineage": " UNION ALL ".join(
            f"SELECT {text(model)} AS child_node_unique_id, {text(column)} AS child_column_name, {text(parent)} AS parent_node_unique_id, "
            f"{text(of_parent)} AS parent_column_name, {text(evolution)} AS evolution" for column, parent, of_parent, evolution in edges),
    }
    with DuckDb(harness.duckdb_library(), ":memory:") as duckdb:
        for table, select in tables.items():
            duckdb.first_column(f"COPY ({select}) TO {text(str(folder / (table + '.parquet')))} (FORMAT parquet)")
    return folder
