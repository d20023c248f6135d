"""What is installed: type hints, docstrings, exit codes."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import simgan
from simgan import _simgan


def test_the_stub_names_what_the_extension_has():
    folder = Path(simgan.__file__).parent
    assert (folder / "py.typed").is_file()
    stub = ast.parse((folder / "_simgan.pyi").read_text())
    functions = {node.name: node for node in stub.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    public = {name for name in dir(_simgan) if not name.startswith("_")}
    assert public == {*functions, *classes}
    for name, node in functions.items():
        assert list(inspect.signature(getattr(_simgan, name)).parameters) == [a.arg for a in node.args.args]
    members = {node.name for node in classes["Refiner"].body}
    own = {name for name in vars(_simgan.Refiner) if not name.startswith("_")}
    assert own == {name for name in members if not name.startswith("_")}


@pytest.mark.parametrize("name", simgan.__all__)
def test_everything_public_is_documented(name):
    item = getattr(simgan, name)
    assert isinstance(item, str) or inspect.getdoc(item)
    if inspect.isfunction(item):
        assert "Returns:" in item.__doc__ and "Raises:" in item.__doc__
        assert all(p.annotation is not p.empty for p in inspect.signature(item).parameters.values())


def test_exit_codes_are_those_of_the_command():
    errors = importlib.import_module("simgan.errors")
    classes = [getattr(errors, name) for name in errors.__all__ if name != "SimganError"]
    assert sorted(c.exit_code for c in classes) == [1, 2, 3, 4, 5, 6, 7]
    assert all(issubclass(c, simgan.SimganError) for c in classes)
