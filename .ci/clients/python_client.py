"""Drives the server with the Python SDK over stdio: `python_client.py`, the binary in TICKETING_MCP."""

import asyncio
import json
import re
import tempfile

import anyio
import jsonschema
import mcp
import mcp_types as types
from mcp.client.stdio import StdioServerParameters, stdio_client

from checks import BINARY, TOOLS, Checks, Sandbox, find

CUSTOMER = "marcus@trailblazers-club.example"
MODES = {"auto": "2026-07-28", "2026-07-28": "2026-07-28", "legacy": "2025-11-25"}
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


def connect(env, errors, mode="auto"):
    server = StdioServerParameters(command=BINARY, args=[], env=env)
    return mcp.Client(stdio_client(server, errlog=errors), mode=mode, read_timeout_seconds=30)


def text_of(result):
    return "\n".join(block.text for block in result.content if block.type == "text")


class Session:
    """One connection and what is checked over it."""

    def __init__(self, checks, client, sandbox):
        self.checks, self.client, self.sandbox = checks, client, sandbox
        self.tools = {}
        self.staff = None

    async def done(self, name, arguments):
        """A call that must succeed with a result as its schema says."""
        result = await self.client.call_tool(name, arguments)
        what = f"{name} {json.dumps(arguments)[:90]}"
        if not self.checks.that(not result.is_error, f"{what} succeeds", text_of(result)):
            return {}
        value = result.structured_content
        try:
            jsonschema.validate(value, self.tools[name].output_schema)
            fits = None
        except jsonschema.ValidationError as error:
            fits = str(error)
        self.checks.that(fits is None, f"{what} fits its output schema", fits)
        self.checks.that(json.loads(text_of(result)) == value, f"{what}: the text is the same JSON", text_of(result))
        return value

    async def refused(self, name, arguments, parts, what):
        result = await self.client.call_tool(name, arguments)
        if self.checks.that(result.is_error, f"{what} is refused", result.structured_content):
            self.checks.contains(text_of(result), parts, f"{what}: the refusal explains itself")

    async def listing(self):
        listed, cursor = [], None
        while True:
            page = await self.client.list_tools(cursor=cursor)
            listed += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
        self.tools = {tool.name: tool for tool in listed}
        names = [tool.name for tool in listed]
        missing = [name for name in TOOLS if name not in names]
        self.checks.that(not missing, "all the promised tools are listed", missing)
        self.checks.equal(len(set(names)), len(names), "no name is listed twice")
        self.checks.equal(names, sorted(names), "the list is in name order")
        for tool in listed:
            self.tool(tool)

    def tool(self, tool):
        problems = []
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", tool.name):
            problems.append("name")
        if not tool.title or not tool.description:
            problems.append("title or description")
        for name, schema in (("input", tool.input_schema), ("output", tool.output_schema)):
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
                if schema.get("type") != "object":
                    problems.append(f"{name} schema is not of an object")
            except Exception as error:
                problems.append(f"{name} schema: {error}")
        for argument, schema in tool.input_schema.get("properties", {}).items():
            if not schema.get("description"):
                problems.append(f"argument {argument} is not described")
        hints = tool.annotations
        if hints is None or hints.read_only_hint is None or hints.open_world_hint is None:
            problems.append("annotations")
        elif not hints.read_only_hint and (hints.destructive_hint is None or hints.idempotent_hint is None):
            problems.append("annotations of a write")
        self.checks.that(not problems, f"{tool.name} is described whole", problems)

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

    async def many_at_once(self):
        found = await self.client.call_tool("query_tickets", {"row_limit": 40})
        numbers = sorted(set(re.findall(r'"number":\s*"?(\d+)', text_of(found))))[:40]
        self.checks.that(len(numbers) >= 20, "the demo data has tickets enough", numbers)
        wrong = []

        async def look(number):
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
            session = Session(checks, client, sandbox)
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
    cases = [
        ("sandbox-reader", "create_ticket", wanted, ["tickets:write"]),
        ("sandbox-agent", "run_report", {"report": "meta"}, ["reports:read"]),
        ("no-such-token", "list_queues", {}, ["401", "TICKITI_API_TOKEN"]),
    ]
    for token, name, arguments, parts in cases:
        try:
            async with connect(sandbox.env(token), errors) as client:
                session = Session(checks, client, sandbox)
                await session.listing()
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


asyncio.run(main())
