"""generate_many on executors of other machines: a real Dask cluster of two processes, one of which is killed; loky."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

DASK = """
import os, signal
from distributed import Client, LocalCluster
from cngcore.bulk import generate_many

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
        assert len(set(pids)) == 2 and os.getpid() not in pids
        with client.get_executor(retries=3) as executor:
            found = []
            for made in generate_many("ECDSA_P256", {count}, length=256, executor=executor, workers=2):
                found.append(made)
                if len(found) == {count} // 2:
                    os.kill(pids[0], signal.SIGKILL)
        left = set(client.run(os.getpid).values())
    assert pids[0] not in left, "it was not killed"
    assert sorted(made.index for made in found) == list(range({count}))
    assert not [made for made in found if made.error]
    assert len({{made.private for made in found}}) == {count}
    print("all", len(found))
"""


def run_script(tmp_path, source):
    script = tmp_path / "script.py"
    script.write_text(source)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.exhaustive
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_dask_cluster_of_which_one_worker_is_killed_halfway(tmp_path):
    pytest.importorskip("distributed", reason="pip install -r requirements-exhaustive.txt")
    count = 6_000
    assert run_script(tmp_path, DASK.format(count=count)) == f"all {count}"


@pytest.mark.exhaustive
def test_the_example_runs():
    pytest.importorskip("distributed", reason="pip install -r requirements-exhaustive.txt")
    command = [sys.executable, str(ROOT / "examples" / "many_machines.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "1000 keys\n", done.stderr


LOKY = """
from loky import get_reusable_executor
from cngcore.bulk import generate_many

if __name__ == "__main__":
    executor = get_reusable_executor(max_workers=2)
    found = list(generate_many("ECDSA_P256", 500, length=256, executor=executor))
    executor.shutdown(wait=True)
    print(sorted(made.index for made in found) == list(range(500)), sum(bool(made.error) for made in found))
"""


def test_loky(tmp_path):
    pytest.importorskip("loky", reason="loky is not installed: pip install loky")
    assert run_script(tmp_path, LOKY) == "True 0"
