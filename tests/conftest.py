"Sizes that two cores can carry, and figures without a screen, unless the caller chose otherwise."
import os

os.environ.setdefault('MELODYNB_SIZE', 'tiny')
os.environ.setdefault('MPLBACKEND', 'Agg')
