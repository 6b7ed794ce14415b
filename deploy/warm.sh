#!/bin/sh
# Compile every loop into $NUMBA_CACHE_DIR, while the image is built: detection's, and the scanner's,
# which remembers a shape the second time it comes and reads it the third.
set -eu
/opt/alltobit/bin/python -I - <<'EOF'
from models.warmup import warm_up
from schemas.formats.native import NativeJson

decoder = NativeJson()
for _ in range(4):
    decoder.decode([b'{"asset": "a", "time": 1700000000000, "values": {"p": 1.5, "q": -7}}'])
warm_up()
EOF
chmod -R a+rX "$NUMBA_CACHE_DIR"
