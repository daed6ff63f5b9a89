"""Orthanc as Debian packages it, fed by HTTP POST from keep-alive connections."""

import http.client
import json
import queue
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import server
from measure import Contender, Run, timed

PLUGINS = Path("/usr/share/orthanc/plugins")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Orthanc:
    """One server with its own storage; `database` puts index and pixels into PostgreSQL."""

    def __init__(self, folder, database=None):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = free_port()
        settings = {
            "Name": "bench", "StorageDirectory": str(folder), "IndexDirectory": str(folder), "HttpPort": self.port,
            "DicomServerEnabled": False, "AuthenticationEnabled": False, "RemoteAccessAllowed": False,
            "OverwriteInstances": False, "Plugins": [], "StorageCompression": False}
        if database:
            settings["Plugins"] = [
                str(PLUGINS / "libOrthancPostgreSQLIndex.so"), str(PLUGINS / "libOrthancPostgreSQLStorage.so")]
            # One connection: with more, serialisable transactions replay each other, and it is slower.
            settings["PostgreSQL"] = {
                "EnableIndex": True, "EnableStorage": True, "Host": server.socket_folder(), "Port": 5432,
                "Database": database, "Username": "slicehouse", "Password": "", "Lock": False, "EnableSsl": False,
                "IndexConnectionsCount": 1}
        configuration = folder / "orthanc.json"
        configuration.write_text(json.dumps(settings))
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(["/usr/sbin/Orthanc", str(configuration)], stdout=log, stderr=log)
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                return self.get("/system")
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit("Orthanc did not start:\n" + (self.folder / "log").read_text()[-2000:])

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())

    def upload(self, files, clients):
        waiting = queue.SimpleQueue()
        for file in files:
            waiting.put(file)
        threads = [threading.Thread(target=self.post_all, args=(waiting,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def post_all(self, waiting):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                file = waiting.get_nowait()
            except queue.Empty:
                return
            connection.request("POST", "/instances", body=file.read_bytes(),
                               headers={"Content-Type": "application/dicom", "Expect": ""})
            # A file that is no DICOM image gets 400, as it should.
            connection.getresponse().read()

    def peak_bytes(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def contender(corpus, folder, count, clients, in_postgresql):
    state = {}

    def prepare():
        state["database"] = server.create() if in_postgresql else None
        state["orthanc"] = Orthanc(folder, state["database"])

    def act():
        run = timed(lambda: state["orthanc"].upload(corpus.files, clients))
        return Run(run.seconds, run.cpu_seconds, state["orthanc"].peak_bytes())

    def check():
        # Objects without pixels count too.
        stored = state["orthanc"].get("/statistics")["CountInstances"]
        assert stored >= count, f"Orthanc holds {stored} instances instead of {count}"

    def clean():
        state["orthanc"].stop()
        if in_postgresql:
            server.drop(state["database"])

    where = "index and pixels in PostgreSQL" if in_postgresql else "files + SQLite index"
    return Contender(
        f"Orthanc, {where}, {clients} HTTP client{'s' if clients > 1 else ''}",
        f"POST /instances, {clients} keep-alive connection{'s' if clients > 1 else ''}", act, prepare, check, clean)
