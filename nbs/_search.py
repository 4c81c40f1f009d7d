"""What the site's search finds first: an entry for every public name of the library.

Quarto indexes pages and their sections of the second level, so that a name is found wherever it is used. Here each name
gets an item of its own, with the name as its title, which leads to what is said of it.
"""
import inspect
import json
from html import escape
from importlib import import_module


def public_names():
    "Every public name where it is defined, and every method of a public class: module, name, and where it is told."
    from melodynb._modidx import d as index
    for module, places in index['syms'].items():
        named = {full.removeprefix(f'{module}.'): link for full, (link, _) in places.items()}
        pages = {link.partition('#')[0] for link in named.values()}
        page = min(pages) if len(pages) == 1 else f'{module.rpartition(".")[2]}.html'
        others = [name for name in import_module(module).__all__ if name not in named]
        constants = {name: f'{page}#{name}' for name in others if name.isupper()}
        meant = {name: getattr(getattr(import_module(module), name), '__name__', None) for name in others}
        older = {name: named[now] for name, now in meant.items() if now in named}  # other names of what is told here
        for name, link in {**named, **constants, **older}.items():
            if not any(part.startswith('_') for part in name.split('.')): yield module, name, link


def thing(module, name):
    "What a name stands for."
    found = import_module(module)
    for part in name.split('.'): found = inspect.getattr_static(found, part)
    return getattr(found, '__func__', getattr(found, 'fget', None) or getattr(found, 'func', found))


def summary(found):
    "The first line that is said of it; nothing for a constant."
    said = inspect.getdoc(found) if inspect.isroutine(found) or inspect.isclass(found) else ''
    return (said or '').partition('\n')[0]


def entry(module, name, link):
    """One item of the search.

    A question mark sets it apart from the items of its page, behind the first of which it would be put."""
    found = thing(module, name)
    page, mark, anchor = link.partition('#')
    called = f'{name}()' if inspect.isroutine(found) else name
    return dict(objectID=f'{page}?{name}{mark}{anchor}', href=f'{page}?{name}{mark}{anchor}', title=name, section=called,
                text=escape(f'{name}: {summary(found)}'), crumbs=['Reference', module])


def entries():
    "An item for every public name."
    return [entry(*one) for one in public_names()]


def add_names(site):
    "Put the names before what Quarto indexed in the folder of the site."
    path = site/'search.json'
    found = json.loads(path.read_text(encoding='utf-8')) if path.exists() else []
    path.write_text(json.dumps([*entries(), *found], ensure_ascii=False, indent=1), encoding='utf-8')
