"""A pull request on a large project: two manifests, made by repeating the models of a real one under other names, a policy
of 60 rules, and syncs. The same bytes every time."""

import copy
import json
import pathlib

MODELS = 5000
MANIFEST_BYTES = 47_000_000
RULES = 60
PACKAGE = "kipptaf"  # of the real project
SYNCED = ["int_students__contacts", "rpt_focus__contacts", "rpt_focus__demographics", "rpt_gsheets__kippfwd_miami_roster",
          "rpt_gsheets__student_contact_info", "rpt_tableau__operations_ekg", "rpt_tableau__survey_completion",
          "stg_kippadb__contact"]
CHANGED = "rpt_focus__demographics"


def renamed(model, number):
    """A copy of a model under another name; what it is made from stays."""
    out = copy.deepcopy(model)
    name = f"{model['name']}_{number}"
    out.update(name=name, alias=name, unique_id=f"model.{model['package_name']}.{name}",
               fqn=model["fqn"][:-1] + [name], path=model["path"].replace(model["name"], name),
               original_file_path=model["original_file_path"].replace(model["name"], name))
    if model.get("relation_name"):
        out["relation_name"] = model["relation_name"].replace(model["name"], name)
    return out


def text_of(document):
    return json.dumps(document, separators=(", ", ": ")).encode()


def widen(document):
    """Repeats models until there are MODELS of them, the smaller ones, so that the file comes to MANIFEST_BYTES."""
    models = [node for node in document["nodes"].values() if node["resource_type"] == "model"]
    sizes = {node["unique_id"]: len(json.dumps(node)) for node in models}
    wanted = MODELS - len(models)
    room = (MANIFEST_BYTES - len(text_of(document))) / wanted - 130  # 130: its key, and its entries in the two maps
    # The largest models are left out until the mean of the others fits.
    repeated = sorted(models, key=lambda node: sizes[node["unique_id"]])
    total = sum(sizes.values())
    while total / len(repeated) > room:
        total -= sizes[repeated.pop()["unique_id"]]
    for index in range(wanted):
        one = renamed(repeated[index % len(repeated)], 2 + index // len(repeated))
        document["nodes"][one["unique_id"]] = one
        document["parent_map"][one["unique_id"]] = list(one["depends_on"]["nodes"])
        document["child_map"][one["unique_id"]] = []
        for parent in one["depends_on"]["nodes"]:
            document["child_map"].setdefault(parent, []).append(one["unique_id"])


def columns_of(document, name):
    return list(document["nodes"][f"model.{PACKAGE}.{name}"]["columns"])


def add_syncs(document):
    """Exposures that send, and one column that says what it holds."""
    document["nodes"][f"model.{PACKAGE}.{CHANGED}"]["columns"][columns_of(document, CHANGED)[2]]["meta"] = {"contains": "cohort"}
    pattern = next(iter(document["exposures"].values()))
    for index, model in enumerate(SYNCED):
        names = columns_of(document, model)
        purpose = ("support", "insight")[index % 2]
        weir = {"destination": ("helpdesk", "crm", "lake")[index % 3], "purpose": purpose, "object": model,
                "match": {names[0]: names[0]}, "columns": {name: name for name in names[1:13]}}
        name = f"{purpose}_{model}"
        unique_id = f"exposure.{PACKAGE}.{name}"
        document["exposures"][unique_id] = dict(
            copy.deepcopy(pattern), unique_id=unique_id, name=name, type="application", url=None, label=name,
            owner={"name": "Data", "email": "data@example.org"}, original_file_path="models/exposures/syncs.yml",
            path="exposures/syncs.yml", fqn=[PACKAGE, "exposures", name], meta={"weir": weir},
            config={"enabled": True, "tags": [], "meta": {"weir": weir}}, refs=[],
            depends_on={"macros": [], "nodes": [f"model.{PACKAGE}.{model}"]})
        document["parent_map"][unique_id] = [f"model.{PACKAGE}.{model}"]
        document["child_map"][unique_id] = []


def change(head):
    """What the pull request does: one more field, one test less strict, one column that loses its mark."""
    exposure = head["exposures"][f"exposure.{PACKAGE}.support_{CHANGED}"]
    for holder in (exposure["meta"], exposure["config"]["meta"]):
        holder["weir"]["columns"] = dict(holder["weir"]["columns"], **{columns_of(head, CHANGED)[13]: "added"})
    changed = f"model.{PACKAGE}.{CHANGED}"
    test = next(node for node in head["nodes"].values()
                if node.get("attached_node") == changed and node["config"]["severity"] == "error")
    test["config"]["severity"] = "warn"
    head["nodes"][changed]["columns"][columns_of(head, CHANGED)[2]]["meta"] = {}


CLASSES = ["name", "gender", "birth", "race", "ethnicity", "mail", "phone", "address", "iep", "lep", "grade", "test_score",
           "salary", "ssn", "lunch", "cohort", "homeroom", "advisor", "attendance", "discipline"]


def policy(document):
    """Twenty restrictive classes by name, meta and tag, one permissive; sixty rules: a ban, two gifts for each class, and
    what goes to everybody."""
    lines = ["version: 1", "classes:"]
    for name in CLASSES:
        lines.append(f"  student.{name}: {{name: '(?i)(^|_){name}', meta: {{contains: {name}}}, tags: [pii_{name}]}}")
    plain = [f"{model}.{column}" for model in SYNCED for column in columns_of(document, model)[:6]]
    lines += [f"  public: {{permissive: true, columns: [{', '.join(plain)}]}}"]
    lines += ["subjects: {person: {" + ", ".join(f"{model}: {columns_of(document, model)[0]}" for model in SYNCED) + "}}"]
    lines += ["roles: {agent: {groups: [support]}, marketer: {groups: [growth]}, analyst: {groups: [data]}}", "destinations:",
              "  helpdesk: {origin: 'https://help.example', readers: [agent], trust: internal}",
              "  crm: {origin: 'https://crm.example', readers: [marketer, agent], trust: external}",
              "  lake: {origin: 'file:', readers: [analyst], trust: external}",
              "purposes: {support: {syncs: ['exposure:support_*']}, insight: {syncs: ['exposure:insight_*']}}", "rules:",
              "  - {id: N0, never: student.ssn, to: any}"]
    forms = ["hash", "{mask: {keep: {first: 1}}}", "redact", "blank"]
    for index, name in enumerate(CLASSES):
        lines.append(f"  - {{id: G{index}a, give: student.{name}, to: {{destination: helpdesk}}, as: {forms[index % 4]}}}")
        lines.append(f"  - {{id: G{index}b, give: student.{name}, to: {{trust: external, purpose: insight}}, as: {forms[(index + 1) % 4]}}}")
        if index < RULES - 2 - 2 * len(CLASSES):
            lines.append(f"  - {{id: N{index + 1}, never: student.{name}, to: {{purpose: support, trust: external}}, except: [redact]}}")
    lines.append("  - {id: P0, give: public, to: any, as: unchanged}")
    lines += ["require:", "  - {id: Q1, select: 'exposure:*', tests: {primary_key: true}}",
              "  - {id: Q2, select: 'exposure:*', for: exposure, owner: {email: '@example'}}"]
    assert sum(line.startswith("  - {id: ") and not line.startswith("  - {id: Q") for line in lines) == RULES
    return "\n".join(lines) + "\n"


def declarations(document):
    """The YAML that declares the synced models, at the paths that the manifest names: findings have lines then."""
    out = {}
    for model in SYNCED:
        path = document["nodes"][f"model.{PACKAGE}.{model}"]["patch_path"].split("://")[1]
        out.setdefault(path, "models:\n")
        out[path] += f"  - name: {model}\n    columns:\n" + "".join(f"      - name: {name}\n" for name in columns_of(document, model))
    out["models/exposures/syncs.yml"] = "exposures:\n" + "".join(
        f"  - name: {exposure['name']}\n" for exposure in document["exposures"].values() if "weir" in exposure["meta"])
    return out


# Its checks of exposures, access, contracts, versions, owners, tests and freshness: what a policy of Weir may require, and
# the marking of personal data; none of style.
BOUNCER = """
dbt_artifacts_dir: target
manifest_checks:
  - name: check_exposure_based_on_model
  - name: check_exposure_based_on_non_public_models
  - name: check_exposure_has_owner
  - name: check_exposure_description_populated
  - name: check_model_access
    access: public
    include: ^models/marts
  - name: check_model_contract_enforced_for_public_model
  - name: check_model_has_unique_test
  - name: check_model_latest_version_specified
  - name: check_model_version_allowed
    version_pattern: '[0-9]'
  - name: check_model_columns_have_meta_keys
    keys: [contains]
  - name: check_source_freshness_populated
  - name: check_source_pii_meta
    column_name_pattern: '(name|mail|phone|birth|gender|ssn)'
    meta_key: contains
"""


def build(data, folder):
    """Writes the pull request into `folder`: base/target, target, policies, weir.yml, dbt_project.yml, dbt-bouncer.yml."""
    data, folder = pathlib.Path(data), pathlib.Path(folder)
    sizes = []
    for source, target, is_head in (("pr_base", "base/target", False), ("pr_head", "target", True)):
        document = json.loads((data / "dbt/teamster" / f"{source}.manifest.json").read_bytes())
        widen(document)
        add_syncs(document)
        if is_head:
            change(document)
        (folder / target).mkdir(parents=True)
        text = text_of(document)
        (folder / target / "manifest.json").write_bytes(text)
        sizes.append(len(text))
    (folder / "policies").mkdir()
    (folder / "policies" / "policy.yml").write_text(policy(document))
    (folder / "dbt_project.yml").write_text(f"name: {PACKAGE}\nversion: 1.0.0\n")
    (folder / "dbt-bouncer.yml").write_text(BOUNCER)
    (folder / "weir.yml").write_text(
        "version: 1\ntenant: bench\nprojects: [{target: target}]\nsource: {kind: duckdb, path: none.duckdb}\n"
        "policies: policies\nkeys: weir.keys\nstate: state\naudit: log\n"
        "destinations:\n  helpdesk: {kind: http, url: 'https://help.example/x'}\n  crm: {kind: http, url: 'https://crm.example/x'}\n"
        "  lake: {kind: file, path: out, format: jsonl}\n")
    for path, text in declarations(document).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return sizes, sum(node["resource_type"] == "model" for node in document["nodes"].values())
