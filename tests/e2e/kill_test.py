"""Kills the program at random moments of all three phases, changes the warehouse in between, and checks that the log, the
state and the destinations tell one story in the end. WEIR_SEED repeats a run, WEIR_KILLS sets how many."""

import collections
import os
import random
import signal
import threading
import time
import unittest

import expectation
import file_watch
import harness
import sent_files
from crm import Answer, Crm, close
from log_bundles import Log, read_checkpoint
from record_tags import record_tag
from segments import LastBatch, live_segment

KILLS = int(os.environ.get("WEIR_KILLS", "12" if harness.SHORT else "56"))
LEAST_A_PHASE = 2 if harness.SHORT else 8
DELIVERED = (0, 1)  # 1: the seeds hold addresses that cannot be hashed; such rows are refused, the rest went
# An order in which every phase has its turn; a run that ends before its moment came is no kill and is tried again.
TURNS = ("scan", "request", "decide", "reply", "file", "write", "scan", "request", "decide", "reply", "start", "write")


class Warehouse:
    """The shop's tables and what policy lets out of them at this moment."""

    def __init__(self, shop, rng):
        self.shop, self.rng, self.next_id = shop, rng, 100_001
        # More rows, so that a scan lasts a while: copies under other numbers and addresses.
        copies = 1 if harness.SHORT else 3
        for copy in range(1, copies + 1):
            shop.sql(f"insert into shop.analytics.dim_customers select customer_id + {copy * 10_000} as customer_id,"
                     f" replace(email, '@', '{copy}@') as email, * exclude (customer_id, email)"
                     " from shop.analytics.dim_customers where customer_id <= 3000")
        self.read()

    def read(self):
        self.rows = self.shop.rows(expectation.CUSTOMERS.format(schema="analytics"))
        self.contacts = expectation.Contacts(self.rows, self.shop.roots["token"])
        self.tickets = expectation.tickets(self.shop.rows(expectation.TICKETS.format(schema="analytics")),
                                           self.shop.roots["token"])

    def change(self, in_flight):
        """Some rows change, lose or get consent, go or come; most of all those that were just being sent."""
        rng, ids = self.rng, [row["customer_id"] for row in self.rows]
        flying = [int(name) for name in in_flight if int(name) in set(ids)]
        rng.shuffle(flying)
        some = rng.sample(ids, 120)
        lists = {"withdrawn": flying[:3] + some[:12], "changed": flying[3:6] + some[12:90], "gone": flying[6:8] + some[90:94],
                 "agreed": some[94:110]}
        text = {name: ",".join(map(str, keys)) or "-1" for name, keys in lists.items()}
        mark, table = rng.randrange(1 << 30), "shop.analytics.dim_customers"
        tickets = ",".join(f"'{name}'" for name in rng.sample(sorted(self.tickets), 60))
        self.shop.sql(
            f"update {table} set first_name = 'Łukasz-{mark}', orders_count = orders_count + 1 where customer_id in ({text['changed']})",
            f"update {table} set marketing_consent = case when customer_id % 2 = 0 then false end where customer_id in ({text['withdrawn']})",
            f"update {table} set marketing_consent = true where customer_id in ({text['agreed']})",
            f"delete from {table} where customer_id in ({text['gone']})",
            f"insert into {table} select {self.next_id} as customer_id, 'came.{self.next_id}@example.com' as email,"
            f" true as marketing_consent, * exclude (customer_id, email, marketing_consent) from {table} order by customer_id limit 1"
            .replace("insert into " + table, f"insert into {table} by name"),
            f"update shop.analytics.fct_tickets set first_reply_minutes = {mark % 5000}, satisfaction = null where ticket_id in ({tickets})")
        self.next_id += 1
        self.read()


class KillTest(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("WEIR_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"WEIR_SEED={self.seed}", flush=True)
        self.rng = random.Random(self.seed)
        self.crm = Crm(delay_s=0.004, before=self.look, behave=self.behave)
        self.addCleanup(self.crm.__exit__)
        self.shop = harness.Shop(self.crm)
        self.addCleanup(self.shop.__exit__)
        self.shop.crm_settings("max_rows: 12, retry: {attempts: 3, base: 1ms, cap: 5ms}")
        self.shop.edit("weir.yml", "format: jsonl", "format: jsonl, max_rows: 10")
        self.warehouse = Warehouse(self.shop, self.rng)
        self.opened = file_watch.opens(self.shop.path("target/manifest.json"))
        self.addCleanup(self.opened.close)
        self.at_request = None  # (which request of this run, before or after it is taken, the program)
        self.first_request = None
        self.phases, self.kills, self.signals, self.torn = collections.Counter(), 0, collections.Counter(), 0

    # What holds at the moment a request arrives.
    def look(self, received):
        if self.first_request is None:
            self.first_request = time.monotonic()
        intents = self.shop.log_folder("crm_contacts")
        wanted = received.headers["Idempotency-Key"].encode()
        on_disk = any(b'"request":"' + wanted + b'"' in path.read_bytes()[-(1 << 20):]
                      for path in sorted(intents.rglob("*.seg")))
        if not on_disk:
            self.crm.problem(f"request {received.number} arrived, and its intent is not in the log")
        expected = self.warehouse.contacts
        for record in received.records:
            name = str(record["external_id"])
            if received.operation == "upsert":
                if record["external_id"] in expected.withheld:
                    self.crm.problem(f"request {received.number} sends {name}, who withdrew consent")
                elif differences := expectation.differences({name: expected.records.get(name, {})}, {name: record}):
                    self.crm.problem(f"request {received.number} sends what is no longer so: {differences}")
            elif received.operation == "delete":
                if name in expected.records:
                    self.crm.problem(f"request {received.number} deletes {name}, who agreed and is there")
            else:
                self.crm.problem(f"request {received.number} is a {received.operation}")

    def behave(self, received):
        if self.at_request is None:
            # The CRM has bad moments of its own.
            draw = self.rng.random()
            return Answer(status=503) if draw < 0.02 else close(apply=True) if draw < 0.04 else None
        which, when, running, number = self.at_request
        if received.number < which:
            return None
        self.at_request = None
        if when == "request":
            running.kill(number)
            return close(apply=self.rng.random() < 0.5)
        timer = threading.Timer(self.rng.random() * 0.02, running.kill, [number])
        timer.start()
        return None

    def one_run(self, turn, times):
        """Starts a run and ends it at its moment. Whether it was cut short, and the phase that it was in."""
        number = signal.SIGKILL if self.rng.random() < 0.85 else self.rng.choice([signal.SIGTERM, signal.SIGINT])
        self.opened.reset()
        self.first_request = None
        before = self.crm.count()
        running = self.shop.start("sync", "--format", "json")
        begin = time.monotonic()
        if turn in ("request", "reply"):
            self.at_request = (before + self.rng.randrange(0, 9), turn, running, number)
        elif turn == "write":
            # Between a write of the log and the return of its sync.
            if self.opened.wait_for(2, 60) and (segment := live_segment(self.shop.log_folder("crm_contacts"))):
                written = file_watch.writes(segment)
                if written.wait_for(self.rng.randrange(1, 9), 0.5):
                    running.kill(number)
                written.close()
        elif turn == "start":
            time.sleep(self.rng.random() * 0.05)
            running.kill(number)
        else:
            opens = {"scan": 1, "decide": 2, "file": 3}[turn]
            if self.opened.wait_for(opens, 60):
                time.sleep(self.rng.random() * times[turn])
                running.kill(number)
        done = running.wait()
        self.at_request = None
        self.crm.wait_until_quiet()
        self.opened.wait_for(1 << 30, 0)
        requests = self.crm.since(before)
        if turn == "scan" and self.opened.count >= 2 and self.first_request is None:
            times["scan"] *= 0.9  # came too late
        phase = "deliver" if requests or self.opened.count > 2 else ("start", "scan", "decide")[self.opened.count]
        cut = done.status in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, 130)
        if not cut:
            self.assertIn(done.status, (*DELIVERED, 6), f"{done}")  # 6: the CRM closed on a last attempt
        elif number != signal.SIGKILL:
            # An orderly end leaves no intent open; a signal before the handler stands may end it at once.
            self.assertIn(done.status, (130, -number), f"{done}")
        in_flight = [str(record["external_id"]) for record in requests[-1].records] if requests else []
        return cut, number, phase, in_flight

    def cut_the_power(self):
        """A power cut instead of a kill: of a batch whose commit did not return, any part may be lost. Nobody has seen that
        it returned when its intents did not arrive and no checkpoint covers it."""
        folder = self.shop.log_folder("crm_contacts")
        segment = live_segment(folder)
        if segment is None or not (folder / "checkpoint").is_file():
            return
        batch = LastBatch(segment)
        arrived = {received.headers["Idempotency-Key"] for received in self.crm.requests}
        intents = [entry["request"] for entry in batch.entries if entry["kind"] == "intent"]
        if intents and not arrived & set(intents) and read_checkpoint(folder).size <= batch.index:
            batch.cut(self.rng.randrange(batch.begin, batch.end))
            self.torn += 1

    def test_killed_at_any_moment(self):
        times = {"scan": 0.15, "decide": 0.02, "file": 0.25}
        turn = 0
        for attempt in range(KILLS * 6):
            if self.kills >= KILLS and all(self.phases[phase] >= LEAST_A_PHASE for phase in ("scan", "decide", "deliver")):
                break
            cut, number, phase, in_flight = self.one_run(TURNS[turn % len(TURNS)], times)
            turn += 1
            if cut:
                self.kills += 1
                if number == signal.SIGKILL:
                    self.cut_the_power()
                self.phases[phase] += 1
                self.signals[signal.Signals(number).name] += 1
            if not cut or self.rng.random() < 0.6:
                self.warehouse.change(in_flight)
            self.assertEqual(self.crm.problems, [])
        print(f"{self.kills} kills: {dict(self.phases)}, {dict(self.signals)}, {self.torn} torn logs; {self.crm.count()} requests", flush=True)
        self.assertGreaterEqual(self.kills, KILLS)
        for phase in ("scan", "decide", "deliver"):
            self.assertGreaterEqual(self.phases[phase], LEAST_A_PHASE, self.phases)
        self.finish()
        self.check_destinations()
        self.check_log("crm_contacts")
        self.check_log("support_tickets")
        self.check_every_delivery_was_announced()

    def finish(self):
        """Clean runs: the first finishes what was begun; another finds nothing to do."""
        self.crm.behave = None
        self.crm.delay_s = 0
        done = self.shop.sync()
        self.assertIn(done.status, DELIVERED, f"{done}")
        self.assertEqual(self.crm.problems, [])
        before = self.crm.count()
        done = self.shop.sync()
        self.assertIn(done.status, DELIVERED, f"{done}")
        self.assertEqual(self.crm.count(), before, "the last run sent something")
        for report in done.reports.values():
            self.assertEqual(report["counts"]["sent"], 0, done)
            self.assertEqual(report["counts"]["recovered_unknown"], 0, done)

    def check_destinations(self):
        self.assertEqual(expectation.differences(self.warehouse.contacts.records, self.crm.contacts()), [])
        files = sent_files.replay(self.shop.path("sent/helpdesk"), "tickets", ["ticket_id"])
        self.assertEqual(expectation.differences(self.warehouse.tickets, files), [])

    def check_log(self, sync):
        verify = self.shop.run("audit", "verify", sync)
        self.assertEqual(verify.status, 0, f"{verify}")
        key = self.shop.run("audit", "key", sync)
        self.assertEqual(key.status, 0, f"{key}")
        other = self.shop.run(self.shop.log_folder(sync), "--key", key.out.strip().split("\n")[-1], name="weir-verify")
        self.assertEqual(other.status, 0, f"{other}")
        log = Log(self.shop.log_folder(sync))
        self.assertEqual(log.problems(), [])
        return log

    def check_every_delivery_was_announced(self):
        """Every request that arrived whole is in the log, record by record; so is every file."""
        log = Log(self.shop.log_folder("crm_contacts"))
        announced = collections.defaultdict(list)  # request -> (operation, records in order), one for each attempt
        for _, intent in log.of("intent"):
            if intent["part"] == 0:
                announced[intent["request"]].append((intent["op"], []))
            announced[intent["request"]][-1][1].extend(intent["records"])
        for received in self.crm.requests:
            tags = [record_tag(self.shop.roots["tag"], "default", "crm", log.entries, [str(record["external_id"])])
                    for record in received.records]
            self.assertIn((received.operation, tags), announced[received.headers["Idempotency-Key"]],
                          f"request {received.number} has no intent")
        delivered = collections.Counter(entry["result"] for _, entry in log.of("outcome"))
        print(f"outcomes: {dict(delivered)}", flush=True)
        self.assertGreater(delivered["delivered"], 0)
        self.assertGreater(delivered["unknown"], 0, "no kill left a delivery in doubt")


if __name__ == "__main__":
    harness.main()
