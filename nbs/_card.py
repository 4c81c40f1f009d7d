"""The picture that stands beside a link to the site where people share one: `python nbs/_card.py` writes nbs/card.png.

The first bars of a folk tune as a piano roll, the name, and what it is about, in 1200 by 630 pixels, which all
readers of such cards take."""
import textwrap
from pathlib import Path

from _links import ROOT, about

CARD = ROOT/'nbs'/'card.png'
PAPER, INK, SOFT, NOTE = '#fbf8f1', '#2a2520', '#6b6258', '#7a2e2e'


def tune(bars=12):
    "The opening of the first tune of the collection."
    from melodynb.corpus import load_corpus
    return load_corpus('folk')[0].bars(0, bars)


def draw(into=CARD):
    "Draw the card into a file."
    from matplotlib.figure import Figure
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=PAPER)
    figure.text(.08, .76, 'melodynb', family='DejaVu Serif', size=64, color=INK)
    said = '\n'.join(textwrap.wrap(about()['description'], 46))
    figure.text(.08, .70, said, family='DejaVu Serif', size=25, color=SOFT, va='top', linespacing=1.4)
    roll(figure.add_axes((.08, .1, .84, .36)), tune())
    figure.savefig(into, facecolor=PAPER, metadata={'Software': None})
    return Path(into)


def roll(axes, score):
    "Notes as bars: time to the right, pitch upwards, a thin line between the bars of the score."
    axes.set_axis_off()
    for line in score.bar_starts(): axes.axvline(line, color=SOFT, lw=.6, alpha=.5)
    for note in score.notes:
        axes.barh(note.pitch, note.duration*.94, left=note.start, height=.82, color=NOTE)


if __name__ == '__main__': print(draw())
