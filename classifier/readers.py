"""One reader for each published data set: its files -> texts with the labels that the set carries.

A label that a set does not carry, or that its scheme leaves open for a row, is absent: unknown, not 0. What each
label is taken for is stated in `datasets.SOURCES`, beside the source; the two are kept in step by reading them together.
"""

import csv
import gzip
import html
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Quoting = Literal[0, 3]
NO_QUOTES: Quoting = 3  # csv.QUOTE_NONE, as a type that csv takes
MAX_LETTERS = 1000  # of a text used for training: the rest of a long page teaches little

_BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_QUOTE = re.compile(r"\[QUOTE[^\]]*\].*?\[/QUOTE\]", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r"\[/?[A-Za-z]+(?:=[^\]]*)?\]")
_RETWEET = re.compile(r"^[\s!\"']*RT\b[ :]*(?:@?\w+:\s*)?")
_CONVABUSE_HATE = ("racist", "homophobic", "transphobic", "sexist", "ableist")


@dataclass(frozen=True)
class Labelled:
    """A text, what is known of it (attribute -> 0 or 1) and how far a label is trusted where that is below 1.

    part: of the set, where its parts are places of their own.
    """

    text: str
    labels: dict[str, int]
    trust: dict[str, float] = field(default_factory=dict)
    part: str = ""


Rows = Iterator[Labelled]


def clean(text: str) -> str:
    """A comment as its author saw it: entities and byte escapes undone, the sets' own tokens as names and links."""
    text = html.unescape(html.unescape(text))
    if "\\" in text:
        text = _BYTES.sub(_decoded, text)
        text = text.replace("\\n", " ").replace("\\t", " ").replace("\\r", " ").replace('\\"', '"').replace("\\'", "'")
    text = _RETWEET.sub("", text)
    text = re.sub(r"@?\bUSER\b", "@user", text)
    text = re.sub(r"\b(?:URL|HTTPURL)\b", "http://url", text)
    return text.strip().strip('"').strip()[:MAX_LETTERS]


def _decoded(match: re.Match[str]) -> str:
    raw = bytes.fromhex(match.group().replace("\\x", ""))
    return raw.decode("utf-8", "ignore") or raw.decode("latin-1").replace("\xa0", " ")


def _table(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> Iterator[dict[str, str]]:
    """Rows of a table by column name; the file may be there as it is or with .gz."""
    packed = path.with_name(path.name + ".gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    yield from _parsed(raw.decode(encoding, "replace"), delimiter)


def _parsed(text: str, delimiter: str, quoting: Quoting = 0) -> Iterator[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff\r\n"), newline=""), delimiter=delimiter, quoting=quoting)
    for line in lines:
        yield {
            key.strip(): value or ""
            for key, value in line.items()
            if isinstance(key, str) and not isinstance(value, list)
        }


def id_multilabel(folder: Path) -> Rows:
    """Ibrohim and Budi 2019."""
    for line in _table(folder / "re_dataset.csv", encoding="latin-1"):
        flag = {key: value == "1" for key, value in line.items() if key != "Tweet"}
        bad = flag["HS"] or flag["Abusive"]
        labels = {"toxicity": int(bad), "profanity": int(flag["Abusive"]), "severe_toxicity": int(flag["HS_Strong"])}
        identity = flag["HS_Religion"] or flag["HS_Race"] or flag["HS_Gender"]
        if identity or not flag["HS_Physical"]:
            labels["identity_attack"] = int(identity)
        if flag["HS_Individual"] or not bad:
            labels["insult"] = int(flag["HS_Individual"])
        labels["threat"] = int(flag["HS_Strong"])
        if not bad:
            labels |= {"sexually_explicit": 0, "spam": 0}
        yield Labelled(clean(line["Tweet"]), labels, {"threat": 0.2, "sexually_explicit": 0.3, "spam": 0.3})


def id_abusive(folder: Path) -> Rows:
    """Ibrohim and Budi 2018: 1 not abusive, 2 abusive, 3 offensive."""
    for line in _table(folder / "re_dataset_three_labels.csv"):
        label = line["Label"].strip()
        labels = {"toxicity": int(label != "1"), "profanity": int(label != "1")}
        if label != "2":
            labels["insult"] = int(label == "3")
        yield Labelled(clean(line["Tweet"]), labels)


def id_netifier(folder: Path) -> Rows:
    """Izzan and others: defamation and radicalism alone say nothing of tone; most pornografi rows are adverts."""
    for name in ("train.csv", "test.csv"):
        for line in _table(folder / name):
            sara, porn = line["sara"] == "1", line["pornografi"] == "1"
            other = line["radikalisme"] == "1" or line["pencemaran_nama_baik"] == "1"
            labels = {"sexually_explicit": int(porn)}
            if sara or not (other or porn):
                labels |= {"toxicity": int(sara), "identity_attack": int(sara)}
            if not (sara or porn or other):
                labels |= {"spam": 0, "insult": 0, "profanity": 0}
            text = _MARK.sub(" ", _QUOTE.sub(" ", line["original_text"]))
            yield Labelled(clean(text), labels, {"spam": 0.3, "insult": 0.3, "profanity": 0.3})


def id_judol(folder: Path) -> Rows:
    """Adverts for online gambling below videos; author names are not read."""
    for line in _table(folder / "dataset_judol_labelled.csv"):
        if line["label"] in ("0", "1"):
            yield Labelled(clean(line["comment_text"]), {"spam": int(line["label"])})


def en_davidson(folder: Path) -> Rows:
    """Davidson and others 2017: 0 hate, 1 offensive, 2 neither, with the number of votes for each."""
    for line in _table(folder / "labeled_data.csv"):
        kind = line["class"]
        labels = {"toxicity": int(kind != "2")}
        if kind != "1" or line["hate_speech"] == "0":
            labels["identity_attack"] = int(kind == "0")
        if kind != "0":
            labels["profanity"] = int(kind == "1")
        if kind == "2":
            labels |= {"insult": 0, "sexually_explicit": 0, "spam": 0}
        yield Labelled(clean(line["tweet"]), labels, {"spam": 0.3, "sexually_explicit": 0.3})


def en_olid(folder: Path) -> Rows:
    """Zampieri and others 2019."""
    text = (folder / "olid-training-v1.0.tsv").read_bytes().decode("utf-8", "replace")
    for line in _parsed(text, "\t", NO_QUOTES):
        offensive = line["subtask_a"] == "OFF"
        labels = {"toxicity": int(offensive)}
        if not offensive or line["subtask_b"] == "UNT":
            labels |= {"insult": 0, "profanity": int(offensive)}
        elif line["subtask_c"] == "IND":
            labels["insult"] = 1
        if not offensive:
            labels |= {"spam": 0, "sexually_explicit": 0}
        yield Labelled(clean(line["tweet"]), labels, {"spam": 0.3, "sexually_explicit": 0.3, "profanity": 0.5})


def en_hasoc(folder: Path) -> Rows:
    """Mandl and others 2019: one class a row, so profanity inside hate is open."""
    with zipfile.ZipFile(folder / "english_dataset.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".tsv") and "__MACOSX" not in name)
        texts = [archive.read(name).decode("utf-8", "replace") for name in names]
    for text in texts:
        for line in _parsed(text, "\t", NO_QUOTES):
            kind = line["task_2"].strip()
            labels = {"toxicity": int(line["task_1"].strip() == "HOF")}
            if kind in ("HATE", "NONE"):
                labels["identity_attack"] = int(kind == "HATE")
            if kind in ("OFFN", "NONE"):
                labels["insult"] = int(kind == "OFFN")
            if kind in ("PRFN", "NONE"):
                labels["profanity"] = int(kind == "PRFN")
            yield Labelled(clean(line["text"]), labels)


def en_jigsaw(folder: Path) -> Rows:
    """Pieces of the Jigsaw 2018 set: six labels where there are six, toxicity alone elsewhere."""
    kinds = {"toxicity": "toxic", "severe_toxicity": "severe_toxic", "profanity": "obscene", "threat": "threat"}
    kinds |= {"insult": "insult", "identity_attack": "identity_hate"}
    for name in ("six_labels_a", "six_labels_b"):
        for line in _table(folder / name / "toxic_comments.csv"):
            labels = {ours: int(line[theirs] == "1") for ours, theirs in kinds.items()}
            yield Labelled(
                clean(line["comment_text"]),
                labels | _quiet(labels["toxicity"]),
                {"spam": 0.3, "sexually_explicit": 0.3},
            )
    for name in ("text_comment_1.csv", "text_comment_2.csv"):
        for line in _table(folder / "binary" / name):
            toxic = int(line["labels"] == "1")
            quiet = (
                {} if toxic else {"insult": 0, "profanity": 0, "identity_attack": 0, "threat": 0, "severe_toxicity": 0}
            )
            yield Labelled(
                clean(line["comment_text"]),
                {"toxicity": toxic} | quiet | _quiet(toxic),
                {"spam": 0.3, "sexually_explicit": 0.3},
            )


def _quiet(toxic: int) -> dict[str, int]:
    """What a comment that is not toxic is, in all likelihood, not either."""
    return {} if toxic else {"spam": 0, "sexually_explicit": 0}


def en_kaggle_insults(folder: Path) -> Rows:
    """Impermium 2012: news and forum comments. No insult is not the same as not toxic, so that is trusted by half."""
    for name in ("train.csv", "test_with_solutions.csv", "verification/impermium_verification_labels.csv"):
        for line in _table(folder / name):
            insult = int(line["Insult"] == "1")
            text = line["Comment"].replace("\\\\", "\\")
            labels = {"insult": insult, "toxicity": insult} | _quiet(insult)
            trust = {"spam": 0.3, "sexually_explicit": 0.3} | ({} if insult else {"toxicity": 0.5})
            yield Labelled(clean(text), labels, trust)


def en_implicit_hate(folder: Path) -> Rows:
    """ElSherief and others 2021: hate by insinuation is trusted little, a bag of words can't read it."""
    text = (folder / "implicit_hate_v1_stg1_posts.tsv").read_text("utf-8")
    for line in _parsed(text, "\t"):
        kind = line["class"]
        labels = {"identity_attack": int(kind != "not_hate")}
        if kind != "implicit_hate":
            labels["toxicity"] = int(kind == "explicit_hate")
        trust = {"identity_attack": 0.3} if kind == "implicit_hate" else {"toxicity": 0.5} if kind == "not_hate" else {}
        yield Labelled(clean(line["post"]), labels, trust)


def en_gab(folder: Path) -> Rows:
    """Kennedy and others 2018: hd assault on human dignity, cv call for violence, vo vulgar or offensive."""
    for name in ("ghc_train.tsv", "ghc_test.tsv"):
        for line in _table(folder / name, "\t"):
            dignity, violence, vulgar = (line[key] == "1" for key in ("hd", "cv", "vo"))
            labels = {"toxicity": int(dignity or violence or vulgar), "identity_attack": int(dignity)}
            labels |= {"threat": int(violence), "profanity": int(vulgar)}
            yield Labelled(clean(line["text"]), labels, {"threat": 0.3})


def en_stormfront(folder: Path) -> Rows:
    """De Gibert and others 2018: sentences; rows judged only with their neighbours are left out."""
    with tarfile.open(folder / "stormfront.tar.gz") as archive:
        files = {Path(m.name).name: archive.extractfile(m) for m in archive if m.isfile() and _is_stormfront(m.name)}
        texts = {name: file.read().decode("utf-8", "replace") for name, file in files.items() if file}
    for line in _parsed(texts["annotations_metadata.csv"], ","):
        if line["label"] in ("hate", "noHate"):
            hate = int(line["label"] == "hate")
            yield Labelled(
                clean(texts[line["file_id"] + ".txt"]), {"identity_attack": hate, "toxicity": hate}, {"toxicity": 0.5}
            )


def _is_stormfront(name: str) -> bool:
    return name.endswith("annotations_metadata.csv") or "all_files/" in name


def en_convabuse(folder: Path) -> Rows:
    """Curry and others 2021: speech to bots, by majority of the annotators who judged the row."""
    for name in ("train", "valid", "test"):
        for line in _table(folder / f"ConvAbuseEMNLP{name}.csv"):
            judges = sorted({key.split("_", 1)[0] for key in line if key.startswith("Annotator")})
            votes = [
                {
                    key.split("_", 1)[1]: cell.startswith("1")
                    for key, cell in line.items()
                    if key.startswith(judge + "_")
                }
                for judge in judges
                if line.get(f"{judge}_is_abuse.1", "") or line.get(f"{judge}_is_abuse.0", "")
            ]
            if votes:
                yield Labelled(clean(line["user"]), _majority(votes))


def _majority(votes: list[dict[str, bool]]) -> dict[str, int]:
    """Labels that more than half of the judges gave."""

    def share(*keys: str) -> float:
        return sum(any(vote.get(key, False) for key in keys) for vote in votes) / len(votes)

    abusive = share("is_abuse.-1", "is_abuse.-2", "is_abuse.-3") > 0.5
    labels = {"toxicity": int(abusive), "severe_toxicity": int(share("is_abuse.-3") >= 0.5)}
    labels |= {
        "identity_attack": int(share(*_CONVABUSE_HATE) > 0.5),
        "sexually_explicit": int(share("sex_harassment") >= 0.5),
    }
    if share("intellectual") > 0.5 or not abusive:
        labels["insult"] = int(abusive)
    if not abusive:
        labels |= {"spam": 0}
    return labels


def en_youtube_spam(folder: Path) -> Rows:
    """Alberto and others 2015: comments below music videos; author names are not read."""
    for path in sorted(folder.glob("Youtube0*.csv")):
        for line in _table(path):
            yield Labelled(clean(line["CONTENT"]), {"spam": int(line["CLASS"] == "1")}, part=path.stem)
