"""Whether a process still lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from humiao.log import liveness

pytestmark = pytest.mark.skipif(not Path("/proc/self/ns").is_dir(), reason="no /proc: the lease alone decides")
PRINT = "from humiao.log import liveness; print(liveness.mark(), flush=True); input()"


def test_this_process_is_not_gone():
    assert not liveness.is_gone(liveness.mark())


def test_ended_process_is_gone_reaped_or_not():
    with subprocess.Popen([sys.executable, "-c", PRINT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        mark = child.stdout.readline().strip()
        assert not liveness.is_gone(mark)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert liveness.is_gone(mark)
    assert liveness.is_gone(mark)


def test_number_used_again_is_another_process():
    place, pid, start = liveness.mark().rsplit("/", 2)
    assert liveness.is_gone(f"{place}/{pid}/{int(start) - 1}")


@pytest.mark.parametrize("mark", ["other-boot/pid:[1]/1/1", "?/?/1/?"])
def test_process_elsewhere_is_left_to_its_lease(mark):
    assert not liveness.is_gone(mark)
