"""What stands outside a workspace in tests: a listener that counts who comes, and a server that keeps what it is sent."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Listener:
    """Counts connections, and answers none."""

    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        self.count = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            connection.close()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self._thread.join()


class Receiver:
    """An HTTP server that keeps every request, and answers as `answers` say: status, headers and content, one by one."""

    def __init__(self, host="127.0.0.1", port=0, trust=None):
        receiver = self
        self.requests = []
        self.answers = []
        self.otherwise = (204, {}, b"")

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), content))
                answer = receiver.answers.pop(0) if receiver.answers else receiver.otherwise
                status, headers, told = answer(self.path, content) if callable(answer) else answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(told)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((host, port), Handler)
        if trust is not None:
            self.server.socket = trust.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def bodies(self):
        return [json.loads(content) for _, _, content in self.requests]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()
