"""Rows a second of raw COPY, of the first and of the unchanged sync, with CPU seconds and anonymous memory of each."""

import fcntl
import json
import mmap
import os
import pathlib
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import postgres  # noqa: E402

WEIR = pathlib.Path(os.environ.get("WEIR_BUILD_DIR", ROOT / "build" / "release")) / "weir"
COLUMNS = [
    ("contact_id", "bigint"), ("email", "text"), ("phone", "text"), ("full_name", "text"), ("city", "text"),
    ("country", "text"), ("plan", "text"), ("is_active", "boolean"), ("lifetime_value", "numeric(12,2)"),
    ("orders_count", "integer"), ("signed_up_on", "date"), ("last_seen_at", "timestamp without time zone"),
]
FILL = """
create table public.contacts as
select i::bigint as contact_id,
       'user' || i || '@example' || (i % 997) || '.com' as email,
       '+49' || (1500000000 + i)::text as phone,
       'Name ' || md5(i::text) as full_name,
       'City ' || (i % 5000) as city,
       (array['DE','FR','US','JP','BR'])[1 + i % 5] as country,
       (array['free','pro','team'])[1 + i % 3] as plan,
       i % 7 <> 0 as is_active,
       ((i % 100000) / 100.0)::numeric(12,2) as lifetime_value,
       (i % 90)::integer as orders_count,
       date '2020-01-01' + (i % 2000)::integer as signed_up_on,
       timestamp '2026-01-01' + (i % 1000000) * interval '1 second' as last_seen_at
from generate_series(1, {rows}) as i;
analyze public.contacts;
"""


def manifest(folder):
    """The artifacts that dbt would have written for one tested model: enough for the gate to open."""
    invocation = "00000000-0000-4000-8000-000000000001"
    model = "model.bench.contacts"
    tests = {name: f"test.bench.{name}_contacts_contact_id.{name}" for name in ("unique", "not_null")}
    meta = {"weir": {"destination": "lake", "object": "contacts", "purpose": "campaign", "mode": "upsert",
                     "match": {"contact_id": "contact_id"},
                     "columns": {name: name for name, _ in COLUMNS if name != "contact_id"}}}
    common = {"package_name": "bench", "tags": [], "meta": {}, "config": {"meta": {}, "enabled": True}}
    nodes = {model: dict(common, unique_id=model, name="contacts", resource_type="model", alias="contacts",
                         database="shop", schema="public", relation_name='"shop"."public"."contacts"',
                         path="contacts.sql", original_file_path="models/contacts.sql", fqn=["bench", "contacts"],
                         checksum={"name": "sha256", "checksum": "0" * 64}, raw_code="select 1", created_at=1.0,
                         config={"materialized": "table", "meta": {}, "enabled": True}, depends_on={"nodes": [], "macros": []},
                         columns={name: {"name": name, "data_type": kind, "meta": {}, "tags": []} for name, kind in COLUMNS})}
    for name, unique_id in tests.items():
        nodes[unique_id] = dict(common, unique_id=unique_id, name=unique_id.split(".")[2], resource_type="test",
                                alias=name, database="shop", schema="public", relation_name=None, path="t.sql",
                                original_file_path="models/schema.yml", fqn=["bench", name], raw_code="select 1",
                                checksum={"name": "none", "checksum": ""}, created_at=1.0,
                                config={"severity": "ERROR", "enabled": True, "materialized": "test"},
                                test_metadata={"name": name, "namespace": None, "kwargs": {"column_name": "contact_id"}},
                                column_name="contact_id", attached_node=model, depends_on={"nodes": [model], "macros": []})
    exposure = "exposure.bench.lake_contacts"
    exposures = {exposure: dict(common, unique_id=exposure, name="lake_contacts", resource_type="exposure", type="application",
                                owner={"name": "Bench", "email": "bench@example.com"}, path="e.yml",
                                original_file_path="models/e.yml", fqn=["bench", "lake_contacts"],
                                depends_on={"nodes": [model], "macros": []}, config={"meta": meta, "enabled": True})}
    children = {model: list(tests.values()) + [exposure]}
    document = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.11.0",
                             "generated_at": "2026-01-01T00:00:00.000000Z", "invocation_id": invocation,
                             "adapter_type": "postgres", "project_name": "bench", "env": {}},
                "nodes": nodes, "sources": {}, "macros": {}, "docs": {}, "exposures": exposures, "metrics": {}, "groups": {},
                "selectors": {}, "disabled": {}, "parent_map": {}, "child_map": children, "group_map": {},
                "saved_queries": {}, "semantic_models": {}, "unit_tests": {}}

    def result(unique_id, status, minute, failures, relation):
        moment = f"2026-01-01T00:{minute:02d}:00.000000Z"
        return {"unique_id": unique_id, "status": status, "failures": failures, "message": None, "thread_id": "Thread-1",
                "execution_time": 0.1, "adapter_response": {}, "compiled": True, "compiled_code": None, "relation_name": relation,
                "timing": [{"name": "execute", "started_at": moment, "completed_at": moment}]}

    results = [result(model, "success", 1, None, nodes[model]["relation_name"])]
    results += [result(unique_id, "pass", 2, 0, None) for unique_id in tests.values()]
    run_results = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.11.0",
                                "generated_at": "2026-01-01T00:03:00.000000Z", "invocation_id": invocation, "env": {}},
                   "results": results, "elapsed_time": 1.0, "args": {"which": "build"}}
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(document))
    (folder / "run_results.json").write_text(json.dumps(run_results))


POLICY = """
version: 1
classes:
  pii.email: {name: '^email$'}
  pii.phone: {name: '^phone$'}
  pii.name: {name: '^full_name$'}
  public:
    permissive: true
    columns: [contacts.contact_id, contacts.city, contacts.country, contacts.plan, contacts.is_active,
              contacts.lifetime_value, contacts.orders_count, contacts.signed_up_on, contacts.last_seen_at]
subjects:
  customer: {contacts: contact_id}
roles:
  analyst: {groups: [data]}
destinations:
  lake: {origin: 'file:', readers: [analyst], trust: external, legal_name: Lake Ltd., country: DE, relation: processor}
purposes:
  campaign: {legal_basis: consent, syncs: ['exposure:lake_*']}
rules:
  - {id: P001, give: pii.email, to: {destination: lake}, as: {hash: {normalize: email@1}}}
  - {id: P002, give: pii.phone, to: {destination: lake}, as: hash}
  - {id: P003, give: pii.name, to: {destination: lake}, as: {mask: {keep: {first: 1}}}}
  - {id: P004, give: public, to: any, as: unchanged}
"""


def workspace(folder, server):
    folder.mkdir()
    manifest(folder / "target")
    (folder / "policies").mkdir()
    (folder / "policies" / "policy.yml").write_text(POLICY)
    (folder / "weir.yml").write_text(
        "version: 1\ntenant: bench\nprojects: [{target: target}]\n"
        f"source: {{kind: postgres, host: 127.0.0.1, port: {server.port}, dbname: shop, user: postgres, password: env:PGPASSWORD, sslmode: disable}}\n"
        "policies: policies\nkeys: weir.keys\nstate: state\naudit: log\n"
        "destinations:\n  lake: {kind: file, path: out, format: jsonl}\n")


def touch_memory(gigabytes=1.5):
    """Seconds a gigabyte of first touch. A virtual machine's host hands out memory page by page, for up to four seconds a
    gigabyte: what the machine does, once, to whoever comes first. Touched before every measured command alike, as much as
    a run and its files use."""
    size = int(gigabytes * (1 << 30))
    begin = time.monotonic()
    with mmap.mmap(-1, size) as memory:
        for page in range(0, size, mmap.PAGESIZE):
            memory[page] = 1
    return (time.monotonic() - begin) / gigabytes


def spread(folder):
    """Asks ext4 to give each folder in this one a block group of its own (`chattr +T`; others ignore it). It passes over
    inodes that were freed within the last minutes one by one, for every file anew: whoever removed thousands of files
    shortly before, this script too, would make the files of a run dear."""
    get_flags, set_flags, topdir = 0x80086601, 0x40086602, 0x00020000
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flags = struct.unpack("l", fcntl.ioctl(descriptor, get_flags, struct.pack("l", 0)))[0]
        fcntl.ioctl(descriptor, set_flags, struct.pack("l", flags | topdir))
    except OSError:
        pass
    finally:
        os.close(descriptor)


def measure(command, **kwargs):
    """Wall seconds, CPU seconds (user and system) of the process, and the peak of its anonymous memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    process = subprocess.Popen(command, **kwargs)
    peak = [0]

    def watch():
        while process.poll() is None:
            try:
                for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                    if line.startswith("RssAnon:"):
                        peak[0] = max(peak[0], int(line.split()[1]))
            except OSError:
                return
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    wall = time.monotonic() - begin
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code != 0:
        sys.exit(f"end_to_end: {command[0]} ended with {code}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak[0] / 1024


def counts(report):
    """The counts of the one sync in the report, wherever the document keeps them."""
    return json.loads(report.read_text())["syncs"][0]["counts"]


def main():
    rows, rounds, cold = int(sys.argv[1]), int(sys.argv[2]), "cold" in sys.argv[3:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir_bench_"))
    spread(folder)
    names = ("COPY", "first run", "unchanged run")
    seen = {name: [] for name in names}
    touches = []
    try:
        with postgres.Postgres() as server:
            server.execute(FILL.replace("{rows}", str(rows)))
            os.environ.update(server.environment())
            select = "select " + ", ".join(name for name, _ in COLUMNS) + " from public.contacts"
            copy = [str(server.bin / "psql"), "-X", "-q", "-c", f"copy ({select}) to stdout"]
            for number in range(rounds):
                work = folder / f"round{number}"
                workspace(work, server)
                subprocess.run([WEIR, "init"], cwd=work, check=True, stdout=subprocess.DEVNULL)
                report = work / "report.json"
                for name in names:
                    if not cold:
                        touches.append(touch_memory())
                    if name == "COPY":
                        seen[name].append(measure(copy, stdout=subprocess.DEVNULL))
                        continue
                    with report.open("w") as out:
                        seen[name].append(measure([WEIR, "sync", "--format", "json"], cwd=work, stdout=out))
                    got = counts(report)
                    expected = {"read": rows, "created": rows if name == "first run" else 0,
                                "unchanged": 0 if name == "first run" else rows}
                    for key, value in expected.items():
                        if got[key] != value:
                            sys.exit(f"end_to_end: {name}: {key} is {got[key]}, not {value}")
                sent = sum(line.count(b"\n") for path in (work / "out").rglob("*.jsonl") for line in [path.read_bytes()])
                if sent != rows:
                    sys.exit(f"end_to_end: {sent} rows arrived, not {rows}")
                # Nothing is removed before the end: a round would pay for the files of the round before (see `spread`).
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    print(f"{rows} rows, 12 columns (two hashed, one masked), medians of {rounds} interleaved rounds, {os.cpu_count()} cores")
    print("memory: cold" if cold else f"memory: touched before each command, {max(touches):.1f} to {min(touches):.1f} s/GB")
    print(f"{'':15}{'rows/s':>12}{'seconds':>10}{'CPU s':>8}{'anonymous MB':>14}  seconds of each")
    median = {}
    for name in names:
        wall, cpu, memory = (statistics.median(column) for column in zip(*seen[name]))
        median[name] = (rows / wall, memory)
        each = " ".join(f"{run[0]:.2f}" for run in seen[name])
        print(f"{name:15}{rows / wall:12.0f}{wall:10.2f}{cpu:8.2f}{memory:14.1f}  {each}")
    ratios = {name: statistics.median(copy[0] / ours[0] for copy, ours in zip(seen["COPY"], seen[name])) for name in names[1:]}
    print(f"figure copy_rows_per_s {median['COPY'][0]:.0f} rows/s")
    print(f"figure first_run_copy_ratio {ratios['first run']:.3f} x")
    print(f"figure unchanged_run_copy_ratio {ratios['unchanged run']:.3f} x")
    print(f"figure anonymous_memory_mb {max(median[name][1] for name in names[1:]):.1f} MB")


if __name__ == "__main__":
    main()
