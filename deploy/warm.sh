#!/bin/sh
# Compile every loop into $NUMBA_CACHE_DIR, while the image is built: the decoders', detection's, the cascade's.
set -eu
/opt/alltobit/bin/python -I -c "
from models.cascade.warmup import warm_up_cascade
from models.warmup import warm_up
from schemas.formats import decoders

decoders()
warm_up()
warm_up_cascade()
"
chmod -R a+rX "$NUMBA_CACHE_DIR"
