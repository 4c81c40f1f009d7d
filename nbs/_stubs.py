"""What editors read of modules that patch their classes: `python nbs/_stubs.py`, a part of `make export`.

A method that `@patch` adds is found when the code runs, and editors do not run it. Beside each module in which a public
class gets a method that way lies a stub, `score.pyi` beside `score.py`: the same signatures and docstrings, every method
inside its class, no bodies. `--check` writes nothing and fails where a stub is not in step with its module."""
import ast
import sys
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent/'melodynb'
HEAD = '# Made by `make export` from {name}, for editors. Change the notebook, not this file.\n'
KEPT = 'property', 'classmethod', 'staticmethod'  # decorators that change how a method is used
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef


def patch_of(node):
    "The decorator that makes a function a method of a class, or None."
    for decorator in getattr(node, 'decorator_list', ()):
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(name, ast.Name) and name.id == 'patch': return decorator
    return None


def kind_of(decorator):
    "'property', 'classmethod', or None for a plain method."
    wishes = [keyword.arg for keyword in getattr(decorator, 'keywords', ())]
    if 'as_prop' in wishes: return 'property'
    return 'classmethod' if 'cls_method' in wishes else None


def without_body(node):
    "A function of which only its signature, its docstring and what makes it a property or a class method are left."
    kept = [one for one in node.decorator_list if isinstance(one, ast.Name) and one.id in KEPT]
    said = ast.get_docstring(node, clean=False)
    body = [ast.Expr(ast.Constant(said))] if said else []
    fields = {name: getattr(node, name) for name in node._fields}
    return type(node)(**{**fields, 'decorator_list': kept, 'body': [*body, ast.Expr(ast.Constant(...))]})


def as_method(node):
    "A patched function as it stands inside its class; the name of the class."
    decorator, method = patch_of(node), without_body(node)
    owner = method.args.args[0].annotation
    kind = kind_of(decorator)
    if kind: method.decorator_list.insert(0, ast.Name(kind))
    method.args.args[0].annotation = None
    return ast.unparse(owner).strip("'"), method


def is_public(name):
    return not name.startswith('_') or name.startswith('__') and name.endswith('__')


def is_private_value(node):
    "Whether a line gives a value to a name that is nobody else's."
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return isinstance(target, ast.Name) and not is_public(target.id)


def class_stub(node, methods):
    "A class with the methods that were patched into it, its own ones without bodies, and its fields."
    own = {method.name for method in methods}
    body = [without_body(part) if isinstance(part, FUNCTIONS) else part for part in node.body
            if getattr(part, 'name', '') not in own]
    added = [method for method in methods if is_public(method.name)]
    fields = {name: getattr(node, name) for name in node._fields}
    return ast.ClassDef(**{**fields, 'body': [*body, *added] or [ast.Pass()]})


def stub(text):
    "The stub of a module, or None where no public class is patched."
    tree = ast.parse(text)
    patched = [as_method(node) for node in tree.body if patch_of(node)]
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and is_public(node.name)}
    if not names & {owner for owner, _ in patched}: return None
    body = []
    for node in tree.body:
        if patch_of(node): continue
        if isinstance(node, FUNCTIONS): node = without_body(node)
        if isinstance(node, ast.ClassDef):
            node = class_stub(node, [method for owner, method in patched if owner == node.name])
        if not (isinstance(node, ast.If) or is_private_value(node)): body.append(node)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + '\n'


def stubs(library=LIBRARY):
    "Path and text of every stub that there should be."
    for module in sorted(library.glob('[!_]*.py')):
        text = stub(module.read_text(encoding='utf-8'))
        if text: yield module.with_suffix('.pyi'), HEAD.format(name=module.name) + text


def main():
    wanted = dict(stubs())
    there = {path: path.read_text(encoding='utf-8') for path in LIBRARY.glob('*.pyi')}
    if '--check' in sys.argv:
        different = sorted(path.name for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))
        sys.exit(f'run `make export`: {", ".join(different)} would change' if different else None)
    for path in there.keys() - wanted.keys(): path.unlink()
    for path, text in wanted.items():
        if there.get(path) != text: path.write_text(text, encoding='utf-8')


if __name__ == '__main__': main()
