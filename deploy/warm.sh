#!/bin/sh
# Compile every loop into $NUMBA_CACHE_DIR, while the image is built: the decoders' and detection's.
set -eu
/opt/alltobit/bin/python -I -c "
from models.warmup import warm_up
from schemas.formats import decoders

decoders()
warm_up()
"
chmod -R a+rX "$NUMBA_CACHE_DIR"
