"""Sizes that two cores can carry, one thread a test process, and figures without a screen.

What the caller chose otherwise stays as it is."""
import os

os.environ.setdefault('MELODYNB_SIZE', 'tiny')
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')
