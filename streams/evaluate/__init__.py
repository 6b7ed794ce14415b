"""`alltobit eval`: how well the detectors do on public sets, beside the floors."""
