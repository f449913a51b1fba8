"""Drives the server with the Python SDK over stdio: `python_client.py`, the binary in TICKETING_MCP."""

import asyncio
import json
import re
import tempfile

import anyio
import jsonschema
import mcp
import mcp_types as types

from checks import READING_TOOLS, TOOLS, Checks, Sandbox, find
from sdk import MODES, Session, connect, text_of

CUSTOMER = "marcus@trailblazers-club.example"
READS = [
    ("list_perspectives", {}),
    ("list_watchlists", {}),
    ("list_stock_responses", {"search": "refund"}),
    ("list_queues", {}),
    ("list_workflow", {"kind": "resolution-categories"}),
    ("list_workflow", {"kind": "interventions"}),
    ("list_workflow", {"kind": "escalations"}),
    ("run_report", {"report": "meta"}),
    ("query_responses", {"limit": 3}),
    ("query_responses", {"count_only": True}),
    ("query_responses", {"group_by": "day"}),
    ("list_responses", {"ticket_number": "709383"}),
    ("get_token_info", {}),
    ("list_endpoints", {}),
    ("list_endpoints", {"family": "tickets", "action": "create", "schema": True}),
    ("tickiti_call", {"family": "faqs", "action": "(root)"}),
    ("tickiti_call", {"family": "tickets", "action": "staff", "payload": {}}),
]
# Answers of an install that differs from the reference, for whatever is asked.
ODD_BODIES = [
    "null",
    "5",
    '"text"',
    "[]",
    "[1, null]",
    "{}",
    '{"ok": true, "data": null}',
    '{"ok": true, "data": 5}',
    '{"ok": true, "data": []}',
    '{"ok": true, "data": {"ticket": null, "responses": "none", "ticket_number": null, "next_cursor": 7}}',
    '{"ok": true, "data": {"responses": [1], "ticket_number": {"a": 1}, "ticket_id": 1.5, "reopened": "yes"}}',
    '{"ok": true, "data": {"queues": {"1": {"name": "Inbox"}}}}',
]
ODD_CALLS = [
    ("create_ticket", {"originator_email_address": CUSTOMER, "is_public": True, "subject": "s", "content": "<p>c</p>"}),
    ("respond_to_ticket", {"ticket_number": "709383", "from_email": CUSTOMER, "content": "<p>c</p>"}),
    ("get_ticket", {"ticket_number": "709383"}),
    ("list_responses", {"ticket_number": "709383"}),
    ("query_tickets", {}),
    *[call for call in READS if call[0] != "list_endpoints"],
]


class Helpdesk(Session):
    """What is checked over one connection to a server of Tickiti."""

    promised = TOOLS
    staff = None

    async def ticket(self):
        """Opened, answered, read, found."""
        opened = await self.done(
            "create_ticket",
            {
                "originator_email_address": CUSTOMER,
                "is_public": True,
                "subject": "Forty jackets for the spring tour",
                "content": "<p>Could you quote forty jackets?</p>",
                "queue_name": "Sales",
            },
        )
        number = str(find(opened, "ticket_number"))
        self.checks.that(number.isdigit(), "the new ticket has a number", opened)
        await self.done(
            "respond_to_ticket",
            {"ticket_number": number, "from_email": self.staff, "content": "<p>The quote is on its way.</p>"},
        )
        shown = await self.done("get_ticket", {"ticket_number": number})
        self.checks.contains(json.dumps(shown), ["spring tour", "on its way", CUSTOMER], "the ticket shows both messages")
        found = await self.done(
            "query_tickets", {"search_object": {"criteria": [{"mode": "raised", "tokens": [CUSTOMER]}]}}
        )
        self.checks.contains(json.dumps(found), [number], "the query finds the ticket")
        thread = await self.done("list_responses", {"ticket_number": number, "fields": ["plain_text"], "max_body_chars": 8})
        self.checks.that("on its way" not in json.dumps(thread), "a short body limit is kept", thread)

    async def reads(self):
        report = {"report": "volumes", "filters": {"date_from": "2026-05-01", "date_to": "2026-05-31", "group_by": "week"}}
        await self.done("run_report", report)
        for name, arguments in READS:
            await self.done(name, arguments)
        by_number = await self.done("get_ticket", {"ticket_number": "709383"})
        by_id = await self.done("get_ticket", {"ticket_id": 13})
        by_text = await self.done("get_ticket", {"ticket_id": "13"})
        self.checks.that(by_number == by_id == by_text, "a number, an id and an id as text lead to the same ticket")

    async def refusals(self):
        before = len(self.sandbox.entries())
        await self.refused("create_ticket", {}, ["originator_email_address"], "a ticket without anything")
        await self.refused(
            "create_ticket",
            {"originator_email_address": "nobody", "subject": "s", "content": "x", "priority": "Urgnt"},
            ["originator_email_address", "priority", "Urgent"],
            "a ticket with two mistakes",
        )
        await self.refused("get_ticket", {"ticket_nubmer": "709383"}, ["ticket_nubmer", "ticket_number"], "a misspelt argument")
        await self.refused("get_ticket", {"ticket_number": "709383", "ticket_id": 13}, ["ticket_number", "ticket_id"], "both ticket references")
        await self.refused("run_report", {"report": "volume"}, ["volumes"], "a misspelt report")
        await self.refused("list_endpoints", {"family": "ticket"}, ["tickets"], "a misspelt family")
        await self.refused("tickiti_call", {"family": "tickets", "action": "shows"}, ["show"], "a misspelt action")
        self.checks.equal(len(self.sandbox.entries()), before, "wrong arguments send nothing")
        await self.refused("get_ticket", {"ticket_number": "999999999"}, ["query_tickets"], "a ticket that is not there")
        try:
            answer = await self.client.call_tool("close_everything", {})
            self.checks.that(False, "an unknown tool is an error of the protocol", answer)
        except mcp.MCPError as error:
            self.checks.equal(error.error.code, -32602, "an unknown tool is an error of the protocol")

    async def many_at_once(self, lanes=1000):
        found = await self.client.call_tool("query_tickets", {"row_limit": 40})
        numbers = sorted(set(re.findall(r'"number":\s*"?(\d+)', text_of(found))))[:40]
        self.checks.that(len(numbers) >= 20, "the demo data has tickets enough", numbers)
        wrong = []
        lane = anyio.CapacityLimiter(lanes)

        async def look(number):
            async with lane:
                shown = await self.client.call_tool("get_ticket", {"ticket_number": number})
            if shown.is_error or str(find(shown.structured_content, "number")) != number:
                wrong.append((number, text_of(shown)[:200]))

        async with anyio.create_task_group() as group:
            for number in numbers * 4:
                group.start_soon(look, number)
        self.checks.that(not wrong, f"{len(numbers) * 4} calls at once get their own answers", wrong)

    async def odd_answers(self):
        """Whatever an install answers, the client gets what the schema promises, or an error to read."""
        self.sandbox.clear_faults()
        for name, arguments in ODD_CALLS:
            wrong = []
            for body in ODD_BODIES:
                self.sandbox.plant("*", kind="status", status=200, body=body)
                try:
                    result = await self.client.session.send_request(
                        types.CallToolRequest(params=types.CallToolRequestParams(name=name, arguments=arguments)),
                        types.CallToolResult,
                    )
                    if not result.is_error:
                        jsonschema.validate(result.structured_content, self.tools[name].output_schema)
                except Exception as error:
                    wrong.append((body, str(error).splitlines()[0][:120]))
                finally:
                    self.sandbox.clear_faults()
            self.checks.that(not wrong, f"{name} {json.dumps(arguments)[:60]} keeps its schema over odd answers", wrong)
        self.sandbox.plant("*", kind="status", status=200, body='{"ok": true, "data": 5}')
        found = await self.client.call_tool("query_tickets", {})
        self.sandbox.clear_faults()
        self.checks.that(found.is_error or found.structured_content.get("count") != 0, "an unreadable list is not an empty one", text_of(found))

    async def cancelled(self):
        self.sandbox.plant("tickets.show", kind="delay", ms=20_000)
        try:
            with anyio.move_on_after(0.5) as scope:
                await self.client.call_tool("get_ticket", {"ticket_number": "709383"})
            self.checks.that(scope.cancelled_caught, "the slow call was cancelled")
            aborted = await anyio.to_thread.run_sync(self.sandbox.wait_for, "tickets.show", "aborted")
            self.checks.that(aborted, "a cancelled call stops its request", self.sandbox.entries("tickets.show")[-1:])
        finally:
            self.sandbox.clear_faults()
        await self.done("get_ticket", {"ticket_number": "709383"})


async def staff_address(client):
    """The address of somebody who may answer."""
    answer = await client.call_tool("tickiti_call", {"family": "tickets", "action": "staff"})
    found = re.search(r'"email":\s*"([^"]+)"', text_of(answer))
    return found.group(1) if found else "nobody@example.com"


async def whole_session(mode, sandbox, errors):
    checks = Checks(f"python {mode}")
    try:
        async with connect(sandbox.env(), errors, mode) as client:
            checks.equal(client.protocol_version, MODES[mode], "the era is the expected one")
            if mode != "2026-07-28":
                checks.that(client.instructions, "the server says what it is for")
                checks.equal(client.server_info and client.server_info.name, "ticketing-mcp", "the server says its name")
            session = Helpdesk(checks, client, sandbox)
            await session.listing()
            session.staff = await staff_address(client)
            await session.ticket()
            await session.reads()
            await session.refusals()
            await session.many_at_once()
            if mode == "auto":
                await session.odd_answers()
            await session.cancelled()
    except BaseException as error:
        checks.died("the session", error)
    return checks


async def narrow_tokens(sandbox, errors):
    """What a token may not do is refused, and the refusal names what is missing."""
    checks = Checks("python tokens")
    wanted = {"originator_email_address": CUSTOMER, "is_public": True, "subject": "s", "content": "<p>c</p>"}
    helpdesk = [name for name in TOOLS if name not in ("list_workflow", "run_report")]
    cases = [
        ("sandbox-reader", READING_TOOLS, "create_ticket", wanted, ["tickets:write"]),
        ("sandbox-agent", helpdesk, "run_report", {"report": "meta"}, ["reports:read"]),
        ("no-such-token", TOOLS, "list_queues", {}, ["401", "TICKITI_API_TOKEN"]),
    ]
    for token, promised, name, arguments, parts in cases:
        try:
            async with connect(sandbox.env(token), errors) as client:
                session = Helpdesk(checks, client, sandbox)
                session.promised = promised
                await session.listing()
                checks.equal(sorted(session.tools), promised, f"{token}: what it can use is listed, and nothing else")
                await session.refused(name, arguments, parts, f"{name} with {token}")
                if token == "sandbox-reader":
                    await session.done("get_ticket", {"ticket_number": "709383"})
        except BaseException as error:
            checks.died(f"the session of {token}", error)
    return checks


async def main():
    with Sandbox() as sandbox, tempfile.TemporaryFile("w+") as errors:
        results = [await whole_session(mode, sandbox, errors) for mode in MODES]
        results.append(await narrow_tokens(sandbox, errors))
        errors.seek(0)
        log = errors.read()
    total = Checks("python stderr")
    total.that("panicked" not in log, "the server did not panic", log[-600:])
    total.that("sandbox-admin" not in log, "no token is logged", log[-600:])
    total.failed += sum(result.failed for result in results)
    total.finish()


if __name__ == "__main__":
    asyncio.run(main())
