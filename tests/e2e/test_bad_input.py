"""Whatever is wrong gets a sentence or a line of the ledger, and the rest goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import starter_models
from tests.e2e.conftest import Program, children, kill, wait_for


def many(folder: Path, count: int) -> Path:
    """Fill a folder with documents that take a while."""
    folder.mkdir(exist_ok=True)
    for n in range(count):
        text = " ".join(f"Sentence {m} of document {n} about item {n * m}." for m in range(60))
        (folder / f"{n:04}.txt").write_text(text)
    return folder


def test_a_folder_that_does_not_exist_keeps_no_other_from_being_added(
    program: Program, documents: Path, tmp_path: Path
) -> None:
    """Status 1 and a sentence, and the folder that is there is indexed."""
    ran = program.run("add", str(tmp_path / "nowhere"), str(documents))
    assert ran.status == 1
    assert "no such folder or file" in ran.errors
    assert "Traceback" not in ran.errors
    assert ran.lines[-1]["indexed"] == 3


def test_damaged_files_end_in_the_ledger(program: Program, documents: Path) -> None:
    """Each says what is wrong with it."""
    from pypdf import PdfWriter

    (documents / "empty.txt").touch()
    (documents / "binary.txt").write_bytes(bytes(range(256)) * 30)
    (documents / "damaged.pdf").write_bytes(b"%PDF-1.4\n" + b"\x00garbage" * 100)
    (documents / "no-zip.docx").write_bytes(b"\x89not a zip\x00" * 50)
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(documents / "encrypted.pdf")
    assert program.run("add", str(documents)).status == 0
    states = program.states()
    assert states["empty.txt"] == ("empty", "The file is empty.")
    assert states["binary.txt"][0] == "skipped"
    assert states["damaged.pdf"][0] == "failed"
    assert "damaged" in states["damaged.pdf"][1]
    assert states["encrypted.pdf"][0] == "failed"
    assert "encrypted" in states["encrypted.pdf"][1]
    assert states["no-zip.docx"][0] in ("failed", "skipped")
    assert states["clock.md"][0] == "indexed"


def test_a_missing_model_is_a_sentence_and_the_evidence_stays(
    program: Program, documents: Path
) -> None:
    """What was found is shown even if nothing can write."""
    program.run("add", str(documents))
    ran = program.run("ask", "--model", "nothing-of-the-kind", "When was the clock built?")
    assert ran.status == 1
    assert "not on this machine" in ran.errors
    assert "Traceback" not in ran.errors


def test_a_damaged_model_is_a_sentence_and_the_evidence_answers(
    program: Program, documents: Path
) -> None:
    """Half a GGUF is refused by name; the answer is the best sentence."""
    program.run("add", str(documents))
    whole = (starter_models() / "smollm2-135m-instruct.gguf").read_bytes()
    (program.profile / "models" / "half.gguf").write_bytes(whole[: len(whole) // 2])
    (program.profile / "models" / "noise.gguf").write_bytes(b"no model" * 1000)
    for name in ("half", "noise"):
        ran = program.run("ask", "--model", name, "When was the clock in the hall built?")
        assert ran.status == 1
        assert "1887" in ran.lines[-1]["text"]
        assert "Traceback" not in ran.errors
        assert ran.errors.strip()


def test_a_damaged_encoder_is_a_sentence(program: Program, documents: Path) -> None:
    """A flipped byte in the weights must not become wrong answers."""
    import shutil

    program.run("status")
    copy = program.profile / "models" / "all-minilm-l6-v2"
    shutil.copytree(starter_models() / "all-minilm-l6-v2", copy)
    weights = bytearray((copy / "model.bin").read_bytes())
    weights[len(weights) // 2] ^= 0xFF
    (copy / "model.bin").write_bytes(weights)
    ran = program.run("add", str(documents))
    assert ran.status == 1
    assert "damaged" in ran.errors
    assert "Traceback" not in ran.errors


def test_a_killed_reader_costs_no_document(program: Program, tmp_path: Path) -> None:
    """SIGKILL at a reader: its file is read again."""
    folder = many(tmp_path / "many", 200)
    process = program.start("add", "--words-only", str(folder))
    wait_for(lambda: bool(children(process.pid)))
    kill(children(process.pid)[0])
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert {state for state, _ in program.states().values()} == {"words"}


def test_a_killed_engine_costs_no_document(program: Program, tmp_path: Path) -> None:
    """SIGKILL while it indexes: the next run goes on, and no reader stays behind."""
    folder = many(tmp_path / "many", 60)
    for seconds in (0.6, 1.2, 2.0):
        process = program.start("add", str(folder))
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            readers = children(process.pid)
            kill(process.pid)
            process.wait()
            wait_for(lambda left=readers: not any(map(_alive, left)))  # type: ignore[misc]
    assert program.run("add", str(folder)).status == 0
    assert {state for state, _ in program.states().values()} == {"indexed"}
    assert len(program.states()) == 60


def test_a_killed_llm_worker_leaves_the_evidence_as_the_answer(
    program: Program, documents: Path
) -> None:
    """SIGKILL while it reads or writes: a sentence, no traceback."""
    program.run("add", str(documents))
    process = program.start("ask", "When was the clock in the hall built?", "--max-tokens", "256")
    wait_for(lambda: bool(children(process.pid)))
    kill(children(process.pid)[0])
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stopped working" in errors
    assert "Traceback" not in errors
    assert '"type": "answer"' in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.5])
def test_an_interrupted_add_keeps_what_was_done(
    program: Program, tmp_path: Path, seconds: float
) -> None:
    """Ctrl-C: status 130, a sentence, and the next sync finishes the rest."""
    folder = many(tmp_path / "many", 300)
    process = program.start("add", str(folder))
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in errors
    assert program.run("add", "--words-only", str(folder)).status == 0
    assert len(program.states()) == 300


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize(
    "command", [["search", "clock"], ["ask", "clock?"], ["status"], ["doctor"]]
)
def test_every_command_can_be_interrupted(
    program: Program, documents: Path, command: list[str]
) -> None:
    """Ctrl-C is no error: no traceback, and nothing keeps running.

    While it still imports, the program dies of the signal, which a shell reports as 130 too.
    """
    program.run("add", "--words-only", str(documents))
    process = program.start(*command)
    try:
        process.wait(0.7)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -signal.SIGINT), errors
    assert "Traceback" not in errors


def test_two_runs_on_one_profile(program: Program, documents: Path, tmp_path: Path) -> None:
    """The second writer says who is in the way; reading goes on."""
    program.run("add", str(documents))
    first = program.start("add", str(many(tmp_path / "many", 400)))
    wait_for(lambda: bool(children(first.pid)))
    second = program.run("add", str(documents))
    assert second.status == 1
    assert "Another Pocket-LLM" in second.errors
    assert program.run("search", "--mode", "words", "clock").of("hit")
    assert first.poll() is None


def test_a_full_disk_is_a_sentence_and_the_rest_goes_on_later(
    program: Program, tmp_path: Path
) -> None:
    """On a disk of six megabytes: said plainly, still searchable, done after there is room."""
    if (
        sys.platform != "linux"
        or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("a small disk can be made by an unprivileged user on Linux only")
    folder = many(tmp_path / "many", 400)
    disk = tmp_path / "disk"
    disk.mkdir()
    python = sys.executable
    run = f"{python} -m app --profile {disk}/profile --json"
    script = f"""
        mount -t tmpfs -o size=3m tmpfs {disk} || exit 77
        {run} add --words-only {folder}; echo "add: $?"
        {run} search --mode words item | tail -n 1; echo "search: $?"
        mount -o remount,size=200m {disk}
        {run} add --words-only {folder} | tail -n 1; echo "again: $?"
        {run} status
    """
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if ran.returncode == 77:
        pytest.skip("this system lets no unprivileged user mount a small disk")
    assert "add: 1" in ran.stdout, ran.stdout[-600:] + ran.stderr[-600:]
    assert "disk is full" in ran.stderr
    assert "search: 0" in ran.stdout
    assert "again: 0" in ran.stdout
    assert '"words": 400' in ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_profile_that_cannot_be_written_is_a_sentence(program: Program, tmp_path: Path) -> None:
    """A file where the folder should be."""
    program.profile.write_text("in the way")
    ran = program.run("status")
    assert ran.status == 1
    assert "Traceback" not in ran.errors


def test_wrong_usage_is_status_2(program: Program) -> None:
    """As every program of the command line."""
    assert program.run("frobnicate").status == 2
    assert program.run("search", "-k", "0", "x").status == 2


def _alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
