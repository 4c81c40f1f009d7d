"""Say in words what a figure shows: an alternative text for those who hear a page, made from the figure itself.

An IPython extension. Loaded in the kernel of a notebook, it puts the words beside each figure of matplotlib that a cell
shows, as `alt` in the metadata of the picture. The site reads them there; a cell that says `#| fig-alt:` itself wins.
"""
import sys
from textwrap import shorten

import numpy as np

MOST = 700      # characters: what a listener has patience for
ONE_BY_ONE = 8  # bars that are named each; of more, the highest and the lowest


def describe(figure):
    "A figure in words: its panels, what is drawn in each, and the values that a reader would look for."
    panels = [words for words in map(panel, figure.axes) if words]
    counted = f'{len(panels)} panels. '*(len(panels) > 1)
    heading = ' '.join(figure.get_suptitle().split())
    found = f'{heading}: '*bool(heading) + counted + '. '.join(panels)
    return shorten(found, MOST, placeholder=' ...') or 'A drawing without axes'


def panel(axes):
    "One panel: its title, its marks, its axes."
    if not axes.get_visible(): return ''
    marks = [*bars(axes), *lines(axes), *clouds(axes), *fields(axes)]
    if not marks: marks = notes(axes)
    if not marks: return ''
    title, across, up = (' '.join(name.split()) for name in (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()))
    if up: marks[0] = f'{up}, {marks[0]}'
    return f'{title}: '*bool(title) + '; '.join(marks) + f'; over {across}'*bool(across)


def called(mark, kind):
    "A kind of mark with the name that the legend has for it."
    label = str(mark.get_label() or '')
    return kind if label.startswith('_') or not label else f'{kind} {" ".join(label.split())}'


def bars(axes):
    "The bars of a panel, with the names below or beside them."
    from matplotlib.container import BarContainer
    found = [one for one in axes.containers if isinstance(one, BarContainer) and len(one.patches)]
    return [f'{called(one, "bars")}: {heights(axes, one)}' for one in found]


def heights(axes, container):
    "What bars say: each by name, or the highest and the lowest."
    lying = container.orientation == 'horizontal'
    values = [bar.get_width() if lying else bar.get_height() for bar in container.patches]
    middles = [bar.get_y() + bar.get_height()/2 if lying else bar.get_x() + bar.get_width()/2
               for bar in container.patches]
    names = tick_names(axes.yaxis if lying else axes.xaxis, middles)
    if len(values) <= ONE_BY_ONE: return ', '.join(f'{name} {value:.3g}' for name, value in zip(names, values))
    high, low = int(np.argmax(values)), int(np.argmin(values))
    return f'{len(values)}, highest {values[high]:.3g} at {names[high]}, lowest {values[low]:.3g} at {names[low]}'


def tick_names(axis, places):
    "The words at these places of an axis; the number where there are none."
    labels = {round(float(place), 6): label.get_text()
              for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels())}
    return [' '.join(labels.get(round(float(place), 6), '').split()) or f'{place:.3g}' for place in places]


def lines(axes):
    "The lines of a panel: where each begins and ends, and how high it goes between."
    found = [one for one in axes.lines if len(one.get_xdata()) and is_drawn(axes, one)]
    return [f'{called(one, "line")} {course(one)}' for one in found]


def is_drawn(axes, line):
    "Whether a line has values of its own: the caps of an interval and a line across the whole panel have none."
    named = not str(line.get_label()).startswith('_')
    return named or (line.get_transform() == axes.transData and len(line.get_xdata()) > 2)


def course(line):
    "The way of one line in numbers."
    x, y = (np.asarray(part) for part in line.get_data())
    if line.get_transform() != line.axes.transData: x, y = y, x[:1] if len(set(x)) == 1 else y[:1]
    if not np.issubdtype(y.dtype, np.number): return f'of {len(y)} points'
    kept = np.flatnonzero(np.isfinite(y.astype(float)))
    if not len(kept): return 'without values'
    first, last, high = y[kept[0]], y[kept[-1]], kept[np.argmax(y[kept])]
    if len(kept) == 1 or (y[kept] == first).all(): return f'at {first:.3g}'
    peak = f', highest {y[high]:.3g} at {place(x[high])}'*bool(y[high] > max(first, last))
    return f'from {first:.3g} to {last:.3g}{peak}'


def place(value):
    return f'{value:.3g}' if isinstance(value, (int, float, np.number)) else str(value)


def clouds(axes):
    "Points, and the areas between lines."
    from matplotlib.collections import PathCollection
    found = [one for one in axes.collections if isinstance(one, PathCollection) and len(one.get_offsets())]
    return [f'{len(one.get_offsets())} {called(one, "points")}' for one in found]


def fields(axes):
    "Pictures of numbers, such as maps of attention."
    from matplotlib.collections import QuadMesh
    kinds = [*axes.images, *(one for one in axes.collections if isinstance(one, QuadMesh))]
    found = [np.asarray(one.get_array(), dtype=float) for one in kinds if one.get_array() is not None]
    return [f'a map of {one.shape[0]} rows and {one.shape[1]} columns, '
            f'from {np.nanmin(one):.3g} to {np.nanmax(one):.3g}' for one in found if one.ndim > 1 and np.isfinite(one).any()]


def notes(axes):
    "What a panel without marks of its own says in letters or shapes."
    said = [' '.join(one.get_text().split()) for one in axes.texts]
    boxes = [f'{len(axes.patches)} boxes']*bool(axes.patches)
    groups = [f'{len(axes.collections)} groups of marks']*bool(axes.collections)
    return boxes + groups + list(filter(None, said))[:12]


def load_ipython_extension(shell):
    "From now on the pictures of figures carry their words."
    shell.display_formatter.format = with_words(shell.display_formatter.format)


def with_words(draw):
    "What draws whatever a cell shows, and says of a figure what is on it."
    def told(shown, *args, **options):
        data, metadata = draw(shown, *args, **options)
        figure = getattr(sys.modules.get('matplotlib.figure'), 'Figure', ())
        if isinstance(shown, figure):
            words = {'alt': describe(shown)}
            metadata |= {kind: {**metadata.get(kind, {}), **words} for kind in data if kind.startswith('image/')}
        return data, metadata
    return told
