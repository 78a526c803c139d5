# SPDX-License-Identifier: Apache-2.0
"""The worker process: `python -m causal_contracts.preview.live PARENT SIM`; a client
starts it.
"""

from __future__ import annotations

import gc
import sys

if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdecimal():
        sys.exit("a client starts this process; see causal_contracts.preview.live.client")
    gc.disable()  # a tenth of the time goes into looking for garbage that imports do not make
    from .worker import main

    main(int(sys.argv[1]), sys.argv[2])
