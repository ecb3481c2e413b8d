"""Fetches the data sets from where they were published, each file checked against its sha256.

The texts are not in this repository: several licences forbid or leave open their republication.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Remote:
    """A published file. sha256: of its bytes as published; "" where the host makes the archive anew each time."""

    folder: str
    name: str
    repository: str
    commit: str
    path: str
    sha256: str

    @property
    def url(self) -> str:
        """Where it is fetched from: the file at that commit, or the whole commit where `path` is empty."""
        if not self.path:
            return f"https://github.com/{self.repository}/archive/{self.commit}.tar.gz"
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{self.path}"


# The members of the Stormfront set, one file for each sentence: sha256 over their names and bytes (see `members_digest`)
STORMFRONT_DIGEST = "bc0df237e0ad4c94c4954959b5b9baf62f98f47d7050071fd56811f80b532795"

# Where the sets were published: repository and commit
REPOSITORIES = (
    (
        "okkyibrohim/id-multi-label-hate-speech-and-abusive-language-detection",
        "be98de98e974b65838d2b5145ee2c89e9bf53a6b",
    ),
    ("okkyibrohim/id-abusive-language-detection", "3f511561df6b1ae60f7343f8992d1471209ff10b"),
    ("ahmadizzan/netifier", "725b7ebc74fe5d6bc7de9f2edb55a4251bc944a5"),
    ("gbennnn/judol-comment-classification", "efabf6ce2c8ccb4aa24ee32f5fa205bec594e210"),
    ("t-davidson/hate-speech-and-offensive-language", "cb50f7e9eb855a99abc51423bf40df0e26d6fe30"),
    ("victoriyayeotobo/NLP-CW1", "f92c5a699ce967693244082698f1ba6b5e7d01cd"),
    ("salarmohtaj/HASOC_2021", "1b3ee5e0f2703a2c25a2c32096ee5452828979c4"),
    ("amodh-saxena/toxic_message_analyzer", "590f232d519bfef934b9ceb096fe7128b5d6a9e1"),
    ("HieuNT91/file_storage", "54fa062ad711dec1226b23c55f2e2bcf78b09893"),
    ("khanhhk/Data-Systems-for-Toxic-Comment-Classification", "91c013125c753d62cb53bb0f06063f1d7ffed69e"),
    ("amueller/kaggle_insults", "e4abac805be1d1e2b3201a978172bafd36cc01e3"),
    ("AWConant/internet-hate-comments", "ff7e1c971672e7a96f2dd174f5df9e59000d29a3"),
    ("liuchaoqun/hate-speech-datasets", "98f3ee8104cf87bb91ed3e64c31a3097b9f8de84"),
    ("amandacurry/convabuse", "c0a9469f48956e868276c605d499010ea3c7c0d0"),
    ("ScribbleDribble/Spam-Detector-Text-Classification", "565940d8e8be3f555e3e60a5876844d491bd4901"),
    ("Vicomtech/hate-speech-dataset", "b802137e8314c38a8d4faa965f9908d6c8e7a84d"),
)

# number in REPOSITORIES, folder and name here, path there, sha256 of the file as published
FILES = (
    (
        0,
        "id_multilabel_twitter",
        "re_dataset.csv",
        "re_dataset.csv",
        "44c04e31ad4b7ee4a95f1884e7af4da2c44b69762143eb2de0ede7f90502735e",
    ),
    (
        1,
        "id_abusive_twitter_2018",
        "re_dataset_three_labels.csv",
        "re_dataset_three_labels.csv",
        "8e88d5bf4d98f86d7c8fb9c010008246e206814e8dbe5695ec7de4a76812bc86",
    ),
    (
        2,
        "id_netifier",
        "train.csv",
        "data/raw/train.csv",
        "33f65dff7739a65a5faf2d13fc9f32393b5aadb87115a0f5dd92ceab7769b507",
    ),
    (
        2,
        "id_netifier",
        "test.csv",
        "data/raw/test.csv",
        "46088b11b06f1f876f04249af5916318832d77f18572bc792ae3dfc668cb3deb",
    ),
    (
        3,
        "id_judol_youtube",
        "dataset_judol_labelled.csv",
        "dataset/dataset_judol_labelled.csv",
        "4a9555bb62998cf1d7aeae850dfd038a585e0caa2e91b954f9bad95163c317e9",
    ),
    (
        4,
        "en_davidson_twitter",
        "labeled_data.csv",
        "data/labeled_data.csv",
        "fcb8bc7c68120ae4af04a5b9acd58585513ede11e1548ebf36a5c2040b6f6281",
    ),
    (
        5,
        "en_olid_twitter",
        "olid-training-v1.0.tsv",
        "olid-training-v1.0.tsv",
        "b8056efdb3a781ba3e096eabac2d2092b2923d4c9860e09ee4f57b200dcce0ce",
    ),
    (
        6,
        "en_hasoc2019",
        "english_dataset.zip",
        "Data/2019/English/english_dataset.zip",
        "1b4bda7904193be59ed768675fc1d65f172f7bf92af3de6394e8deda8afb640e",
    ),
    (
        7,
        "en_jigsaw_wiki",
        "six_labels_a/toxic_comments.csv",
        "toxic_comments.csv",
        "40cf8805ff699dc7e1846bfcce004c87800c58bd37bf034b1720d7c0f8ab8b36",
    ),
    (
        8,
        "en_jigsaw_wiki",
        "six_labels_b/toxic_comments.csv",
        "toxic_comments.csv",
        "280b24ec6115f613f025d674d277a5f2f1c44ea037d5542d0e4bbdea2fffa638",
    ),
    (
        9,
        "en_jigsaw_wiki",
        "binary/text_comment_1.csv",
        "data/raw/text_comment_1.csv",
        "83b6a1cf49d6e264a36c5d36bd821483c7f482217d432613fb5259c1c02d8727",
    ),
    (
        9,
        "en_jigsaw_wiki",
        "binary/text_comment_2.csv",
        "data/raw/text_comment_2.csv",
        "5106a69aacb000d4088f60782781b4702353e5b2f5b03489aedb8756b55537f6",
    ),
    (
        10,
        "en_kaggle_insults",
        "train.csv",
        "train.csv",
        "523e0215c52ac483a4e6fe6ae078cd5d436221f07a89331edc572dca44e4c11e",
    ),
    (
        10,
        "en_kaggle_insults",
        "test_with_solutions.csv",
        "test_with_solutions.csv",
        "3b3adc689615a8c327b4cf89910dc68f9721487943311fef5586792e2925b990",
    ),
    (
        11,
        "en_kaggle_insults",
        "verification/impermium_verification_labels.csv",
        "impermium_verification_labels.csv",
        "271018033ebece431fb4bdcffb666fb74387fe134d20d6bf3662e8605e9624af",
    ),
    (
        12,
        "en_implicit_hate_twitter",
        "implicit_hate_v1_stg1_posts.tsv",
        "implicit-hate-corpus/implicit_hate_v1_stg1_posts.tsv",
        "00811aca26d05ace390e7131eb311a3e9e0e39ecadb2b839a173d4f7e2ccea8b",
    ),
    (
        12,
        "en_gab_ghc",
        "ghc_train.tsv",
        "GabHateCorpus/Data/ghc_train.tsv",
        "c82a27336560d3a6822a4cc3f92856481af5fd63aa2ce8d0ca644d440d351d43",
    ),
    (
        12,
        "en_gab_ghc",
        "ghc_test.tsv",
        "GabHateCorpus/Data/ghc_test.tsv",
        "0c64ffe8d7e4e72303f9d33723f5750aa852223bc32554b529afba3a6efb1ddc",
    ),
    (
        13,
        "en_convabuse",
        "ConvAbuseEMNLPtrain.csv",
        "2_splits/ConvAbuseEMNLPtrain.csv",
        "23abab3eff791d0e8cac681cec15a5ef299ed052699e4fca762d1d4640c36936",
    ),
    (
        13,
        "en_convabuse",
        "ConvAbuseEMNLPvalid.csv",
        "2_splits/ConvAbuseEMNLPvalid.csv",
        "a28bc3083fe3ea305b8c417539a20fda7e68057dc06365507b85c46b60e65443",
    ),
    (
        13,
        "en_convabuse",
        "ConvAbuseEMNLPtest.csv",
        "2_splits/ConvAbuseEMNLPtest.csv",
        "8387d70332cd2245a095240534629152dd5729e8e9556e91b6b20dabdc0bb9d0",
    ),
    (
        14,
        "en_youtube_spam",
        "Youtube01-Psy.csv",
        "data/Youtube01-Psy.csv",
        "36ce8304361563275d034db5b88091c0fedef43400dcbb180413046da52d8b52",
    ),
    (
        14,
        "en_youtube_spam",
        "Youtube02-KatyPerry.csv",
        "data/Youtube02-KatyPerry.csv",
        "902c614f8ef24f987d6f614d7e6111aa5160b89a0646b68e007bd6044a3d123b",
    ),
    (
        14,
        "en_youtube_spam",
        "Youtube03-LMFAO.csv",
        "data/Youtube03-LMFAO.csv",
        "702ef589860a1831956f527760a3d9737ef8a07ab36c7de35b92b8898b8c3928",
    ),
    (
        14,
        "en_youtube_spam",
        "Youtube04-Eminem.csv",
        "data/Youtube04-Eminem.csv",
        "92f54eb6b22fdf3b7ae85e1f500e5aa7442edd025e504b988a97078756187e76",
    ),
    (15, "en_stormfront", "stormfront.tar.gz", "", ""),
)


def remotes() -> Iterable[Remote]:
    """Every file that training reads."""
    for number, folder, name, path, sha256 in FILES:
        yield Remote(folder, name, *REPOSITORIES[number], path, sha256)


def fetch(folder: Path, say: Callable[[str], None]) -> None:
    """Fetch what is missing into `folder`, laid out as `readers` expects it.

    Raises: ValueError when a file is not the one that was published.
    """
    import pooch

    for remote in remotes():
        say(f"{remote.folder}/{remote.name}")
        known = f"sha256:{remote.sha256}" if remote.sha256 else None
        target = folder / remote.folder / remote.name
        target.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(remote.url, known_hash=known, fname=target.name, path=target.parent)
        if not remote.sha256 and members_digest(target) != STORMFRONT_DIGEST:
            target.unlink()
            raise ValueError(f"{remote.url} is not the data set that was published")


def members_digest(archive: Path) -> str:
    """sha256 over base names and bytes of the sentences and their table, in the order of names."""
    with tarfile.open(archive) as members:
        wanted = [
            m
            for m in members.getmembers()
            if m.isfile() and ("all_files/" in m.name or m.name.endswith("annotations_metadata.csv"))
        ]
        digest = hashlib.sha256()
        for member in sorted(wanted, key=lambda m: Path(m.name).name):
            file = members.extractfile(member)
            digest.update(Path(member.name).name.encode() + (file.read() if file else b""))
    return digest.hexdigest()
