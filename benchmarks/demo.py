"""What a demo run takes: time to the first alert, time to the end, peak memory of each process.

    python benchmarks/demo.py [--quick]

Prints a table, then one JSON object. There is one size only; `--quick` is accepted like everywhere.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil


def peaks_of(process: psutil.Process, peaks: dict[str, int]) -> None:
    """Note the resident memory in bytes of the process and its children where it is the highest seen."""
    for one in [process, *process.children(recursive=True)]:
        try:
            words = one.cmdline()
            name = words[words.index("humiao") + 1] if "humiao" in words else "other"
            peaks[name] = max(peaks.get(name, 0), one.memory_info().rss)
        except (psutil.NoSuchProcess, ValueError, IndexError):
            continue


def main() -> None:
    """Run the demo once and watch it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.parse_args()
    peaks: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "humiao", "demo", "--once", "--port", "0", "--data", str(Path(folder) / "data")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peaks_of(watched, peaks)
            time.sleep(0.2)
        output = process.stdout.read() if process.stdout else ""
    print(output)
    found = re.search(r"first alert after (\d+) s, everything settled after (\d+) s", output)
    result = {
        "exit_code": process.returncode,
        "first_alert_s": int(found.group(1)) if found else None,
        "settled_s": int(found.group(2)) if found else None,
        "peak_rss_mib": {name: round(value / 2**20) for name, value in sorted(peaks.items())},
    }
    for name, mib in result["peak_rss_mib"].items():
        print(f"{name:10} {mib:6} MiB")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
