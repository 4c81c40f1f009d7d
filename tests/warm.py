"""What a server of processes does once, so that none of them has to: heavy imports, collections, a picture, an engraving.

Nothing here throws dice, starts a thread or leaves a trace but in memory: a process cannot tell, but for the seconds."""
import io

import accelerate
import ipywidgets  # noqa: F401
import matplotlib.pyplot as plt
import miditok  # noqa: F401
import music21  # noqa: F401
import nbdev.test  # noqa: F401
import peft  # noqa: F401
import torch._dynamo  # noqa: F401  every optimizer asks for it
from transformers import BartForConditionalGeneration, GPT2LMHeadModel  # noqa: F401  imported when they are asked for

import melodynb.studio
import melodynb.workshop  # noqa: F401
from melodynb import bart, compare, lora_gpt2
from melodynb.corpus import load_corpus
from melodynb.display import Player
from melodynb.models import load, shipped

for collection in 'folk', 'chorales', 'madrigals': load_corpus(collection)
for model in shipped(): load(model)
Player(load_corpus('folk')[0].bars(2)).static
figure, axes = plt.subplots()
axes.plot([0, 1], label='a line')
axes.legend()
figure.savefig(io.BytesIO())
plt.close(figure)
