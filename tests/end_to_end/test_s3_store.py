"""A study over an S3 bucket: a real server on this machine; driver and workers open the bucket themselves.

Every command gets a cache folder of its own unless it says otherwise, so that it stands for another machine.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import studies

pytest.importorskip("moto.server", reason="moto[server] is not installed")
pytest.importorskip("s3fs", reason="s3fs is not installed")
pytestmark = pytest.mark.full

EXPERIMENT = """\
name: bucket
model: scratch:tiny
pretraining:
  {text: text/mono, parallel: text/parallel, max_tokens: 6000, recipe: {max_length: 64, batch_tokens: 256}}
intermediate:
  - name: nli
    task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}
targets: [xnli]
languages: [en, de]
seeds: [11]
recipe: {learning_rate: 1.0e-3, batch_size: 4, epochs: 1, max_length: 64, precision: fp32}
"""
STORE = "s3://results/some/prefix"


@dataclass
class Server:
    """An S3 server on this machine; objects are read and written by plain HTTP."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        """What it answers; it looks for a signature, and takes any."""
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=who/20250101/us-east-1/s3/aws4_request",
            "Content-Type": "application/octet-stream",
        }
        request = urllib.request.Request(f"{self.endpoint}/{path}", data=data, method=method, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def names(self, end: str = "") -> list[str]:
        """Every object of the bucket whose name ends like this."""
        listing = self.ask("GET", "results?list-type=2&max-keys=1000").decode()
        assert "<IsTruncated>false</IsTruncated>" in listing
        return [name for name in re.findall(r"<Key>(.*?)</Key>", listing) if name.endswith(end)]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = Server(free.getsockname()[1])
    log = tmp_path_factory.mktemp("server") / "log.txt"
    arguments = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(found.port)]
    with log.open("wb") as output, subprocess.Popen(arguments, stdout=output, stderr=output) as process:
        try:
            for _ in range(600):
                assert process.poll() is None, log.read_text()
                try:
                    found.ask("PUT", "results")
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            yield found
        finally:
            process.kill()


@dataclass
class Machine:
    """A machine with a cache of its own, on which the study is run; data and experiment are on all of them."""

    study: studies.Study
    cache: Path
    server: Server
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FSSPEC_"))}
        return {
            **inherited,
            "AWS_ENDPOINT_URL": self.server.endpoint,
            "AWS_ACCESS_KEY_ID": "who",
            "AWS_SECRET_ACCESS_KEY": "knows",
            "AWS_EC2_METADATA_DISABLED": "true",
            "XDG_CACHE_HOME": str(self.cache),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            **self.settings,
        }

    def start(self, *arguments: str | Path, **options) -> subprocess.Popen[str]:
        code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=self.environment,
            cwd=self.study.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def call(self, *arguments: str | Path, code: int = 0) -> tuple[str, str]:
        """What a command prints on stdout and on stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, err
        return out, err

    def run(self, *options: str | Path) -> tuple[dict, str]:
        out, err = self.call(*self.arguments(), "--json", *options)
        return json.loads(out), err

    def arguments(self, command: str = "run") -> list[str | Path]:
        given = [command, self.study.file, "--data", self.study.data, "--store", STORE]
        return [*given, "--cores", "1"] if command == "run" else given

    def mirrored(self) -> set[str]:
        """The kinds of entries in the cache."""
        found = (self.cache / "xstilts" / "stores").rglob("manifest.json")
        return {json.loads(path.read_bytes())["kind"] for path in found}


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> studies.Study:
    return studies.write_study(tmp_path_factory.mktemp("s3"), EXPERIMENT)


@pytest.fixture(scope="module")
def machine(study, server, tmp_path_factory):
    """Makes machines."""

    def make(**settings: str) -> Machine:
        return Machine(study, tmp_path_factory.mktemp("cache"), server, settings)

    return make


@pytest.fixture(scope="module")
def killed(machine, server) -> tuple[Machine, int]:
    """A run killed with -9 after its first results, and how many of them were in the bucket then."""
    first = machine()
    process = first.start(*first.arguments(), "--cores", "2", start_new_session=True)  # two workers open the bucket
    while len(server.names("manifest.json")) < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(1)  # an upload that was under way has reached the server or never will
    return first, len(server.names("manifest.json"))


@pytest.fixture(scope="module")
def finished(killed) -> tuple[Machine, dict]:
    """The same run again, on the machine on which the first was killed."""
    first, _ = killed
    return first, first.run()[0]


def test_a_kill_leaves_whole_results_in_the_bucket(killed, machine, server):
    _, there = killed
    out, _ = machine().call("store", "verify", "--store", STORE, "--json")
    assert json.loads(out) == {"entries": there, "damaged": []}
    assert all(name.startswith("some/prefix/entries/") for name in server.names())


def test_a_killed_run_goes_on_from_what_is_in_the_bucket(killed, finished, server):
    _, there = killed
    _, result = finished
    nodes = result["nodes"]
    assert nodes["failed"] == nodes["not_run"] == 0
    assert nodes["ran"] >= 1
    assert nodes["cached"] >= 1
    assert nodes["ran"] + nodes["cached"] >= there - 1  # a token cache is no node of the graph
    assert {row["language"] for row in result["results"]} == {"eng-Latn", "deu-Latn"}


def test_the_numbers_are_those_of_a_store_on_this_machine(finished, machine, tmp_path):
    _, result = finished
    local, _ = machine().run("--store", tmp_path / "store", "--out", tmp_path / "out")
    assert local["results"] == result["results"]


def test_another_machine_finds_everything_and_fetches_what_it_reads(finished, machine, tmp_path):
    _, result = finished
    other = machine()
    again, _ = other.run("--out", tmp_path / "out")
    total = sum(result["nodes"].values())
    assert again["nodes"] == {"ran": 0, "cached": total, "failed": 0, "not_run": 0}
    assert again["results"] == result["results"]
    assert other.mirrored() == {"zero_shot", "overlap"}  # what the report is made of
    planned = json.loads(other.call(*other.arguments("plan"), "--json")[0])
    assert planned["totals"]["cached"] == planned["totals"]["nodes"] == total


def test_report_and_submit_find_the_bucket_by_the_record(finished, machine, study, tmp_path):
    _, result = finished
    record = json.loads((study.folder / ".xstilts/runs/bucket/run.json").read_bytes())
    assert record["store"] == STORE
    reader = machine()
    assert json.loads(reader.call("report", "bucket", "--json")[0])["results"] == result["results"]
    reader.call("submit", "bucket", tmp_path / "folder", "--benchmark", "xtreme", "--data", study.data)
    assert (tmp_path / "folder" / "xnli" / "test-de.tsv").read_text().strip()


def test_endpoint_and_credentials_may_come_from_fsspec_s_own_variables(finished, machine, server):
    nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    given = {"endpoint_url": server.endpoint, "key": "who", "secret": "knows"}
    settings = {f"FSSPEC_S3_{name.upper()}": value for name, value in given.items()}
    out, _ = machine(**nobody, **settings, XSTILTS_STORE=STORE).call("store", "ls", "--json")
    assert len(json.loads(out)) == len(server.names("manifest.json"))
    out, _ = machine(**nobody, FSSPEC_S3=json.dumps(given)).call("store", "ls", "--store", STORE, "--json")
    assert len(json.loads(out)) == len(server.names("manifest.json"))


def test_a_flipped_byte_in_the_bucket_is_warned_about_and_computed_again(finished, machine, server, tmp_path):
    _, result = finished
    name = server.names("counts.parquet")[0]
    damaged = bytearray(server.ask("GET", f"results/{name}"))
    damaged[len(damaged) // 2] ^= 1
    server.ask("PUT", f"results/{name}", bytes(damaged))
    other = machine()
    out, _ = other.call("store", "verify", "--store", STORE, "--json", code=1)
    (row,) = json.loads(out)["damaged"]
    assert f"{name.split('/')[-3]}: counts.parquet is damaged" in row["problem"]
    again, said = other.run("--out", tmp_path / "out")
    assert again["nodes"]["ran"] == 1
    assert again["results"] == result["results"]
    assert "counts.parquet is damaged" in said
    assert other.mirrored() > {"zero_shot"}  # the checkpoint came from the bucket
    out, _ = machine().call("store", "verify", "--store", STORE, "--json")
    assert json.loads(out)["damaged"] == []


@pytest.mark.parametrize(
    ("settings", "store", "words"),
    [
        ({}, "s3://no-such-bucket/x", "The specified bucket does not exist"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, STORE, "Unable to locate credentials"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_bucket_that_cannot_be_read_is_one_message_before_anything_runs(machine, command, settings, store, words):
    asking = machine(**settings)
    out, err = asking.call(*asking.arguments(command), "--store", store, code=2)
    assert out == ""
    assert err.startswith(f"error: {store}: the store cannot be read: ")
    assert words in err
    assert len(err.splitlines()) == 1


def test_gc_empties_the_bucket(finished, machine, server):
    entries = len(server.names("manifest.json"))
    out, _ = machine().call("store", "gc", "--keep", "bucket", "--store", STORE, "--dry-run", "--json")
    assert json.loads(out)["entries"] < entries
    out, _ = machine().call("store", "gc", "--all", "--store", STORE, "--json")
    assert json.loads(out)["entries"] == entries
    assert server.names() == []
