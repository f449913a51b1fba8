"""Holds the server over HTTP against the official conformance suite: `conformance.py`, the binary in TICKETING_MCP.

For each revision the suite runs everything that the revision requires, twice:

- At each place of the server where the protocol is spoken. What a server cannot pass without tools made for the suite is
  listed, with the reasons, in `conformance/REVISION.yaml`.
- With the suite's own tools, resources and prompts on the server's HTTP: the program in CONFORMANCE_FIXTURES, which is
  `mcp-server/examples/conformance`. Everything must pass. In the older era that needs sessions, which the server does not
  have; what is lost without them is in `conformance/REVISION-without-sessions.yaml`.

Every check that is not listed must pass; among them, in every scenario, that each message of the server fits the schema of
the specification. Extensions are run by the suite without being judged, and so are scenarios that its own server does not
pass yet; some of these are judged here.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from checks import PLAIN_ENV, Checks, Sandbox
from serving import KEY, Http, message

HERE = Path(__file__).parent
NODE = os.environ.get("NODE", "node")
FIXTURES = os.environ.get("CONFORMANCE_FIXTURES", "target/debug/examples/conformance")
SUITE = HERE / "node_modules/@modelcontextprotocol/conformance"
LISTS = HERE / "conformance"
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
        "http-header-validation",
    ],
}
# Scenarios that the suite does not judge, and the fixtures pass.
BEYOND = {
    "2025-11-25": ["server-session-lifecycle", "json-schema-2020-12"],
    "2026-07-28": ["json-schema-2020-12", "http-header-validation", "http-custom-header-server-validation"],
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Fixtures(Http):
    """The suite's own tools, resources and prompts, until the end of the block."""

    def __init__(self):
        super().__init__(PLAIN_ENV)

    def command(self):
        return [FIXTURES]


def suite(url, *arguments):
    """Runs the suite and gives its exit code and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [NODE, f"--import={LISTS / 'key.mjs'}", str(SUITE / "dist/index.js")]
        command += ["server", "--url", url, "--output-dir", folder, *arguments]
        env = {**PLAIN_ENV, "HOME": folder, "CONFORMANCE_KEY": KEY}
        run = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
        )
    return run.returncode, COLOUR.sub("", run.stdout)


def required(which):
    """The scenarios that a revision requires of servers."""
    text = (SUITE / f"requirements/{which}.yaml").read_text(encoding="utf-8")
    return re.findall(r"- ([\w-]+)", re.search(r"^server:\n((?:  - .*\n)+)", text, re.MULTILINE).group(1))


def held(checks, title, url, which, listed, whole):
    """Runs a revision's set; the scenarios in `whole` must pass with all of their checks."""
    code, printed = suite(url, "--requirements", which, "--expected-failures", str(LISTS / listed))
    summary = printed.partition("=== SUMMARY ===")[2]
    surprises = re.findall(r"(?:Unexpected failures|Stale)[^~]*", summary)
    checks.that(code == 0, f"{title}: everything passes that is not listed with a reason", "".join(surprises) or printed[-900:])
    told = dict(re.findall(r"[✓✗] ([\w-]+): (\d+ passed, \d+ failed)", summary))
    for scenario in whole:
        outcome = told.get(scenario, "not run")
        checks.that(outcome.endswith(", 0 failed") and not outcome.startswith("0 "), f"{title}: {scenario}: {outcome}")
    passed = sum(int(outcome.split()[0]) for outcome in told.values())
    print(f"        {len(told)} scenarios: {passed} checks passed, {summary.count('  ~ ')} are listed with a reason", flush=True)


def with_the_servers_own(checks):
    with Sandbox() as sandbox, Http({**sandbox.envia_env(), **sandbox.env()}) as server:
        for which in REVISIONS:
            for path in PLACES:
                held(checks, f"{which} at {path}", server.url(path), which, f"{which}.yaml", GENERIC[which])
        checks.that("panicked" not in server.log(), "the server did not panic", server.log()[-600:])


def streams(checks, server):
    """Without sessions an answer is JSON, and a stream for those who want to know how far it is."""
    tool = {"name": "test_tool_with_progress", "arguments": {}}
    for era in ("legacy", "modern"):
        plain = server.ask("tools/call", tool, era)
        checks.equal(plain.headers["content-type"], "application/json", f"fixtures, {era}: a call without a token is answered in JSON")
        asked = server.ask("tools/call", {**tool, "_meta": {"progressToken": "far"}}, era)
        told = asked.body.count('"progressToken":"far"')
        seen = (asked.headers["content-type"], told)
        checks.equal(seen, ("text/event-stream", 3), f"fixtures, {era}: with a token, as a stream that tells the progress")


def with_the_suites_own(checks):
    with Fixtures() as server:
        refused = server.request("POST", "/mcp", *message("ping", headers={}))
        checks.equal(refused.status, 401, "fixtures: without the key nothing is answered")
        streams(checks, server)
        older, current = REVISIONS
        held(checks, f"fixtures, {current}", server.url(), current, "nothing.yaml", required(current) + BEYOND[current])
        held(checks, f"fixtures, {older}, with sessions", server.url("/mcp/sessions"), older, "nothing.yaml", required(older) + BEYOND[older])
        held(checks, f"fixtures, {older}, without sessions", server.url(), older, f"{older}-without-sessions.yaml", GENERIC[older])
        checks.that("panicked" not in server.log(), "the fixtures did not panic", server.log()[-600:])


def main():
    checks = Checks("conformance")
    for part, run in [("the server's own", with_the_servers_own), ("the suite's own", with_the_suites_own)]:
        try:
            run(checks)
        except Exception as error:
            checks.died(part, error)
    checks.finish()


main()
