# SPDX-License-Identifier: Apache-2.0
"""Reads spoilt assets one after another and prints what became of each, a line of JSON per file.

A process of its own, since USD's C++ may end the process on a corrupt file. Lines on standard
input: a path; on standard output: the outcome, or nothing where the process died.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback

# A corrupt count makes USD ask for all the memory there is.
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

# What USD writes to its standard output must not mix with the outcomes.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

from causal_contracts.core import ContractError, check_asset, read_bundle, read_couplings  # noqa: E402
from causal_contracts.core.couplings_json import encode_couplings  # noqa: E402


def outcome(path: str) -> dict[str, object]:
    """What each reader made of the file: fine, refused, or a fault of ours."""
    readers = [read_couplings] if path.endswith(".json") else [read_bundle, check_asset]
    seen: dict[str, object] = {}
    for read in readers:
        try:
            result = read(path)
            issues = result if isinstance(result, list) else []
            if path.endswith(".json"):
                encode_couplings(result)
            word = "fine"
        except ContractError as refused:
            issues, word = refused.issues, "refused"
        except BaseException:
            return {"fault": traceback.format_exc()}
        silent = [str(one) for one in issues if not (one.address and one.what)]
        if silent:
            return {"fault": f"an issue without an address: {silent}"}
        seen[read.__name__] = word
    return seen


for line in sys.stdin:
    print(json.dumps(outcome(line.rstrip("\n"))), file=answers, flush=True)
