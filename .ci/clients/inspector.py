"""Drives the server with the Inspector's command line: `inspector.py`, the binary in TICKETING_MCP.

Its exit code is the verdict: 0 for a good answer, 5 for a tool error, 6 for a schema that `--strict` refuses.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from checks import BINARY, ENVIA_TOOLS, PLAIN_ENV, TOOLS, Checks, Sandbox

NODE = os.environ.get("NODE", "node")
INSPECTOR = Path(__file__).parent / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
CALLS = [
    ("get_ticket", {"ticket_number": "709383"}),
    ("list_queues", {}),
    ("query_tickets", {"row_limit": 5}),
    ("run_report", {"report": "volumes", "filters": {"date_from": "2026-05-01", "date_to": "2026-05-31", "group_by": "week"}}),
    ("list_endpoints", {"family": "faqs"}),
    ("tickiti_call", {"family": "tickets", "action": "staff", "payload": {}}),
]
NEW_TICKET = {
    "originator_email_address": "marcus@trailblazers-club.example",
    "is_public": True,
    "subject": "Boots two sizes too small",
    "content": "<p>May I swap them?</p>",
}


# Tickets of Envia's demo data, and arguments that its rules refuse.
ENVIA_CALLS = [
    ("get_ticket_types", {}),
    ("get_ticket_types", {"type_name": "overweight"}),
    ("list_tickets", {"company_id": 4410, "length": 3}),
    ("get_ticket", {"ticket_id": 58201}),
    ("create_ticket", {"company_id": 4410, "type": 9, "comments": "pago", "variables": {"payment_method_id": 3}}),
    ("update_ticket", {"ticket_id": 58204, "status_id": 5, "comment": "seguimos"}),
]
ENVIA_REFUSALS = [
    ("create_ticket", {"company_id": 4410, "type": 10, "comments": "x"}, ["blocked"]),
    ("create_ticket", {"company_id": 4410, "type": 5, "comments": "x", "tracking_number": "TST0001112225"}, ["Created", "Delivered"]),
    ("create_ticket", {"company_id": 4410, "type": 9, "comments": "x"}, ["payment_method_id"]),
    ("update_ticket", {"ticket_id": 58215, "status_id": 10, "comment": "x"}, ["5000.01", "5000"]),
]


def started(env):
    """A server that the Inspector starts itself."""
    target = [BINARY]
    for name in sorted(set(env) - set(PLAIN_ENV)):
        target += ["-e", f"{name}={env[name]}"]
    return target


def inspect(target, home, era, *arguments):
    return subprocess.run(
        [NODE, INSPECTOR, "--cli", *target, "--protocol-era", era, "--format", "json", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        env={**PLAIN_ENV, "HOME": home},
    )


def call(name, arguments):
    return ("--method", "tools/call", "--tool-name", name, "--tool-args-json", json.dumps(arguments))


def ended(checks, run, code, what):
    return checks.that(run.returncode == code, what, f"exit {run.returncode}: {run.stdout[-700:]} {run.stderr[-700:]}")


def strict_list(checks, target, home, era, tools):
    run = inspect(target, home, era, "--method", "tools/list", "--strict")
    if ended(checks, run, 0, "the tool list stands the strict check"):
        missing = [name for name in tools if f'"{name}"' not in run.stdout]
        checks.that(not missing, "all the promised tools are listed", missing)
        # Warnings are of portability to clients with a poorer schema language; they are told, and do not fail.
        print(f"        {run.stderr.strip().splitlines()[-1:]}")


def succeed(checks, target, home, era, calls):
    for name, arguments in calls:
        run = inspect(target, home, era, *call(name, arguments))
        if ended(checks, run, 0, f"{name} succeeds"):
            checks.that("structuredContent" in run.stdout, f"{name} has a structured answer", run.stdout)


def one_era(sandbox, home, era):
    checks = Checks(f"inspector {era}")
    target = started(sandbox.env())
    strict_list(checks, target, home, era, TOOLS)
    succeed(checks, target, home, era, [*CALLS, ("create_ticket", NEW_TICKET)])
    run = inspect(target, home, era, *call("get_ticket", {"ticket_nubmer": "709383"}))
    ended(checks, run, 5, "a misspelt argument is a tool error")
    run = inspect(started(sandbox.env("sandbox-reader")), home, era, *call("create_ticket", NEW_TICKET))
    checks.contains(run.stdout + run.stderr, ["tool_not_found"], "a tool that the token cannot use is not listed")
    run = inspect(started(sandbox.env("sandbox-agent")), home, era, *call("tickiti_read", {"family": "workflow", "action": "queues.index"}))
    ended(checks, run, 5, "a missing permission is a tool error")
    checks.contains(run.stdout + run.stderr, ["workflow:read"], "and the permission is named")
    load = ("--load", "--load-requests", "300", "--load-concurrency", "20")
    run = inspect(target, home, era, *call("get_ticket", {"ticket_number": "709383"}), *load)
    ended(checks, run, 0, "300 calls, 20 at a time, all succeed")
    return checks


def envia(sandbox, home, era):
    checks = Checks(f"inspector envia {era}")
    target = started(sandbox.envia_env())
    strict_list(checks, target, home, era, ENVIA_TOOLS)
    succeed(checks, target, home, era, ENVIA_CALLS)
    for name, arguments, parts in ENVIA_REFUSALS:
        run = inspect(target, home, era, *call(name, arguments))
        ended(checks, run, 5, f"{name} {json.dumps(arguments)} is a tool error")
        checks.contains(run.stdout + run.stderr, parts, "and explains itself")
    run = inspect(target, home, era, "--method", "resources/list")
    ended(checks, run, 0, "the resources are listed")
    checks.contains(run.stdout, ["tickets://statuses", "shipments://statuses"], "both of them")
    for uri, parts in (("tickets://statuses", ["claim"]), ("shipments://statuses", ["Delivered at Origin"])):
        run = inspect(target, home, era, "--method", "resources/read", "--uri", uri)
        ended(checks, run, 0, f"{uri} is read")
        checks.contains(run.stdout, parts, f"{uri} holds what it says")
    run = inspect(target, home, era, "--method", "resources/read", "--uri", "tickets://types")
    checks.that(run.returncode != 0, "an unknown resource is an error", run.stdout)
    load = ("--load", "--load-requests", "300", "--load-concurrency", "20")
    run = inspect(target, home, era, *call("get_ticket", {"ticket_id": 58201}), *load)
    ended(checks, run, 0, "300 calls, 20 at a time, all succeed")
    return checks


def main():
    total = Checks("inspector")
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as home:
        for era in ("legacy", "modern", "auto"):
            for part in (one_era, envia):
                try:
                    checks = part(sandbox, home, era)
                    total.passed += checks.passed
                    total.failed += checks.failed
                except Exception as error:
                    total.died(f"{part.__name__} in era {era}", error)
    total.finish()


if __name__ == "__main__":
    main()
