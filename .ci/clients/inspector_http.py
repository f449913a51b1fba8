"""Drives the server with the Inspector's command line over HTTP: `inspector_http.py`, the binary in TICKETING_MCP.

Exit codes as in `inspector.py`; 3 says that the server wants another key.
"""

import tempfile

from checks import Checks, Sandbox
from inspector import call, ended, inspect, strict_list, succeed
from raw_http import PLACES
from serving import KEY, Http

BY_HEADER, BY_BEARER = f"X-API-Key: {KEY}", f"Authorization: Bearer {KEY}"
# Calls at each place, and arguments that are refused there.
CALLS = {
    "/mcp": [("tickiti_get_ticket", {"ticket_number": "709383"}), ("envia_get_ticket", {"ticket_id": 58201})],
    "/mcp/tickiti": [("get_ticket", {"ticket_number": "709383"})],
    "/mcp/envia": [("get_ticket_types", {"type_name": "overweight"})],
}


def at(server, path, header):
    """A server that listens already."""
    return [server.url(path), "--transport", "http", *(["--header", header] if header else [])]


def one_era(checks, server, home, era):
    for (path, tools), header in zip(PLACES.items(), (BY_HEADER, BY_BEARER, BY_HEADER), strict=True):
        target = at(server, path, header)
        strict_list(checks, target, home, era, tools)
        succeed(checks, target, home, era, CALLS[path])
    target = at(server, "/mcp", BY_HEADER)
    run = inspect(target, home, era, *call("tickiti_get_ticket", {"ticket_nubmer": "709383"}))
    ended(checks, run, 5, "a misspelt argument is a tool error")
    run = inspect(target, home, era, "--method", "resources/read", "--uri", "shipments://statuses")
    ended(checks, run, 0, "a resource is read")
    checks.contains(run.stdout, ["Delivered at Origin"], "and holds what it says")
    run = inspect(target, home, era, "--method", "resources/read", "--uri", "tickets://types")
    checks.that(run.returncode != 0, "an unknown resource is an error", run.stdout)
    # Whatever the server says, the Inspector takes a 401 for the beginning of OAuth, and shows only that.
    for what, header in (("no key", None), ("a wrong key", "X-API-Key: guess")):
        run = inspect(at(server, "/mcp", header), home, era, "--method", "tools/list")
        ended(checks, run, 3, f"{what} is told as a want of authorization")
    load = ("--load", "--load-requests", "300", "--load-concurrency", "20")
    run = inspect(target, home, era, *call("tickiti_get_ticket", {"ticket_number": "709383"}), *load)
    ended(checks, run, 0, "300 calls, 20 at a time, all succeed")


def main():
    total = Checks("inspector http")
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as home:
        for era in ("legacy", "modern", "auto"):
            checks = Checks(f"inspector http {era}")
            try:
                with Http({**sandbox.envia_env(), **sandbox.env()}) as server:
                    one_era(checks, server, home, era)
            except Exception as error:
                checks.died("the session", error)
            total.passed += checks.passed
            total.failed += checks.failed
    total.finish()


main()
