"""A load balancer for scripts: each request goes to the next server, and to another one where the connection was refused."""

import http.client
import http.server
import itertools
import threading

# What says how one connection is used, and is not handed on.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Balancer(http.server.ThreadingHTTPServer):
    """In front of the servers of `serving.Http`, until the end of the block."""

    daemon_threads = True

    def __init__(self, servers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.servers = servers
        self.turns = itertools.count()
        self.lock = threading.Lock()
        self.answered = [0] * len(servers)
        self.cut = 0

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def url(self, path="/mcp"):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def forward(self, method, path, body, headers):
        """Status, headers and body; None when the server went away while it had the request."""
        for _ in self.servers:
            with self.lock:
                index = next(self.turns) % len(self.servers)
            connection = http.client.HTTPConnection("127.0.0.1", self.servers[index].port, timeout=30)
            try:
                connection.connect()
            except ConnectionRefusedError:
                continue
            try:
                connection.request(method, path, body, {**headers, "Connection": "close"})
                response = connection.getresponse()
                answer = response.status, response.getheaders(), response.read()
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.cut += 1
                return None
            finally:
                connection.close()
            with self.lock:
                self.answered[index] += 1
            return answer
        return 503, [], b""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Heads and bodies are written apart, and the second would wait for the client's acknowledgement.
    disable_nagle_algorithm = True

    def hand_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        status, headers, body = self.server.forward(self.command, self.path, body, headers) or (502, [], b"")
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = hand_on

    def log_message(self, *_):
        pass
