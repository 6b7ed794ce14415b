"""Measurements that anyone can run again: `alltobit bench NAME`."""
