"""The house's rules, kept by reading every module's syntax tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "llmstudio"
FILES = sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)
N = TypeVar("N", bound=ast.AST)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def nodes(path: Path, kind: type[N]) -> list[N]:
    """Every node of a kind in a file."""
    return [node for node in _nodes(path) if isinstance(node, kind)]


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def imports(path: Path, *, deep: bool, with_types: bool = False) -> set[str]:
    """Names of modules that a file imports: everywhere in it (deep), or only while it is being imported itself."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if is_for_types_only(node) and not with_types:
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not deep:
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in MODULES else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree_of(path))
    return found


def top(module: str) -> str:
    return module.split(".")[0]


# --- the arrows ---

# A layer may import those listed before it, and what its own line adds.
CORE = [
    "words",
    "errors",
    "shortage",
    "typed",
    "other_names",
    "settings",
    "events",
    "work",
    "awake",
    "loading",
    "standstill",
]
ORDER = ["corpus", "retrieval", "tokenizer", "batch", "dataset", "models", "word_vectors", "generation", "optimizers"]
ORDER += ["training_config", "teaching_config", "sparse_config", "tasks", "recipe", "memory", "sparsity", "training"]
ORDER += ["explain", "interop"]
BASE = {
    "words": set(),
    "errors": {"words"},
    "shortage": {"words", "errors"},
    "typed": set(),
    "other_names": set(),
    "settings": {"words", "errors", "other_names"},
    "events": {"words", "errors", "typed"},
    "work": {"errors", "shortage", "standstill"},
    "standstill": set(),
    "awake": {"words"},
    "loading": set(),
}


def layer(module: str) -> str:
    """The layer of one of our modules: core.corpus, store, app, gui, cli ..."""
    parts = module.split(".")[1:]
    if not parts:
        return "root"
    return ".".join(parts[:2]) if parts[0] == "core" else parts[0]


FACELESS = {module: path for module, path in MODULES.items() if layer(module) != "gui"}


def allowed(module: str) -> set[str]:
    base = {f"core.{name}" for name in CORE}
    own = layer(module)
    match own.split("."):
        case ["root"]:
            return set()
        case ["core"]:
            return set()
        case ["core", name] if name in CORE:
            return {f"core.{other}" for other in BASE[name]}
        case ["core", name]:
            place = ORDER.index(name)
            # A configuration is plain data that any layer may hold; so corpus never needs it, but memory counts models.
            return base | {f"core.{other}" for other in ORDER[:place]} | {"store", own}
        case ["store"]:
            return {"core.words", "core.errors", "core.shortage", "core.typed", "store"}
        case ["app"]:
            return base | {f"core.{name}" for name in ORDER} | {"store", "app", "root"}
        case ["cli" | "terminal"]:
            return base | {f"core.{name}" for name in ORDER} | {"store", "app", "root", "terminal"}
        case ["gui"]:
            return base | {f"core.{name}" for name in ORDER} | {"store", "app", "root", "gui"}
        case ["__main__"]:
            return base | {"cli", "gui", "app"}
    raise AssertionError(f"{module} is in no layer that this test knows: add it to the arrows")


def test_that_no_arrow_runs_back_up() -> None:
    wrong = [
        f"{module} may not import {other}"
        for module, path in MODULES.items()
        for other in sorted(imports(path, deep=True, with_types=True))
        if top(other) == "llmstudio" and layer(other) not in allowed(module)
    ]
    assert wrong == []


def test_that_the_engine_uses_files_but_knows_no_project() -> None:
    engine = {module: path for module, path in MODULES.items() if layer(module).startswith("core.")}
    wrong = [m for m, path in engine.items() if "llmstudio.store.project" in imports(path, deep=True, with_types=True)]
    assert wrong == []


def test_that_no_circle_of_imports_exists() -> None:
    graph = {name: {o for o in imports(path, deep=False) if o in MODULES} for name, path in MODULES.items()}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in graph[name]:
                walk(other, (*above, name))
            done.add(name)

    for name in graph:
        walk(name, ())


# --- who may import what from outside ---


def test_that_only_the_window_imports_qt() -> None:
    qt = {"PySide6", "pyqtgraph", "shiboken6"}
    wrong = []
    for module, path in MODULES.items():
        used = {top(other) for other in imports(path, deep=True, with_types=True)}
        if used & {"PyQt5", "PyQt6", "qtpy"} or (layer(module) != "gui" and used & qt):
            wrong.append(module)
    assert wrong == []


def test_that_models_are_looked_into_through_taps_and_no_module_has_a_hook() -> None:
    hooked = [
        f"{module}: {node.attr}"
        for module, path in MODULES.items()
        for node in nodes(path, ast.Attribute)
        if re.fullmatch(r"register_(full_)?(forward|backward|module)\w*hook|register_load\w+hook", node.attr)
    ]
    assert hooked == []


TENSORS_AT_HOME = {
    f"core.{name}"
    for name in (
        "batch", "dataset", "models", "generation", "optimizers", "tasks", "training", "sparsity", "explain", "interop",
        "word_vectors",
    )
}  # fmt: skip
"""Layers in which modules may import torch as they are imported themselves; no other layer may import one of these so."""


@cache
def with_torch() -> dict[str, str]:
    """The modules that bring torch along as soon as they are imported, each with one that it has it from."""
    at_once = {module: imports(path, deep=False) for module, path in MODULES.items()}
    found = {
        module: torch for module, others in at_once.items() for torch in others if top(torch) in ("torch", "safetensors")
    }
    while more := {m: o for m, others in at_once.items() if m not in found for o in others if o in found}:
        found |= more
    return found


def test_that_torch_is_imported_at_the_top_only_where_tensors_are_at_home() -> None:
    wrong = [f"{module} imports {other}" for module, other in with_torch().items() if layer(module) not in TENSORS_AT_HOME]
    assert wrong == []


def test_that_each_layer_where_tensors_are_at_home_has_some() -> None:
    assert {layer(module) for module in with_torch()} == TENSORS_AT_HOME


@pytest.mark.parametrize(
    "module",
    [
        "llmstudio.cli",
        "llmstudio.__main__",
        "llmstudio.app.verbs.table",
        "llmstudio.app.computer.estimate",
        "llmstudio.app.chatting",
        "llmstudio.core.training.history",
    ],
)
def test_that_torch_stays_outside_until_it_is_needed(module: str) -> None:
    heavy = ("torch", "numba", "PySide6", "transformers", "pandas")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# --- what must not be in any file ---


@cache
def calls(path: Path) -> frozenset[str]:
    """Names that are called, dotted as far as they are written so."""
    return frozenset(ast.unparse(node.func) for node in nodes(path, ast.Call))


def test_that_nothing_from_outside_is_unpickled_or_evaluated() -> None:
    readers = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    called = {"eval", "exec", "torch.load", "pickle.load", "pickle.loads", "np.load", "numpy.load", "os.system"}
    wrong = []
    for module, path in MODULES.items():
        is_allowing = any(word.arg == "allow_pickle" for node in nodes(path, ast.Call) for word in node.keywords)
        if is_allowing or calls(path) & called or {top(other) for other in imports(path, deep=True)} & readers:
            wrong.append(module)
    assert wrong == []


def test_that_nothing_but_the_terminal_writes_to_the_terminal() -> None:
    wrong = []
    for module, path in FACELESS.items():
        own = (
            {"print"}
            if layer(module) in ("terminal", "cli", "__main__")  # the last says why the others could not be loaded
            else {"print", "input", "sys.stdout.write", "sys.stderr.write"}
        )
        wrong += [f"{module} calls {name}" for name in calls(path) & own]
    assert wrong == []


# Where everything is caught on purpose: the runner, a race that breaks off, threads and a child process that hand the error
# on, and a compiler whose failures are told and cost nothing but speed.
CATCH_ALL = {
    "llmstudio.app.job_runner",
    "llmstudio.app.race.round_robin",
    "llmstudio.core.models.weights.sparse.building",
    "llmstudio.core.work",
    "llmstudio.core.tokenizer.learning",
    "llmstudio.gui.session.worker",
}
# Where a sentence for people may be dropped, and why nobody misses it.
UNSAID = {
    "llmstudio.app.runs.training": "why a run ended is what is to be told",
    "llmstudio.app.items.model_fit": "a model without its tokenizer says so to whoever opens it",
    "llmstudio.app.computer.hardware": "a cache: it is measured anew",
    "llmstudio.app.computer.past_runs": "a cache: the forecast goes uncorrected",
    "llmstudio.app.pruning.preview": "the settings of an earlier pruning, which a name stands for as well",
    "llmstudio.app.runs.watching": "why the run ends is what is to be told",
    "llmstudio.app.runs.whole_figures": "a cache: it is measured anew",
    "llmstudio.app.pruning.looks": "a cache: what cannot be read or written is measured anew",
    "llmstudio.app.worth.kept": "a cache: what is there already is measured anew",
    "llmstudio.core.corpus.reading.chats.exports.slack": "the file's reader says it, which reads it next",
    "llmstudio.core.generation.counting.words_seen": "a cache: it is read anew",
    "llmstudio.core.models.weights.sparse.crossover": "a cache: it is measured anew",
    "llmstudio.core.models.checkpoint.bases": "a damaged model is told of by whoever opens it",
    "llmstudio.core.training.history": "the first reason is the one to tell",
    "llmstudio.gui.forms.form": "the edit says it",
    "llmstudio.store.project": "`unreadable` says it",
}


def suppressed(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines on which errors are dropped by `suppress`, and the kinds of them."""
    for call in nodes(path, ast.Call):
        if ast.unparse(call.func).split(".")[-1] == "suppress":
            yield call.lineno, [ast.unparse(argument) for argument in call.args]


def test_that_no_error_is_swallowed_whole() -> None:
    wrong = []
    for module, path in MODULES.items():
        for handler in nodes(path, ast.ExceptHandler):
            kinds = "Exception" if handler.type is None else ast.unparse(handler.type)
            is_broad = re.search(r"\b(Base)?Exception\b", kinds)
            if is_broad and not isinstance(handler.body[-1], ast.Raise) and module not in CATCH_ALL:
                wrong.append(f"{module}:{handler.lineno}")
        for line, kinds in suppressed(path):
            if {"Exception", "BaseException"} & set(kinds):
                wrong.append(f"{module}:{line}")
    assert wrong == []


def test_that_a_sentence_for_people_is_dropped_only_where_nobody_misses_it() -> None:
    dropping = {module for module, path in MODULES.items() if any("StudioError" in kinds for _, kinds in suppressed(path))}
    assert dropping == set(UNSAID)


# What the program may raise at itself; people only ever see StudioError.
OWN_MISTAKES = {
    "AssertionError",
    "KeyError",
    "TypeError",
    "ValueError",
    "OSError",
    "FileNotFoundError",
    "KeyboardInterrupt",
    "MemoryError",
    "_Abandoned",
}


def test_that_people_are_told_in_studio_errors() -> None:
    wrong = []
    for module, path in FACELESS.items():
        for node in nodes(path, ast.Raise):
            raised = ast.unparse(node.exc.func) if isinstance(node.exc, ast.Call) else ""
            if raised.lstrip("_")[:1].isupper() and raised not in OWN_MISTAKES | {"StudioError"}:
                wrong.append(f"{module}:{node.lineno} raises {raised}")
    assert wrong == []


# --- shape of a file ---


def test_that_a_file_is_named_after_what_is_in_it() -> None:
    assert [p.name for p in FILES if p.name in ("utils.py", "helpers.py", "manager.py", "common.py")] == []


def test_that_a_fact_stands_in_one_place() -> None:
    places: dict[tuple[str, str], list[str]] = {}
    for module, path in MODULES.items():
        for node in tree_of(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = ast.unparse(node.value)
                is_fact = isinstance(node.value, ast.Tuple | ast.Constant) and re.search(r"['\"]", value)
                name = node.targets[0].id.strip("_")
                if is_fact and name != "JOB":  # the window names jobs whose modules it has not loaded yet
                    places.setdefault((name, value), []).append(module)
    assert len(places) > 50
    assert {fact: modules for fact, modules in places.items() if len(modules) > 1} == {}


def test_that_a_sentence_for_people_is_written_once() -> None:
    places: dict[str, list[str]] = {}
    for module, path in FACELESS.items():
        for call in nodes(path, ast.Call):
            if ast.unparse(call.func) == "StudioError" and call.args and isinstance(call.args[0], ast.Constant):
                places.setdefault(call.args[0].value, []).append(module)
    assert len(places) > 100
    assert {sentence: found for sentence, found in places.items() if len(set(found)) > 1 and sentence != "{reason}"} == {}


def test_that_a_module_says_what_it_is() -> None:
    assert [module for module, path in MODULES.items() if not ast.get_docstring(tree_of(path))] == []


def test_that_nothing_is_left_for_later() -> None:
    wrong = [module for module, path in MODULES.items() if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text("utf-8"))]
    for module, path in MODULES.items():
        wrong += [f"{module}:{f.lineno} {f.name}" for f in nodes(path, ast.FunctionDef) if isinstance(f.body[-1], ast.Pass)]
    assert wrong == []


# --- texts and the window ---

GLUED = (ast.JoinedStr, ast.BinOp, ast.Call)
TABS = ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect")
WINDOW = {name.removeprefix("llmstudio.gui."): path for name, path in MODULES.items() if layer(name) == "gui"}
# What knows no session is given its data; these speak of items by their cards, or keep files of the program's own.
SPEAKS_OF_ITEMS = {
    "chat.settings",
    "train.forecast.forecast",
    "train.start",
    "train.why",
    "train.run.picture.differences",
    "train.run.picture.unlike",
    "train.run.runs",
    "train.modes.race.runs",
}
OWN_FILES = {"look.style", "look.theme", "session.clock", "window.crash_log", "train.run.exports", "doctor.self_test"}


def test_that_a_sentence_is_never_glued() -> None:
    wrong = []
    for module, path in MODULES.items():
        for node in nodes(path, ast.Call):
            function = ast.unparse(node.func)
            if (
                (function in ("words", "StudioError") or function.endswith(".tr"))
                and node.args
                and isinstance(node.args[0], GLUED)
            ):
                wrong.append(f"{module}:{node.lineno}")
    assert wrong == []


# Within the window a layer may import those before it; the rooms of one line know nothing of each other.
STOREYS = (("look",), ("session",), ("forms",), ("shared",), TABS, ("window",), ("doctor",))
STOREY = {name: number for number, names in enumerate(STOREYS) for name in names}


def of_the_window(module: str) -> set[str]:
    """The window's own modules that one of them imports, anywhere in it."""
    prefix = "llmstudio.gui."
    return {o.removeprefix(prefix) for o in imports(WINDOW[module], deep=True, with_types=True) if o.startswith(prefix)}


def test_that_no_arrow_of_the_window_runs_back_up_and_tabs_do_not_know_each_other() -> None:
    assert {module.split(".")[0] for module in WINDOW} - {"llmstudio"} == set(STOREY)
    wrong = [
        f"{module} may not import {other}"
        for module in WINDOW
        for other in of_the_window(module)
        for here, there in [(module.split(".")[0], other.split(".")[0])]
        if here != there and STOREY[there] >= STOREY[here]
    ]
    assert wrong == []


def test_that_no_circle_exists_between_the_folders_of_the_window() -> None:
    folder = {module: path.parent.relative_to(PACKAGE).as_posix() for module, path in WINDOW.items()}
    graph: dict[str, set[str]] = {}
    for module in WINDOW:
        graph.setdefault(folder[module], set()).update({folder[o] for o in of_the_window(module)} - {folder[module]})
    while free := [name for name, others in graph.items() if not others & graph.keys()]:
        for name in free:
            del graph[name]
    assert graph == {}


def test_that_a_button_to_a_tab_brings_the_item_that_it_speaks_of() -> None:
    """Whoever goes by the tab's name alone leaves the item behind: `Session.visit` takes both."""
    wrong = [
        f"{module}:{call.lineno}"
        for module, path in MODULES.items()
        for call in nodes(path, ast.Call)
        if ast.unparse(call.func).endswith(("go_to.emit", "show_tab")) and "remedy" in ast.unparse(call)
    ]
    assert wrong == []


def test_that_every_field_a_wheel_could_turn_is_a_steady_one() -> None:
    of_qt = {"QComboBox", "QSpinBox", "QDoubleSpinBox", "QSlider", "QDial", "QDateTimeEdit", "QFontComboBox"}
    wrong = []
    for module, path in MODULES.items():
        bases = {ast.unparse(base) for node in nodes(path, ast.ClassDef) for base in node.bases}
        if module != "llmstudio.gui.look.steady" and (bases | calls(path)) & of_qt:
            wrong.append(module)
    assert wrong == []


def test_that_no_widget_opens_a_file_or_a_model() -> None:
    reading = (".read_text", ".read_bytes", ".write_text", ".write_bytes")
    doors = ("llmstudio.store.", "llmstudio.app.verbs.", "llmstudio.app.items.loaded")
    wrong = []
    for module, path in WINDOW.items():
        opened = [c for c in calls(path) if c in ("open", "read_json", "load_model") or c.endswith(reading)]
        knows_session = module in ("session.session", "session.items") or "llmstudio.gui.session.session" in imports(
            path, deep=True
        )
        if not knows_session and module not in SPEAKS_OF_ITEMS:
            opened += [other for other in imports(path, deep=True) if other.startswith(doors)]
        wrong += [f"{module}: {what}" for what in opened if module not in OWN_FILES]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("llmstudio.cli", ("statistics", "encodings.koi8_r")),
        (
            "llmstudio.gui.window.main_window",
            (
                "tokenizers",
                "encodings.koi8_r",
                "llmstudio.gui.forms.form",
                "llmstudio.app.verbs.show",
                "llmstudio.core.models.families",
            ),
        ),
    ],
)
def test_that_a_start_loads_nothing_that_only_later_work_needs(module: str, unneeded: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {unneeded} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
