"""Child processes: started again when they fall, stopped together in time."""

import os
import signal
import time

from humiao.supervisor import Child, Supervisor


def test_fallen_child_is_started_again_and_all_stop_in_time(tmp_path):
    environment = {"HUMIAO_DATA": str(tmp_path), "HUMIAO_ALERT__METRICS_PORT": "0"}
    child = Child("alert", ["alert"], environment, tmp_path / "alert.log")
    supervisor = Supervisor([child])
    supervisor.start()
    assert child.first_line.wait(30), (tmp_path / "alert.log").read_text()
    assert child.line.startswith("metrics http://127.0.0.1:")
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while child.process.pid == first or child.fallen():
        assert time.monotonic() < deadline
        supervisor.watch()
        time.sleep(0.05)
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    assert child.fallen()
