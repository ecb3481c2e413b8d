"""Training on the same sets gives the same bytes, and the whole tool works on sets laid out as they are published."""

import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import classifier
from classifier import contrast, fetch, soft
from classifier.__main__ import main
from classifier.datasets import ATTRIBUTES, AUTHORED, SOURCES, load_corpus
from classifier.reader.stack import SHIPPED
from classifier.readers import clean

GOOD = (
    "halo semua apa kabar",
    "terima kasih banyak",
    "selamat pagi pak",
    "the weather is fine",
    "thanks for the news",
    "see you at school",
)
BAD = (
    "dasar goblok lo",
    "anjing semua kalian",
    "bangsat banget sih",
    "you are an idiot",
    "shut up moron",
    "fucking loser go away",
)


def texts(kinds: Sequence[str], count: int) -> list[str]:
    """Sentences that differ in a number."""
    return [f"{kinds[n % len(kinds)]} nomor {n}" for n in range(count)]


def table(
    path: Path, head: Sequence[str], rows: Iterator[Sequence[object]] | Sequence[Sequence[object]], delimiter: str = ","
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(head)
    writer.writerows(rows)
    raw = written.getvalue().encode()
    path.write_bytes(gzip.compress(raw, mtime=0) if path.suffix == ".gz" else raw)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented sets in the layouts of the published ones."""
    root = tmp_path_factory.mktemp("sets")
    good, bad = texts(GOOD, 150), texts(BAD, 150)
    rows = [(text, 0) for text in good] + [(text, 1) for text in bad]
    columns = [
        "HS",
        "Abusive",
        "HS_Individual",
        "HS_Group",
        "HS_Religion",
        "HS_Race",
        "HS_Physical",
        "HS_Gender",
        "HS_Other",
        "HS_Weak",
        "HS_Moderate",
        "HS_Strong",
    ]
    table(
        root / "id_multilabel_twitter/re_dataset.csv",
        ["Tweet", *columns],
        [(text, *[label] * 12) for text, label in rows],
    )
    table(
        root / "en_davidson_twitter/labeled_data.csv",
        ["", "count", "hate_speech", "offensive_language", "neither", "class", "tweet"],
        [(n, 3, 0, 3 * label, 3 - 3 * label, 2 - label, f"{text} tweet") for n, (text, label) in enumerate(rows)],
    )
    six = ["comment_text", "toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    for part in "ab":
        table(
            root / f"en_jigsaw_wiki/six_labels_{part}/toxic_comments.csv",
            six,
            [(f"{text} {part}", *[label] * 6) for text, label in rows],
        )
    for part in "12":
        table(
            root / f"en_jigsaw_wiki/binary/text_comment_{part}.csv.gz",
            ["comment_text", "labels"],
            [(f"{t} x{part}", y) for t, y in rows],
        )
    table(
        root / "id_judol_youtube/dataset_judol_labelled.csv.gz",
        ["comment_id", "author", "comment_text", "label"],
        [
            (n, "@nobody", f"{'main slot gacor' if label else 'lagu bagus'} {n}", label)
            for n, (_, label) in enumerate(rows)
        ],
    )
    table(
        root / "en_youtube_spam/Youtube01-Psy.csv",
        ["COMMENT_ID", "AUTHOR", "DATE", "CONTENT", "CLASS"],
        [
            (n, "nobody", "", f"{'subscribe to my channel' if label else 'love this song'} {n}", label)
            for n, (_, label) in enumerate(rows)
        ],
    )
    return root


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_training(folder, tmp_path_factory.mktemp("model") / "one.safetensors")


def run_training(folder: Path, out: Path) -> Path:
    done = CliRunner().invoke(main, ["train", "--data", str(folder), "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0
    return out


@pytest.fixture(autouse=True, scope="module")
def few_sentences() -> Iterator[None]:
    """A tenth of the templates, a few sentences of each, is enough here."""
    whole, most = contrast.templates, contrast.MOST
    few = list(whole())[::10]
    contrast.templates, contrast.MOST = lambda: iter(few), 3
    yield
    contrast.templates, contrast.MOST = whole, most


def test_the_same_sets_give_the_same_bytes(folder: Path, trained: Path, tmp_path: Path) -> None:
    assert run_training(folder, tmp_path / "two.safetensors").read_bytes() == trained.read_bytes()


def test_a_trained_model_tells_the_kinds_apart(trained: Path) -> None:
    model = classifier.load(trained)
    worse, better = model.predict_proba(["dasar goblok lo", "terima kasih banyak"])[:, 0]
    assert worse > better + 0.2


def test_evaluating_again_gives_the_figures_of_the_card(folder: Path, trained: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "--data", str(folder), "--model", str(trained), "--leave-one-source-out"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    card = CliRunner().invoke(
        main, ["card", "--model", str(trained), "--out", str(tmp_path / "CARD.md")], catch_exceptions=False
    )
    assert card.exit_code == 0
    rows = [line for line in done.stdout.splitlines() if line.startswith("| toxicity")]
    assert rows
    written = (tmp_path / "CARD.md").read_text("utf-8")
    assert all(row in written for row in rows)


def test_thresholds_print_a_python_literal(folder: Path, trained: Path) -> None:
    done = CliRunner().invoke(
        main,
        ["thresholds", "--data", str(folder), "--model", str(trained), "--precision", "0.9"],
        catch_exceptions=False,
    )
    literal = eval(done.stdout)
    assert set(literal) == set(ATTRIBUTES)


def test_quantiles_print_a_row_for_each_attribute_and_language(folder: Path, trained: Path) -> None:
    done = CliRunner().invoke(
        main, ["quantiles", "--data", str(folder), "--model", str(trained)], catch_exceptions=False
    )
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row[:2] for row in rows[2:]] == [
        [f"| {name}", language] for name in ATTRIBUTES for language in ("id", "en")
    ]
    assert any(cell.startswith("0.") for row in rows[2:] for cell in row[2:])


def test_a_text_in_two_sets_is_one_row_with_the_labels_of_both(tmp_path: Path) -> None:
    table(
        tmp_path / "id_judol_youtube/dataset_judol_labelled.csv",
        ["comment_id", "author", "comment_text", "label"],
        [(1, "x", "Halo, dunia!", 0)],
    )
    table(tmp_path / "id_abusive_twitter_2018/re_dataset_three_labels.csv", ["Label", "Tweet"], [(1, "halo DUNIA")])
    corpus = load_corpus(tmp_path)
    at = [n for n, source in enumerate(corpus.sources) if source != AUTHORED]
    assert len(at) == 1
    known = dict(zip(ATTRIBUTES, corpus.labels[at[0]], strict=True))
    assert (known["toxicity"], known["spam"]) == (0, 0)
    assert np.isnan(known["threat"])
    assert not corpus.own[at[0], ATTRIBUTES.index("spam")]


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="python -m classifier data"):
        load_corpus(tmp_path)


def test_stormfront_and_hasoc_are_read_from_their_archives(tmp_path: Path) -> None:
    (tmp_path / "en_stormfront").mkdir()
    with tarfile.open(tmp_path / "en_stormfront/stormfront.tar.gz", "w:gz") as archive:
        for name, text in (
            ("annotations_metadata.csv", "file_id,user_id,subforum_id,num_contexts,label\n1_1,1,1,0,hate\n"),
            ("all_files/1_1.txt", "bad"),
        ):
            member = tarfile.TarInfo(f"set-abc/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    (tmp_path / "en_hasoc2019").mkdir()
    with zipfile.ZipFile(tmp_path / "en_hasoc2019/english_dataset.zip", "w") as packed:
        packed.writestr(
            "english_dataset/english_dataset.tsv", "text_id\ttext\ttask_1\ttask_2\ttask_3 \n1\tworse\tHOF\tPRFN\tTIN\n"
        )
    corpus = load_corpus(tmp_path)
    assert [text for text, source in zip(corpus.texts, corpus.sources, strict=True) if source != AUTHORED] == [
        "worse",
        "bad",
    ]


def test_cleaning_shows_the_comment_as_its_author_saw_it() -> None:
    assert clean(r"RT USER: USER hai &amp; halo \xf0\x9f\x98\x84\nURL") == "@user hai & halo 😄 http://url"


def test_written_sentences_know_only_the_attributes() -> None:
    rows = list(contrast.sentences())
    assert {row.template.language for row in rows} == {"id", "en"}
    assert all(set(row.template.labels) <= set(ATTRIBUTES) for row in rows)
    assert not any("{" in row.text for row in rows)
    assert not any("@" in row.text for row in rows if "@" not in row.template.text)  # of a slot's identity group


def test_templates_that_are_kept_out_are_not_trained_on() -> None:
    trained, kept = list(contrast.sentences()), list(contrast.kept_out())
    assert not {row.template.text for row in kept} & {row.template.text for row in trained}
    assert {row.template.language for row in kept} == {"id", "en"}


def test_every_source_has_its_published_files() -> None:
    remotes = list(fetch.remotes())
    assert {remote.folder for remote in remotes} == {source.name for source in SOURCES}
    for remote in remotes:
        assert re.fullmatch(r"[0-9a-f]{40}", remote.commit)
        assert re.fullmatch(r"[0-9a-f]{64}", remote.sha256) or (
            not remote.path and re.fullmatch(r"[0-9a-f]{64}", fetch.STORMFRONT_DIGEST)
        )
        assert remote.url.startswith("https://")


def test_the_shipped_card_is_the_shipped_models() -> None:
    from classifier.card import card
    from classifier.model import DEFAULT

    assert DEFAULT.with_name("CARD.md").read_text("utf-8") == card(classifier.load())


def test_scores_print_as_json_lines() -> None:
    done = CliRunner().invoke(main, ["score", "--json", "-"], input="halo\ndasar goblok\n", catch_exceptions=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["halo", "dasar goblok"]
    assert set(lines[0]["scores"]) == set(ATTRIBUTES)


def test_an_explanation_shows_words_and_weights() -> None:
    done = CliRunner().invoke(main, ["explain", "dasar g0bl0k lo"], catch_exceptions=False)
    assert "g0bl0k" in done.stdout
    assert "read as: dasar goblok lo" in done.stdout


def test_a_model_taught_by_other_encoders_is_a_plain_message(folder: Path, trained: Path, tmp_path: Path) -> None:
    model = classifier.load(trained)
    other = replace(model, about={**model.about, "taught_by": "00000000"}).named()
    other.save(tmp_path / "other.safetensors")
    done = CliRunner().invoke(main, ["evaluate", "--data", str(folder), "--model", str(tmp_path / "other.safetensors")])
    assert done.exit_code == 1
    assert "the model was taught by 00000000" in done.output


def test_a_model_keeps_who_taught_it(folder: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "taught.safetensors"
    arguments = ["train", "--data", str(folder), "--out", str(out), "--taught"]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    assert classifier.load(out).about["taught_by"] == soft.load(SHIPPED / soft.FILE).version
    assert "taught_by" not in classifier.load(trained).about


def test_encoders_of_all_sets_teach_no_open_model(folder: Path, tmp_path: Path) -> None:
    arguments = ["train", "--data", str(folder), "--out", str(tmp_path / "model"), "--taught", "--licence", "open"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "--taught does not go with --licence open" in done.output


def test_no_data_is_a_plain_message(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["train", "--data", str(tmp_path), "--out", str(tmp_path / "model")])
    assert done.exit_code == 1
    assert "python -m classifier data" in done.output


def test_a_missing_model_is_a_plain_message(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["score", "halo", "--model", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "no model file" in done.output
