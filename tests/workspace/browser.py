"""A Chromium that a test drives by the DevTools protocol over two pipes: no driver of its own, no websocket."""

import base64
import json
import os
import subprocess
import tempfile
import time
from importlib.resources import files
from pathlib import Path

AXE_RUN = """(async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const first = (nodes) => `${nodes.length} x ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`;
  return { said: found.violations.map((one) => `${one.id}: ${first(one.nodes)}`), passes: found.passes.length };
})()"""


class Browser:
    """One window. `faults` holds what the console said of errors, and what the network could not load."""

    def __init__(self, path):
        self.faults: list[str] = []
        self._count = 0
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        told, tell = os.pipe()
        hear, heard = os.pipe()
        switches = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}", "about:blank",
        ]  # fmt: skip
        command = f'exec "$0" "$@" 3<&{told} 4>&{heard}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, path, *switches],
            pass_fds=(told, heard),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        os.close(heard)
        self._tell, self._hear = tell, os.fdopen(hear, "rb", buffering=0)
        self._rest = b""
        self._session = ""
        target = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **given):
        """One command of the protocol, and what it answers."""
        self._count += 1
        wanted = {"id": self._count, "method": method, "params": given}
        if self._session:
            wanted["sessionId"] = self._session
        os.write(self._tell, json.dumps(wanted).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._count:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _next(self):
        while b"\0" not in self._rest:
            more = self._hear.read(1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        one, _, self._rest = self._rest.partition(b"\0")
        return json.loads(one)

    def _note(self, message):
        given = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.faults.append(json.dumps(given["exceptionDetails"])[:600])
            case "Runtime.consoleAPICalled" if given["type"] in {"error", "warning", "assert"}:
                self.faults.append(json.dumps(given["args"])[:600])
            case "Log.entryAdded" if given["entry"]["level"] == "error":
                self.faults.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
            case _:
                pass

    def run(self, script):
        """What an expression of JavaScript yields; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, script, *, within_s=180.0):
        """What an expression yields once that is true."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.05)
        raise AssertionError(f"never so: {script}\n{self.run('document.body.innerText')[:3000]}\n{self.faults}")

    def open(self, address):
        """Load a page."""
        self.ask("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && document.querySelector('h1') !== null")

    def sized(self, width, height=900, *, dark=False):
        """A window so wide, light or dark."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def key(self, key, *, modifiers=0):
        """Press a key: a sign, or a name such as `Enter`."""
        known = {
            "Enter": ("\r", 13),
            "Tab": ("", 9),
            "Escape": ("", 27),
            "ArrowDown": ("", 40),
            "k": ("k", 75),
            "a": ("a", 65),
            " ": (" ", 32),
        }
        said, code = known[key]
        down = {
            "key": key,
            "code": f"Key{key.upper()}" if len(key) == 1 and key.isalpha() else key,
            "windowsVirtualKeyCode": code,
            "modifiers": modifiers,
        }
        self.ask("Input.dispatchKeyEvent", type="keyDown", **down, **({"text": said} if said and not modifiers else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **down)

    def write(self, text):
        """Type a text where the focus is, in place of what is there."""
        self.run("document.activeElement.select?.()")
        self.ask("Input.insertText", text=text)

    def picture(self, path, *, whole=True):
        """A picture of the page."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def violations(self):
        """What axe says of the page, and how many rules it passed."""
        if not self.run("typeof axe === 'object'"):
            self.run(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.run(AXE_RUN)
        assert found["passes"] > 10
        return found["said"]

    def close(self):
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._tell)
        self._hear.close()
        self._profile.cleanup()
