"""The container's build steps and its image, as far as they can be tried without an engine; and the systemd unit.

Reads `Dockerfile` and `.dockerignore`, carries the build steps out in a copy of what the build would be given (without
optimisation, which is the one difference), and runs the binary as an engine would: in a root folder that holds what the
last stage copies and cannot be written, as its user, with its settings, as the first process. There it answers MCP calls
to simulated back ends that it finds by name: one over https, whose certificate the image's trust store must know.
"""

import contextlib
import datetime
import functools
import ipaddress
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / ".ci" / "clients"))

from checks import BINARY, Checks, Sandbox  # noqa: E402
from serving import KEY, Answer, message, waited  # noqa: E402

import http.client  # noqa: E402

NOT_WALKED = {".git", "target", "node_modules", "venv", "__pycache__"}
# Laid beside the sources, to see that the build is not given them.
DECOYS = [
    ".env", ".git/config", ".cargo/credentials.toml", "state/activity/queue", "target/debug/ticketing-mcp", "mcp-server/target/debug/x", "mcp-server/.env.local",
    "sandbox/id.pem", "examples/private.key", "deploy/tokens.toml", "node_modules/x/index.js", "api-core/tests/it/main.rs",
]
# What the compiler is told beside, so that the whole program need not be optimised once more.
UNOPTIMISED = "-C lto=thin -C opt-level=0 -C codegen-units=16"
# Every container has these (OCI runtime specification, "Default Devices").
DEVICES = ["null", "zero", "full", "random", "urandom"]
HELPDESK, ADMON = "helpdesk.internal", "admon.internal"


def stages(text):
    """The instructions of each stage: name and arguments, lines put together, comments left out."""
    found = []
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if name:
            found[-1].append((name, rest.strip()))
    return found


def only(stage, name):
    (value,) = [rest for instruction, rest in stage if instruction == name]
    return value


def flags_and_words(rest):
    """Flags of an instruction (`--from=build`) by name, and what follows them."""
    flags = {}
    while match := re.match(r"--([a-z]+)=(\S+)\s+", rest):
        flags[match[1]] = match[2]
        rest = rest[match.end():]
    return flags, rest


class Ignored:
    """What `.dockerignore` keeps from the build: the last pattern that names a path or a folder above it decides."""

    def __init__(self, text):
        lines = [line.strip() for line in text.splitlines()]
        self.patterns = [(line.startswith("!"), expression(line.lstrip("!"))) for line in lines if line and not line.startswith("#")]

    def __call__(self, path):
        parts = path.split("/")
        above = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        ignored = False
        for kept, pattern in self.patterns:
            if any(pattern.fullmatch(name) for name in above):
                ignored = not kept
        return ignored


def expression(pattern):
    tokens = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    return re.compile("".join(tokens.get(part, re.escape(part)) for part in parts))


def context(checks, folder):
    """A copy of what the build is given."""
    ignored = Ignored((PROJECT / ".dockerignore").read_text())
    for where, folders, files in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in NOT_WALKED]
        for name in files:
            path = Path(where, name).relative_to(PROJECT)
            if not ignored(path.as_posix()):
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / path, target)
    given = [decoy for decoy in DECOYS if not ignored(decoy)]
    checks.equal(given, [], "what was built here, and what may be secret, is kept from the build")
    for path in ("Cargo.lock", ".cargo/config.toml", "mcp-server/src/main.rs", "sandbox/data/tickiti-endpoints.json"):
        checks.that((folder / path).is_file(), f"the build is given {path}")


def build(checks, stage, source, outside):
    """Carries out what the stage does. `/image`, where it leaves its results, is a folder of ours."""
    arguments = {}
    for name, rest in stage:
        flags, rest = flags_and_words(rest)
        if name == "ARG":
            arguments.update([rest.split("=", 1)])
        elif name == "FROM":
            wanted = re.search(r'rust-version = "([\d.]+)"', (source / "Cargo.toml").read_text())[1]
            checks.that(rest.startswith(f"rust:{wanted}-"), f"the image that builds has Rust {wanted}", rest)
        elif name == "COPY":
            for path in rest.split()[:-1]:
                checks.that((source / path).exists(), f"there is {path} to copy")
        elif name == "RUN":
            command = rest.replace("/image", str(outside)).replace("target/release/", f"{outside}/target/release/")
            command = re.sub(r"( -- .*?)(?= &&|$)", rf"\1 {UNOPTIMISED}", command)
            code = run_over_the_sources(command, source, outside, arguments)
            checks.equal(code, 0, f"runs: {rest}")
        else:
            checks.equal(name, "WORKDIR", "the stage does nothing that is not tried here")


def run_over_the_sources(command, source, outside, arguments):
    """The exit code of a command that finds the copy where the sources are: what other builds of this checkout have
    compiled is then used again, as far as the copy has all that it was compiled from."""
    build = PROJECT / "target"
    env = {**os.environ, **arguments, "CARGO_NET_OFFLINE": "true", "CARGO_TARGET_DIR": str(outside / "target")}
    env["CARGO_BUILD_BUILD_DIR"] = str(build)
    prefix, where = [], source
    if own_namespaces():
        kept = outside / "kept"
        for folder in (build, kept, source / "target"):
            folder.mkdir(parents=True, exist_ok=True)
        binds = [(build, kept), (source, PROJECT), (kept, build)]
        mounts = [f"mount --bind {shlex.quote(str(one))} {shlex.quote(str(other))}" for one, other in binds]
        prefix, where = [*own_namespaces(), "sh", "-ec", "; ".join([*mounts, 'cd "$PWD"', 'exec "$@"']), "sh"], PROJECT
    return subprocess.run([*prefix, "sh", "-ec", command], cwd=where, env=env, stdin=subprocess.DEVNULL).returncode


def assemble(checks, stage, root, outside):
    """The root folder of the image."""
    for name, rest in stage:
        if name != "COPY":
            continue
        flags, words = flags_and_words(rest)
        checks.equal(flags.get("from"), "build", f"comes from the build: {words}")
        source, target = words.split()
        inside = source.startswith("/image/")
        source = outside / source.removeprefix("/image/") if inside else Path(source)
        target = root / target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not checks.that(source.exists(), f"there is {words.split()[0]} to copy"):
            continue
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
        user, _, group = flags.get("chown", "0:0").partition(":")
        if os.geteuid() == 0:
            os.chown(target, int(user), int(group))


def is_static(binary):
    """No program header asks for a loader."""
    head = binary.read_bytes()[:4096]
    (offset,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    kinds = [struct.unpack_from("<I", head, offset + size * turn)[0] for turn in range(count)]
    loader = 3
    return head[:4] == b"\x7fELF" and loader not in kinds


class Image:
    """The last stage as an engine runs it."""

    def __init__(self, stage, root, folder):
        self.root, self.folder = root, folder
        self.user = only(stage, "USER")
        self.settings = dict(word.split("=", 1) for word in shlex.split(only(stage, "ENV")))
        self.entry = json.loads(only(stage, "ENTRYPOINT"))
        self.default = json.loads(only(stage, "CMD"))
        self.health = json.loads(only(stage, "HEALTHCHECK").split("CMD ", 1)[1])
        self.volume = only(stage, "VOLUME")
        self.port = int(only(stage, "EXPOSE"))

    def mount(self):
        """What an engine adds to an image: its own files, the volume, and a root that cannot be written."""
        (self.root / "proc").mkdir()
        (self.root / "dev").mkdir()
        for name in DEVICES:
            (self.root / "dev" / name).touch()
        (self.root / "etc" / "hosts").write_text(f"127.0.0.1 localhost {ADMON}\n")
        (self.root / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        state = self.folder / "state"
        state.mkdir()
        owner = (self.root / self.volume.strip("/")).stat()
        os.chown(state, owner.st_uid, owner.st_gid)
        root = str(self.root)
        mount("--bind", root, root)
        mount("-o", "remount,bind,ro", root)
        mount("--bind", str(state), root + self.volume)
        for name in DEVICES:
            mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")

    def command(self, arguments):
        into = ["chroot", f"--userspec={self.user}", "--groups=", str(self.root)]
        own = ["unshare", "--pid", "--fork", f"--mount-proc={self.root}/proc"]
        return [*own, "env", "-i", *into, *arguments]

    def run(self, *arguments, **env):
        command = self.command(arguments)
        settings = [f"{name}={value}" for name, value in {**self.settings, **env}.items()]
        at = command.index("-i") + 1
        command = [*command[:at], "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *settings, *command[at:]]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def output(self, *arguments, **env):
        process = self.run(*arguments, **env)
        try:
            text, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            stop(process)
            text, _ = process.communicate()
            return "still running", text
        return process.returncode, text

    @contextlib.contextmanager
    def serving(self, **env):
        """The container's own command, until the end of the block."""
        process = self.run(*self.entry, *self.default, **env)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
        reader.start()
        try:
            if not waited(lambda: process.poll() is not None or any("serving at" in line for line in lines), 20):
                raise RuntimeError(f"it does not serve: {''.join(lines)}")
            yield Serving(self, process, lines, env)
        except Exception:
            print("".join(lines), flush=True)
            raise
        finally:
            stop(process)
            reader.join(5)


def first_process(process):
    """The first process of a container: the one that its starter has begun."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return int(children.split()[0])


def stop(process):
    if process.poll() is None:
        with contextlib.suppress(IndexError, ProcessLookupError):
            os.kill(first_process(process), signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


class Serving:
    def __init__(self, image, process, lines, env):
        self.image, self.process, self.lines, self.env = image, process, lines, env

    def ask(self, method, params=None, era="modern"):
        return self.request("POST", "/mcp", *message(method, params, era))

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.image.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def name_server():
    """Every name below `.internal` has the loopback address, no other name exists. On the usual port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    asked = []

    def answer():
        while True:
            query, client = server.recvfrom(512)
            end = 12
            labels = []
            while query[end]:
                labels.append(query[end + 1 : end + 1 + query[end]].decode())
                end += 1 + query[end]
            name, question = ".".join(labels), query[12 : end + 5]
            (kind,) = struct.unpack(">H", query[end + 1 : end + 3])
            asked.append(name)
            known = name.endswith(".internal")
            record = b"\xc0\x0c" + struct.pack(">HHIH4s", 1, 1, 60, 4, ipaddress.ip_address("127.0.0.1").packed)
            records = [record] if known and kind == 1 else []
            code = 0x8180 if known else 0x8183
            server.sendto(query[:2] + struct.pack(">HHHHH", code, 1, len(records), 0, 0) + question + b"".join(records), client)

    threading.Thread(target=answer, daemon=True).start()
    return asked


def certificates(folder):
    """A certificate for the helpdesk's name, and the file of the authority that signed it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.timezone.utc)

    def sign(subject, public, issuer, key, *extensions):
        name = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in (subject, issuer)]
        made = x509.CertificateBuilder().subject_name(name[0]).issuer_name(name[1]).public_key(public)
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
        for extension in extensions:
            made = made.add_extension(extension, critical=False)
        return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = sign("test authority", authority.public_key(), "test authority", authority, x509.BasicConstraints(ca=True, path_length=None))
    leaf = sign(HELPDESK, key.public_key(), "test authority", authority, x509.SubjectAlternativeName([x509.DNSName(HELPDESK)]))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(ca)
    (folder / "leaf.pem").write_bytes(leaf + private)
    return folder / "ca.pem", folder / "leaf.pem"


def https_before(port, leaf):
    """A port that speaks TLS and hands everything on to a plain one."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(leaf)
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def serve(raw):
        with contextlib.suppress(OSError):
            client = tls.wrap_socket(raw, server_side=True)
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            pump(client, server)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def port_of(base):
    return int(base.rsplit(":", 1)[1].rstrip("/"))


def commands(checks, image):
    """What needs no back end."""
    code, text = image.output(*image.entry, *image.default, TICKITI_API_BASE="https://x.internal", TICKITI_API_TOKEN="t")
    checks.equal(code, 1, "without a key the container ends with 1")
    checks.contains(text, ["MCP_API_KEY"], "and says that a key is wanted")
    code, text = image.output(*image.entry, "tools")
    checks.equal(code, 0, "another command runs in its place")
    code, text = image.output(*image.health)
    checks.equal(code, 1, "the health check fails while nothing serves")
    mount("-t", "tmpfs", "-o", "mode=1777", "none", str(image.root / "tmp"))
    code, text = image.output(*image.entry, "demo")
    checks.that(code == 0, "the demo runs, with a folder for temporary files", f"{code}: {text[-500:]}")


def call(served, module, tool, arguments, era):
    return served.ask("tools/call", {"name": f"{module}_{tool}", "arguments": arguments}, era)


def served(checks, image, sandbox):
    asked = name_server()
    ca, leaf = certificates(image.folder)
    env = {
        "MCP_API_KEY": KEY,
        "TICKITI_API_BASE": f"https://{HELPDESK}:{https_before(port_of(sandbox.base), leaf)}",
        "TICKITI_API_TOKEN": "sandbox-admin",
        "BACKEND_URL": f"http://{ADMON}:{port_of(sandbox.envia.base)}",
        "BACKEND_BOT_AI_TOKEN": sandbox.bot,
        "BACKEND_ALLOW_HTTP": "1",
    }
    with image.serving(**env) as server:
        refused = call(server, "tickiti", "list_queues", {}, "modern")
        checks.contains(refused.body, ["certificate"], "a back end is refused whose certificate the image's trust store does not know")
        checks.that(HELPDESK in asked, "its name was looked up at the name server")
    # As an engine mounts a file: the image's own certificates, and one more.
    store = image.root / "etc/ssl/certs/ca-certificates.crt"
    more = image.folder / "more.crt"
    more.write_bytes(store.read_bytes() + ca.read_bytes())
    checks.that(store.stat().st_size > 100_000, "the image has the usual certificates")
    mount("--bind", str(more), str(store))
    with image.serving(**env) as server:
        pid = first_process(server.process)
        owner = re.search(r"^Uid:\s+(\d+)\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
        checks.equal(set(owner.groups()), {image.user.split(":")[0]}, "the process is the image's user")
        checks.equal(image.output(*image.health), (0, "ok\n"), "the health check passes")
        checks.equal(server.request("GET", "/readyz").status, 200, "both back ends are reached")
        for era in ("legacy", "modern"):
            queues = call(server, "tickiti", "list_queues", {}, era)
            checks.equal(queues.result.get("isError"), False, f"{era}: a call over https, by the trust store")
            ticket = call(server, "envia", "get_ticket", {"ticket_id": 58201}, era)
            checks.equal(ticket.result.get("isError"), False, f"{era}: a call to a name of /etc/hosts")
        kept = list((image.folder / "state").rglob("*"))
        checks.that(kept and all(path.stat().st_uid == int(image.user.split(":")[0]) for path in kept), "records are kept in the volume", kept)
        os.kill(pid, signal.SIGTERM)
        checks.equal(server.process.wait(20), 0, "SIGTERM ends it as the first process, with 0")
    log = "".join(server.lines)
    checks.equal([secret for secret in (KEY, "sandbox-admin", sandbox.bot) if secret in log], [], "no secret is in the log")


def inside(root_of):
    """The part that needs namespaces of its own."""
    folder = Path(root_of)
    checks = Checks("container")
    final = stages((PROJECT / "Dockerfile").read_text())[-1]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    image = Image(final, folder / "root", folder)
    image.mount()
    for part in (lambda: commands(checks, image), lambda: run_served(checks, image)):
        try:
            part()
        except Exception as error:
            checks.died("the image", error)
    checks.finish()


def run_served(checks, image):
    with Sandbox() as sandbox:
        served(checks, image, sandbox)


def unit(checks, folder):
    """The unit as systemd reads it, and the example of a configuration as the server reads it."""
    text = (PROJECT / "deploy" / "ticketing-mcp.service").read_text()
    stops, config = (re.search(pattern, text)[1] for pattern in (r"TimeoutStopSec=(\d+)", r"--config (\S+)"))
    checks.that(int(stops) > 35, "the unit waits for calls under way and for records", stops)
    example = (PROJECT / "deploy" / "config.toml").read_text()
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in re.findall(r'"/run/credentials/ticketing-mcp\.service/secret_(\w+)"', example):
        (secrets / name).write_text("token")
    example = example.replace("/run/credentials/ticketing-mcp.service/secret_", f"{secrets}/").replace('"127.0.0.1:9100"', '"127.0.0.1:0"')
    (folder / "config.toml").write_text(example.replace("port = 3100", "port = 0"))
    command = [BINARY, *re.search(r"ExecStart=\S+ (.*)", text)[1].replace(config, f"{folder}/config.toml").split()]
    env = {"TICKETING_MCP_STATE": str(folder / "records")}
    server = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in server.stderr:
        lines.append(line)
        if "serving at" in line:
            server.terminate()
    checks.that(server.wait() == 0 and any("serving at" in line for line in lines), "the unit's command serves the example", "".join(lines))
    if not shutil.which("systemd-analyze"):
        print("without systemd-analyze the unit is not read", flush=True)
        return
    placed = folder / "ticketing-mcp.service"
    placed.write_text(text.replace("/usr/local/bin/ticketing-mcp", str(Path(BINARY).resolve())))
    read = subprocess.run(["systemd-analyze", "verify", "--man=no", placed], capture_output=True, text=True)
    checks.equal((read.returncode, read.stderr), (0, ""), "systemd finds nothing wrong with the unit")
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", placed], capture_output=True, text=True).stdout
    exposure = re.search(r"exposure level.*?: ([\d.]+)", told)
    checks.that(exposure and float(exposure[1]) < 2, f"and its exposure is low: {exposure and exposure[1]}", told[-400:])


@functools.cache
def own_namespaces():
    """The prefix of a command that may mount, and has a network of its own; `None` where the system gives none."""
    if os.geteuid() != 0:
        return None
    prefix = ["unshare", "--mount", "--net"]
    try:
        probe = subprocess.run([*prefix, "ip", "link", "set", "lo", "up"], capture_output=True)
    except FileNotFoundError:
        return None
    return prefix if probe.returncode == 0 else None


def main():
    checks = Checks("container")
    building, final = stages((PROJECT / "Dockerfile").read_text())
    checks.equal(only(final, "FROM"), "scratch", "the image begins empty")
    checks.that(re.fullmatch(r"[1-9]\d*:[1-9]\d*", only(final, "USER")), "its user is a number, and not root")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, outside, root = folder / "src", folder / "image", folder / "root"
        root.mkdir()
        os.chmod(folder, 0o755)
        unit(checks, folder)
        context(checks, source)
        build(checks, building, source, outside)
        assemble(checks, final, root, outside)
        if checks.failed:
            checks.finish()
        checks.that(is_static(root / "ticketing-mcp"), "the binary is static")
        checks.that(not is_static(Path(sys.executable).resolve()), "which the interpreter of this script is not")
        prefix = own_namespaces()
        if prefix is None:
            print("this system gives no namespaces of one's own: the image is not run", flush=True)
            checks.finish()
        ended = subprocess.run([*prefix, sys.executable, __file__, "--inside", name])
        checks.equal(ended.returncode, 0, "the image runs as it should")
    checks.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2])
    main()
