"""What a server of processes does once, so that none of them has to: heavy imports, collections, a picture, a sound.

Nothing here throws dice that anyone sees or starts a thread. A process cannot tell, but for the seconds."""
import gc
import io
import random

import accelerate  # noqa: F401
import ipywidgets  # noqa: F401
import matplotlib.pyplot as plt
import miditok  # noqa: F401
import music21  # noqa: F401
import nbdev.test  # noqa: F401
import numpy as np
import peft  # noqa: F401
import torch._dynamo  # noqa: F401  every optimizer asks for it

import melodynb.studio  # noqa: F401
import melodynb.workshop  # noqa: F401
from melodynb import bart, compare
from melodynb.corpus import load_corpus
from melodynb.display import Player
from melodynb.models import load, shipped

dice = random.getstate(), np.random.get_state(), torch.get_rng_state()
for collection in 'folk', 'chorales', 'madrigals': load_corpus(collection)
for model in shipped(): load(model)  # transformers imports its parts when they are asked for
compare._folk()
bart.note_words()
Player(load_corpus('folk')[0].bars(2)).static
figure, axes = plt.subplots()
axes.plot([0, 1], label='a line')
axes.legend()
figure.savefig(io.BytesIO())
plt.close(figure)
random.setstate(dice[0])
np.random.set_state(dice[1])
torch.set_rng_state(dice[2])
gc.collect()
gc.freeze()  # what is here stays: nobody need look at it again
