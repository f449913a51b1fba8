"""Drives the server with the Inspector's command line: `inspector.py`, the binary in TICKETING_MCP.

Its exit code is the verdict: 0 for a good answer, 5 for a tool error, 6 for a schema that `--strict` refuses.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from checks import BINARY, PLAIN_ENV, TOOLS, Checks, Sandbox

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


def inspect(sandbox, home, era, *arguments, token="sandbox-admin"):
    env = sandbox.env(token)
    command = [NODE, INSPECTOR, "--cli", BINARY, "--protocol-era", era, "--format", "json"]
    for name in ("TICKITI_API_BASE", "TICKITI_API_TOKEN"):
        command += ["-e", f"{name}={env[name]}"]
    return subprocess.run(
        [*command, *arguments],
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


def one_era(sandbox, home, era):
    checks = Checks(f"inspector {era}")
    run = inspect(sandbox, home, era, "--method", "tools/list", "--strict")
    if ended(checks, run, 0, "the tool list stands the strict check"):
        missing = [name for name in TOOLS if f'"{name}"' not in run.stdout]
        checks.that(not missing, "all the promised tools are listed", missing)
        # Warnings are of portability to clients with a poorer schema language; they are told, and do not fail.
        print(f"        {run.stderr.strip().splitlines()[-1:]}")
    for name, arguments in [*CALLS, ("create_ticket", NEW_TICKET)]:
        run = inspect(sandbox, home, era, *call(name, arguments))
        if ended(checks, run, 0, f"{name} succeeds"):
            checks.that("structuredContent" in run.stdout, f"{name} has a structured answer", run.stdout)
    run = inspect(sandbox, home, era, *call("get_ticket", {"ticket_nubmer": "709383"}))
    ended(checks, run, 5, "a misspelt argument is a tool error")
    run = inspect(sandbox, home, era, *call("create_ticket", NEW_TICKET), token="sandbox-reader")
    ended(checks, run, 5, "a missing permission is a tool error")
    checks.contains(run.stdout + run.stderr, ["tickets:write"], "and the permission is named")
    load = ("--load", "--load-requests", "300", "--load-concurrency", "20")
    run = inspect(sandbox, home, era, *call("get_ticket", {"ticket_number": "709383"}), *load)
    ended(checks, run, 0, "300 calls, 20 at a time, all succeed")
    return checks


def main():
    total = Checks("inspector")
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as home:
        for era in ("legacy", "modern", "auto"):
            try:
                checks = one_era(sandbox, home, era)
                total.passed += checks.passed
                total.failed += checks.failed
            except Exception as error:
                total.died(f"era {era}", error)
    total.finish()


main()
