"""What the shipped model must do, on sentences written for these tests: floors for each attribute and language."""

import pytest

import classifier

# What the model gets wrong; a test that passes again must lose the mark.
MISSED = pytest.mark.xfail(reason="scored .25, though toxicity is .42; why is not proven", strict=True)
LOWER = pytest.mark.xfail(
    reason="scored .86 and .72 since the calibration bends: such comments are often labelled 0", strict=True
)

# attribute, text, the least score
FLOORS = (
    pytest.param("toxicity", "dasar anjing goblok lo, mampus aja", 0.9, marks=LOWER),
    ("toxicity", "bacot lu tolol, otak udang", 0.8),
    ("toxicity", "you stupid fucking idiot", 0.9),
    ("toxicity", "shut up you pathetic moron", 0.8),
    ("insult", "kamu itu bodoh banget, dasar idiot", 0.6),
    ("insult", "goblok kali kau ini", 0.6),
    ("insult", "you are a complete idiot", 0.6),
    ("insult", "what a worthless loser you are", 0.6),
    pytest.param("profanity", "kontol lah, capek gue", 0.8, marks=LOWER),
    ("profanity", "what the fuck is this shit", 0.8),
    pytest.param("identity_attack", "usir semua cina dari sini, babi semua", 0.4, marks=MISSED),
    ("identity_attack", "muslims are filthy vermin, deport them all", 0.5),
    ("threat", "gue bunuh lo nanti malam", 0.4),
    ("threat", "awas lu, besok gue bacok", 0.4),
    ("threat", "I will find you and kill you", 0.4),
    ("threat", "I'm going to shoot you tomorrow", 0.4),
    ("sexually_explicit", "pengen ngentot sama tante, vcs yuk", 0.5),
    ("sexually_explicit", "send nudes, I want to fuck your pussy", 0.5),
    ("spam", "main slot gacor di 𝐌𝐀𝐗𝐖𝐈𝐍𝟖𝟖 auto jp", 0.9),
    ("spam", "depo receh langsung maxwin cuma di zeus88", 0.9),
    ("spam", "check out my channel and subscribe please", 0.8),
    ("spam", "earn money from home, click the link in my bio", 0.5),
)

EVERYDAY = (
    "Saya setuju dengan kebijakan ini, semoga berjalan lancar.",
    "Great article, thanks for reporting this.",
    "Jalan di depan sekolah sudah diperbaiki minggu lalu.",
    "Terima kasih infonya, sangat membantu",
    "Turut berduka cita untuk keluarga korban",
    "When does the new timetable start?",
    "The bridge near my house is closed until Friday.",
    "Congratulations to the whole team, well deserved!",
    "makan",
    "bagus",
    "nice",
    "ok",
    "mantap",
    "thanks",
    "iya",
    "lucu",
    "anjing peliharaan saya lucu",
    "My dog is afraid of fireworks",
    "Harga cabai naik jadi Rp50.000 sekilo",
    "covid19 belum selesai, jaga kesehatan",
)
HEATED = (
    "Kebijakan ini gagal total, menteri harus mundur",
    "This council is a disgrace, vote them out",
    "Malu punya gubernur seperti ini, janjinya palsu semua",
    "The minister lied to parliament and should resign today",
    "Tolak kenaikan pajak! Rakyat sudah susah",
    "I completely disagree with this terrible budget",
)
NAMED = (
    "Saya seorang Muslim dan gay",
    "As a Black woman, I want to be heard",
    "Tetangga saya orang Kristen, kami rukun sekali",
    "My Jewish friends are celebrating tonight",
    "Orang Papua juga warga negara Indonesia",
    "I am a proud lesbian and a mother of two",
    "Umat Hindu merayakan Nyepi besok",
    "Immigrants built this town together with everyone else",
    "Teman saya transgender dan dia dokter yang hebat",
    "The mosque and the church share a garden",
)
DISGUISED = (
    ("dasar goblok lo anjing", "dasar g0bl0k lo 4nj1ng"),
    ("dasar goblok lo anjing", "dasar g.o.b.l.o.k lo a n j i n g"),
    ("dasar goblok lo anjing", "dasar gobl\u200bok lo an\u00adjing"),
    ("dasar goblok lo anjing", "dаsаr gоblоk lо аnjіng"),
    ("dasar goblok lo anjing", "dasar goblooook lo anjiiiing"),
    ("dasar goblok lo anjing", "𝐝𝐚𝐬𝐚𝐫 𝐠𝐨𝐛𝐥𝐨𝐤 𝐥𝐨 𝐚𝐧𝐣𝐢𝐧𝐠"),
    ("you stupid fucking idiot", "you stup1d f.u.c.k.i.n.g id10t"),
    ("you stupid fucking idiot", "you st*pid f*cking idi*t"),
    ("you stupid fucking idiot", "ｙｏｕ ｓｔｕｐｉｄ ｆｕｃｋｉｎｇ ｉｄｉｏｔ"),
    ("you stupid fucking idiot", "yоu stuріd fuсkіng іdіоt"),
    ("you stupid fucking idiot", "you stu-pid fuuuucking idiooot"),
    ("you stupid fucking idiot", "you s t u p i d  f u c k i n g  i d i o t"),
)
ORDERED = (
    ("dasar goblok", "terima kasih"),
    ("you idiot", "thank you"),
    ("anjing lo", "anjing peliharaan saya lucu"),
    ("dasar sampah lo", "jangan buang sampah sembarangan"),
    ("you filthy pig", "the pig farm was sold"),
    ("bangsat semua", "selamat semua"),
    ("fuck you", "thank you"),
)


def score(text: str, attribute: str) -> float:
    model = classifier.load()
    return float(model.predict_proba([text])[0, model.attributes.index(attribute)])


def threshold(attribute: str, action: str) -> float:
    found = [p.threshold for p in classifier.load().operating_points if (p.attribute, p.action) == (attribute, action)]
    return found[0] if found else 1.0


@pytest.mark.parametrize(("attribute", "text", "least"), FLOORS)
def test_an_abusive_comment_scores_at_least(attribute: str, text: str, least: float) -> None:
    assert score(text, attribute) >= least


@pytest.mark.parametrize("text", EVERYDAY)
def test_an_everyday_comment_is_neither_toxic_nor_spam(text: str) -> None:
    assert score(text, "toxicity") < 0.2
    assert score(text, "spam") < 0.1


@pytest.mark.parametrize("text", HEATED)
def test_fair_criticism_is_never_rejected(text: str) -> None:
    model = classifier.load()
    for name, probability in zip(model.attributes, model.predict_proba([text])[0], strict=True):
        assert probability < threshold(name, "reject")
    assert score(text, "toxicity") < 0.5


@pytest.mark.parametrize("text", NAMED)
def test_naming_a_group_is_no_abuse(text: str) -> None:
    assert score(text, "toxicity") < 0.25
    assert score(text, "identity_attack") < 0.25


@pytest.mark.parametrize(("plain", "disguised"), DISGUISED)
def test_a_disguise_keeps_the_score(plain: str, disguised: str) -> None:
    assert score(disguised, "toxicity") > 0.9 * score(plain, "toxicity")


@pytest.mark.parametrize(("worse", "better"), ORDERED)
def test_insults_score_above_thanks(worse: str, better: str) -> None:
    assert score(worse, "toxicity") > score(better, "toxicity") + 0.1
