"Sizes that two cores can carry, one thread a test process, and figures without a screen, unless the caller chose otherwise."
import os

os.environ.setdefault('MELODYNB_SIZE', 'tiny')
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')
