"""Python SDK clients of three servers behind a load balancer with one Redis server, while servers go and come back:
`replicas.py`, the binary in TICKETING_MCP, the Redis server in TICKETING_TEST_REDIS."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile

import anyio

from balancing import Balancer
from checks import Checks, Sandbox
from python_client import CUSTOMER
from sdk import MODES, connect_http
from serving import KEY, Http, waited


class Redis:
    """A Redis server of our own, until the end of the block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [os.environ["TICKETING_TEST_REDIS"], "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--save", "", "--appendonly", "yes", "--dir", self.folder.name]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if not waited(self.listens):
            raise RuntimeError("the Redis server does not listen")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Person:
    """Somebody with a client, who lists, reads and writes, and does again what was cut."""

    def __init__(self, mode, balancer):
        self.mode, self.balancer = mode, balancer
        self.done = {"list": 0, "read": 0, "write": 0}
        self.cut = {"list": 0, "read": 0, "write": 0}
        self.wrong = []
        self.stopped = False
        self.turn = 0

    async def work(self):
        """Until stopped, on a new connection after each that broke."""
        while not self.stopped:
            kind = None
            try:
                async with connect_http(self.balancer.url(), {"X-API-Key": KEY}, self.mode) as client:
                    if client.protocol_version != MODES[self.mode]:
                        self.wrong.append(client.protocol_version)
                    while not self.stopped:
                        kind = ("list", "read", "write", "read")[self.turn % 4]
                        await self.once(client, kind)
                        self.done[kind] += 1
                        self.turn += 1
                        kind = None
                        await anyio.sleep(0.002)
            except Exception:
                self.cut[kind or "list"] += 1

    async def once(self, client, kind):
        if kind == "list":
            if len((await client.list_tools()).tools) < 10:
                self.wrong.append("too few tools")
            return
        name, arguments = "get_ticket", {"ticket_number": "709383"}
        if kind == "write":
            subject = f"{self.mode} {self.turn}"
            name = "create_ticket"
            arguments = {"originator_email_address": CUSTOMER, "is_public": True, "subject": subject, "content": "<p>c</p>"}
        result = await client.call_tool(name, arguments)
        if result.is_error:
            self.wrong.append(f"{name}: {result.content}")


async def meanwhile(checks, servers, balancer, people):
    """Each server is told to end, and killed, and comes back, one after the other."""

    async def everybody():
        """Until each server has answered and each person has written since."""
        answered, written = list(balancer.answered), [person.done["write"] for person in people]

        def all_of_them():
            servers = zip(answered, balancer.answered)
            writers = zip(written, (person.done["write"] for person in people))
            return all(before < now for before, now in [*servers, *writers])

        return await anyio.to_thread.run_sync(waited, all_of_them, 30.0)

    checks.that(await everybody(), "every server answers and every client writes")
    for number, server in enumerate(servers, 1):
        server.process.send_signal(signal.SIGTERM)
        checks.equal(await anyio.to_thread.run_sync(server.ended), 0, f"server {number} ends when it is told to")
        await anyio.to_thread.run_sync(server.start)
        checks.that(await everybody(), f"server {number} is back, and everybody goes on")
    checks.equal(balancer.cut, 0, "no request was lost by servers that were told to end")
    checks.equal(sum(sum(person.cut.values()) for person in people), 0, "and no client noticed")
    for number, server in enumerate(servers, 1):
        await anyio.to_thread.run_sync(server.kill)
        await anyio.sleep(0.2)
        await anyio.to_thread.run_sync(server.start)
        checks.that(await everybody(), f"server {number} was killed and is back, and everybody goes on")


async def main():
    checks = Checks("python replicas")
    with Redis() as redis, Sandbox() as sandbox:
        env = {**sandbox.env(), "TICKETING_MCP_STORE": f"redis://127.0.0.1:{redis.port}"}
        try:
            with Http(env) as one, Http(env) as two, Http(env) as three, Balancer([one, two, three]) as balancer:
                people = [Person(mode, balancer) for mode in MODES]
                async with anyio.create_task_group() as group:
                    for person in people:
                        group.start_soon(person.work)
                    try:
                        await meanwhile(checks, [one, two, three], balancer, people)
                    finally:
                        for person in people:
                            person.stopped = True
                log = one.log() + two.log() + three.log()
            made = sum(entry["executed"] for entry in sandbox.entries("tickets.create"))
            wanted = sum(person.done["write"] for person in people)
            checks.equal([person.wrong for person in people], [[], [], []], "no answer was wrong")
            noticed = sum(sum(person.cut.values()) for person in people)
            checks.that(noticed <= balancer.cut, "clients notice the requests of killed servers alone", (noticed, balancer.cut))
            checks.that(wanted <= made <= wanted + noticed, "each ticket was made", (made, wanted))
            checks.equal(made, wanted, "each ticket was made once, also those whose server was killed meanwhile")
            checks.that("panicked" not in log, "no server panicked", log[-600:])
            for person in people:
                print(f"        {person.mode}: done {person.done}, cut {person.cut}")
            print(f"        answered by each server: {balancer.answered}, cut by kills: {balancer.cut}")
        except BaseException as error:
            checks.died("the session", error)
    checks.finish()


asyncio.run(main())
