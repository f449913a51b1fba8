"""Holds the server over HTTP against the official conformance suite: `conformance.py`, the binary in TICKETING_MCP.

For each revision the suite runs everything that the revision requires, at each place where the protocol is spoken. What a
server cannot pass without tools made for the suite is listed, with the reasons, in `conformance/REVISION.yaml`. Every other
check must pass; among them, in every scenario, that each message of the server fits the schema of the specification.
Extensions, and scenarios that the suite's own server does not pass yet, are run by the suite without being judged.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from checks import PLAIN_ENV, Checks, Sandbox
from serving import Http

HERE = Path(__file__).parent
NODE = os.environ.get("NODE", "node")
SUITE = HERE / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
REVISIONS = ["2025-11-25", "2026-07-28"]
PLACES = ["/mcp", "/mcp/tickiti", "/mcp/envia"]
# Scenarios that need nothing of the suite's own: all of their checks pass.
GENERIC = {
    "2025-11-25": [
        "server-initialize",
        "ping",
        "completion-complete",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
    ],
    "2026-07-28": [
        "completion-complete",
        "tools-list",
        "server-sse-multiple-streams",
        "resources-list",
        "sep-2164-resource-not-found",
        "prompts-list",
        "dns-rebinding-protection",
        "caching",
        "input-required-result-unsupported-methods",
        "input-required-result-validate-input",
    ],
}
# The same, run by name: the set of the revision runs it without judging it.
BY_NAME = {"2025-11-25": [], "2026-07-28": ["http-header-validation"]}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def suite(url, folder, *arguments):
    """Runs the suite and gives its exit code and what it printed."""
    command = [NODE, str(SUITE), "server", "--url", url, "--output-dir", folder, *arguments]
    env = {**PLAIN_ENV, "HOME": folder}
    run = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    return run.returncode, COLOUR.sub("", run.stdout)


def revision(checks, server, path, which):
    expected = HERE / f"conformance/{which}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        code, printed = suite(server.url(path), folder, "--requirements", which, "--expected-failures", str(expected))
        summary = printed.partition("=== SUMMARY ===")[2]
        surprises = re.findall(r"(?:Unexpected failures|Stale)[^~]*", summary)
        checks.that(code == 0, f"{which} at {path}: everything passes that is not listed with a reason", "".join(surprises) or printed[-900:])
        told = dict(re.findall(r"[✓✗] ([\w-]+): (\d+ passed, \d+ failed)", summary))
        for scenario in GENERIC[which]:
            outcome = told.get(scenario, "not run")
            checks.that(outcome.endswith(", 0 failed") and not outcome.startswith("0 "), f"{which} at {path}: {scenario}: {outcome}")
        for scenario in BY_NAME[which]:
            code, printed = suite(server.url(path), folder, "--scenario", scenario, "--spec-version", which)
            found = re.search(r"(\d+)/(\d+)", printed)
            checks.that(code == 0, f"{which} at {path}: {scenario}: {found.group(0) if found else 'run'}", printed[-900:])
        passed = sum(int(outcome.split()[0]) for outcome in told.values())
        listed = summary.count("  ~ ")
        print(f"        {len(told)} scenarios: {passed} checks passed, {listed} are listed with a reason", flush=True)


def main():
    checks = Checks("conformance")
    with Sandbox() as sandbox:
        try:
            # The suite cannot send a key.
            with Http({**sandbox.envia_env(), **sandbox.env()}, "--no-auth", key=None) as server:
                for which in REVISIONS:
                    for path in PLACES:
                        revision(checks, server, path, which)
            checks.that("panicked" not in server.log(), "the server did not panic", server.log()[-600:])
        except Exception as error:
            checks.died("the suite", error)
    checks.finish()


main()
