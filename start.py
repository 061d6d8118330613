"""Set Pocket-LLM up in `.venv` beside this file, then run it.

Standard library only, and syntax that Python 3.6 can parse: an old Python shall say what it lacks
instead of a SyntaxError. A stamp in .venv says that nothing is left to do, so that a second start
goes straight on to the program; the steps of a set-up are in installer/steps.py.
"""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

USAGE = """\
python3 start.py [OPTIONS]                set up if needed, then open the window
python3 start.py [OPTIONS] COMMAND ...    set up if needed, then run a command of pocket-llm:
                                          add, ask, search, status, ... (COMMAND --help says more)
python3 start.py demo                     ask the sample documents three questions
python3 start.py test [PYTEST ARGUMENTS]  check the code and run the tests; with arguments: pytest

OPTIONS: --profile DIR (keep all data there), --json, --quiet"""

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STARTERS = VENV / "share" / "pocket-llm" / "models"
DECISIVE = ("pyproject.toml", "installer/constraints.txt", "installer/steps.py", "start.py")


# --- may this machine run it at all? -------------------------------------------------------------


def refusal(version: "tuple[int, int]", system: str, machine: str, bits: int, found: str) -> str:
    """Say why this Python cannot run the program; empty if it can.

    `system` is a sys.platform, `machine` is what the Python was built for, `found` the name of a
    fitting Python that is installed here, or empty.
    """
    if not OLDEST <= version <= NEWEST:
        if found:
            remedy = f"run `{found} start.py`, which is installed here."
        else:
            remedy = "install 3.13 from https://www.python.org/downloads/ and run start.py with it."
        which = "{}.{}".format(*version)
        return f"Pocket-LLM needs Python 3.11, 3.12 or 3.13 and this is {which}: {remedy}"
    machine = machine.lower()
    if system == "darwin" and machine != "arm64":
        return (
            "Pocket-LLM needs a Mac with Apple silicon and a Python built for it: PyTorch and "
            "OpenVINO do not come for Intel Macs any more."
        )
    if system == "win32" and "arm" in machine:
        return (
            "PyTorch and OpenVINO do not come for Windows on Arm: install the 64-bit x86 Python "
            "3.13 from https://www.python.org/downloads/windows/ and run start.py with it."
        )
    if bits < 64:
        return (
            f"Pocket-LLM needs a 64-bit Python and this one has {bits} bits: install the 64-bit "
            "3.13 from https://www.python.org/downloads/ and run start.py with it."
        )
    return ""


def refusal_here() -> str:
    """Say why the running Python cannot run the program; empty if it can."""
    import sysconfig

    names = ["python3.13", "python3.12", "python3.11"]
    found = next((name for name in names if shutil.which(name)), "")
    # The build's platform, as in win-arm64: an emulated Python counts as what it was built for.
    machine = sysconfig.get_platform().rpartition("-")[2]
    if sys.platform == "darwin":  # a universal build runs as what the process is
        machine = os.uname().machine
    bits = 64 if sys.maxsize > 2**32 else 32
    return refusal(sys.version_info[:2], sys.platform, machine, bits, found)


if __name__ == "__main__" and not OLDEST <= sys.version_info[:2] <= NEWEST:
    # Here, because what follows is more than an old Python can load.
    sys.exit(refusal_here())


# --- what was asked ------------------------------------------------------------------------------


def split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """Cut a command line into general options, the command (may be empty) and its arguments."""
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word == "--profile":
            index += 2
        elif word in ("--json", "--quiet") or word.startswith("--profile="):
            index += 1
        else:
            return arguments[:index], word, arguments[index + 1 :]
    return arguments, "", []


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit status."""
    general, command, rest = split(arguments)
    if command in ("-h", "--help"):
        print(USAGE)
        return 0
    if (command in ("demo", "test") and general) or (command == "demo" and rest):
        say(f"`start.py {command}` takes no such option.\n{USAGE}")
        return 2
    status = set_up(with_tests=command == "test")
    if status:
        return status
    if command == "test":
        return run_tests(rest)
    ours = ["app.demo"] if command == "demo" else ["app", *arguments]
    return hand_over(["-P", "-m", *ours])


def hand_over(arguments: list[str]) -> int:
    """Become the program, in the folder where the user stands. Returns on Windows only."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(PYTHON, [str(PYTHON), *arguments])  # noqa: S606  no shell is wanted
    child = subprocess.Popen([str(PYTHON), *arguments])
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the console has told the child as well; its exit status is ours


def run_tests(arguments: list[str]) -> int:
    """Run every check, or pytest alone if it is given arguments; return the first bad status."""
    checks = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
        ["codespell"],
        # Half of the time is spent waiting for child processes. The tests of a file share what they
        # prepare; a worker that dies ends the run, which would wait for its successor otherwise.
        ["pytest", "--numprocesses=2", "--dist=loadfile", "--max-worker-restart=0"],
    ]
    if arguments:
        checks = [["pytest", *arguments]]
    result = 0
    for name, *options in checks:
        print("$ " + " ".join([name, *options]), flush=True)
        try:
            status = subprocess.call([str(BIN / name), *options], cwd=str(ROOT))
        except KeyboardInterrupt:
            return 130
        result = result or status
    return result


# --- is there anything to set up? ----------------------------------------------------------------


def digest() -> str:
    """Fingerprint all that decides what .venv must hold; empty without a .venv."""
    try:
        python = re.findall(r"(?m)^version.*", (VENV / "pyvenv.cfg").read_text(encoding="utf-8"))
        parts = [os.fsencode(str(ROOT)), repr(python).encode()]
        parts += [(ROOT / name).read_bytes() for name in DECISIVE]
    except OSError:
        return ""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamp(with_tests: bool) -> Path:
    """Name the file that holds the digest of what is installed."""
    return VENV / ("ready-with-tests" if with_tests else "ready")


def is_ready(with_tests: bool) -> bool:
    """Tell whether nothing is left to set up. Reads a few small files."""
    try:
        made = stamp(with_tests).read_text(encoding="utf-8")
    except OSError:
        return False
    return bool(made) and made == digest() and PYTHON.exists() and has_starters()


def has_starters() -> bool:
    """Tell whether the starter models stand where the program looks for them."""
    names = ("all-minilm-l6-v2", "smollm2-135m-instruct.gguf")
    return all((STARTERS / name).exists() for name in names)


def set_up(with_tests: bool) -> int:
    """Do what is left to do; return the exit status, after one sentence if it is not 0."""
    if is_ready(with_tests):
        return 0
    reason = refusal_here()
    if reason:
        say(reason)
        return 1
    sys.path.insert(0, str(ROOT / "installer"))
    import steps

    # Else a terminated set-up would leave pip running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with alone() as lock:
            if not is_ready(with_tests):
                steps.Setup(ROOT, PYTHON, lock, say).run_all(with_tests)
                if not has_starters():
                    raise steps.CannotSetUp(f"The starter models were not made in {STARTERS}.")
                for kind in {False, with_tests}:
                    stamp(kind).write_text(digest(), encoding="utf-8")
    except steps.CannotSetUp as error:
        say(str(error))
        return 1
    except OSError as error:
        say(
            f"{error.filename or ROOT} cannot be written ({error.strerror}): put Pocket-LLM into a "
            "folder that is yours and has room, and start it there."
        )
        return 1
    except KeyboardInterrupt:
        say("Interrupted. The next start goes on from here.")
        return 130
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return 0


@contextlib.contextmanager
def alone():  # type: ignore[no-untyped-def]  # its type has a name only in what an old Python lacks
    """Hold the only set-up of this checkout; yields a descriptor that holds it on in a child.

    The lock is on this file: a read-only place shall be noticed by the first step instead.
    """
    with Path(__file__).open("rb") as own:
        told = False
        while not lock(own.fileno()):
            if not told:
                say("Another set-up is running; waiting for its end.")
            told = True
            time.sleep(0.5)
        yield own.fileno()


def lock(descriptor: int) -> bool:
    """Lock a file until it is closed; False if somebody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 2**30, os.SEEK_SET)  # behind the end: readers are not disturbed
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second is how Windows says it
        return False
    return True


def say(sentence: str) -> None:
    """Tell the user; never on stdout, which belongs to the command."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
