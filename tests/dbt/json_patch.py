"""The difference of two JSON documents, small enough to read and commit: {"set": [[path, value]], "remove": [path]}."""

import json


def difference(before, after, path=()):
    patch = {"set": [], "remove": []}
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            patch["set"].append([list(path), after])
        return patch
    for key in before.keys() - after.keys():
        patch["remove"].append([*path, key])
    for key, value in after.items():
        if key not in before:
            patch["set"].append([[*path, key], value])
        else:
            inner = difference(before[key], value, (*path, key))
            patch["set"] += inner["set"]
            patch["remove"] += inner["remove"]
    patch["set"].sort(key=lambda change: change[0])
    patch["remove"].sort()
    return patch


def apply(document, patch):
    for path in patch["remove"]:
        holder(document, path).pop(path[-1], None)
    for path, value in patch["set"]:
        holder(document, path)[path[-1]] = value
    return document


def holder(document, path):
    for key in path[:-1]:
        if key not in document:
            raise SystemExit(f"the recording is older than the shop (no {'.'.join(path)}); run tests/dbt/record_variants.py")
        document = document[key]
    return document


def text(patch):
    """One change a line."""
    lines = {key: ",\n".join(json.dumps(change, ensure_ascii=False) for change in patch[key]) for key in ("remove", "set")}
    return f'{{"remove": [\n{lines["remove"]}\n], "set": [\n{lines["set"]}\n]}}\n'
