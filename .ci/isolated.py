"""Runs a command as on a machine with a Rust toolchain only: `isolated.py COMMAND…`.

The loopback address is the only network, and the interpreters and servers that tests may be tempted to use end with an
error. Where the system does not allow a network of one's own, the command runs with the machine's, and that is said.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile

FORBIDDEN = ["node", "npm", "npx", "python", "python3", "pip", "pip3", "redis-server", "redis-cli", "curl"]
SIOCSIFFLAGS, UP = 0x8914, 0x1


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP))


def own_network():
    """The prefix of a command that gets a network of its own."""
    for prefix in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        try:
            probe = subprocess.run([*prefix, sys.executable, __file__, "--inside", "true"], capture_output=True)
        except FileNotFoundError:
            return None
        if probe.returncode == 0:
            return prefix
    return None


def outside(command):
    prefix = own_network()
    if prefix is None:
        print("this system gives no network of one's own: the command runs with the machine's", flush=True)
        prefix, inside = [], "--plain"
    else:
        print("without network but loopback, and without: " + " ".join(FORBIDDEN), flush=True)
        inside = "--inside"
    with tempfile.TemporaryDirectory() as folder:
        for name in FORBIDDEN:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as script:
                script.write(f"#!/bin/sh\necho 'this must work without {name}' >&2\nexit 97\n")
            os.chmod(path, 0o755)
        env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "CARGO_NET_OFFLINE": "true"}
        return subprocess.run([*prefix, sys.executable, __file__, inside, *command], env=env).returncode


if sys.argv[1] in ("--inside", "--plain"):
    if sys.argv[1] == "--inside":
        loopback_up()
    os.execvp(sys.argv[2], sys.argv[2:])
sys.exit(outside(sys.argv[1:]))
