"""The packages import only what the table in export/README.md allows, and no file imports itself through others."""
import ast
import glob
import os
import unittest

EXPORT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALLOWED = {'common': {'common'}, 'train': {'train', 'common'}, 'ship': {'ship', 'common'}, 'judge': {'judge', 'common'}}


def module(path):
    return os.path.relpath(path, os.path.dirname(EXPORT)).removesuffix('.py').replace(os.sep, '.')


def imports(path, known):
    """The modules of export/ that a file imports, wherever in the file."""
    with open(path, encoding='utf-8') as f:
        tree = ast.parse(f.read())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f'{node.module}.{alias.name}' for alias in node.names)}
    return found & known


class Layers(unittest.TestCase):
    def setUp(self):
        files = {module(f): f for package in ALLOWED for f in glob.glob(os.path.join(EXPORT, package, '*.py'))}
        self.imports = {name: imports(path, set(files)) for name, path in files.items()}

    def test_packages_import_only_what_is_below_them(self):
        package = lambda name: name.split('.')[1]
        wrong = [(name, other) for name, others in self.imports.items() for other in others if package(other) not in ALLOWED[package(name)]]
        self.assertEqual(wrong, [])

    def test_there_is_no_cycle(self):
        self.assertGreater(sum(map(len, self.imports.values())), 40)
        left = dict(self.imports)
        while ready := [name for name, others in left.items() if not others & left.keys()]:
            for name in ready:
                del left[name]
        self.assertEqual(left, {})


if __name__ == '__main__':
    unittest.main()
