"""What the sessions of the Python SDK share: a connection, a call that must succeed, one that must be refused."""

import contextlib
import json
import re

import jsonschema
import mcp
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from checks import BINARY

# How a client chooses the era, and what it gets.
MODES = {"auto": "2026-07-28", "2026-07-28": "2026-07-28", "legacy": "2025-11-25"}


def connect(env, errors, mode="auto", args=()):
    server = StdioServerParameters(command=BINARY, args=list(args), env=env)
    return mcp.Client(stdio_client(server, errlog=errors), mode=mode, read_timeout_seconds=30)


@contextlib.asynccontextmanager
async def connect_http(url, headers, mode="auto"):
    async with create_mcp_http_client(headers=headers) as web:
        async with mcp.Client(streamable_http_client(url, http_client=web), mode=mode, read_timeout_seconds=30) as client:
            yield client


def text_of(result):
    return "\n".join(block.text for block in result.content if block.type == "text")


class Session:
    """One connection and what is checked over it, whatever is served."""

    promised = []

    def __init__(self, checks, client, sandbox):
        self.checks, self.client, self.sandbox = checks, client, sandbox
        self.tools = {}

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
        missing = [name for name in self.promised if name not in names]
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
