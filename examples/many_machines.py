"""Make keys on the workers of a Dask cluster. Each worker seals a key before it returns it.

    python examples/many_machines.py tcp://scheduler:8786

Without an address, the program starts two workers on this machine.
"""

from __future__ import annotations

import sys

from distributed import Client, LocalCluster

import cngcore
from cngcore.bulk import generate_many, sealing


def main(address: str | None = None, count: int = 1000) -> int:
    """Make ``count`` keys and return the number of valid ones."""
    recipient = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    cluster = address or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client, client.get_executor(retries=3) as executor:
        keys = generate_many("ECDSA_P256", count, length=256, wrap_to=recipient.public(), executor=executor, workers=2)
        good = 0
        for made in keys:
            if made.error is None:
                blob = sealing.unseal(made.private, recipient)
                good += len(blob) == 104
        return good


if __name__ == "__main__":
    print(f"{main(*sys.argv[1:2])} keys")
