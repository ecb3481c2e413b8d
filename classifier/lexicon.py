"""Word classes in Indonesian and English, written by hand for this project.

A class says what a word may do in a sentence (who speaks, whom they address, violence, praise …), not that it is
bad: the training weighs classes and the patterns they form (`gue` + `bunuh` + `lo`), which carry over to words and
languages with few labelled rows. Words stand as `fold` reads them: lower case, no apostrophes.
"""

import re
from functools import lru_cache

CLASSES: dict[str, str] = {
    "speaker": "gue gua gw aku saya ane w kami kita i ill im id we ima imma",
    "addressee": (
        "lo lu loe elo elu kau kamu km mu kalian anda you u ya your youre ur yourself urself yall ngana awakmu koe"
    ),
    "violence": (
        "bunuh kubunuh dibunuh bunuhin habisi habisin abisin abisi bacok kubacok bacokin tusuk kutusuk "
        "tusukin tembak kutembak tembakin gorok penggal kupenggal bakar kubakar bakarin hajar kuhajar hajarin "
        "gebuk gebukin pukul pukulin tonjok tonjokin tampar tabok gampar cekik culik bantai sembelih ledakin "
        "matiin patahin remukin injak tebas siksa perkosa kill killing stab shoot behead murder strangle "
        "choke beat punch smash slit burn bomb rape kidnap torture hang lynch skin gut slaughter execute hurt "
        "harm break"
    ),
    "body": (
        "leher kepala muka kepalamu lehermu mukamu mulut kaki tangan mata neck throat head face skull teeth "
        "legs house rumah rumahmu family keluargamu keluarga"
    ),
    "future": (
        "akan bakal bakalan mau tunggu tungguin nanti ntar besok awas hati2 siap2 jangan_sampai will gonna "
        "going shall tonight tomorrow soon wait watch"
    ),
    "find": "cari datengin datangi samperin kejar incar temukan find hunt track come coming chase visit",
    "die": ("mati mampus modar koit mampuslah matilah matiaja mokad mampos metong die dead dies death suicide kys rip"),
    "insult": (
        "goblok goblog gblk guoblok bodoh bodo bego beg0 tolol tll idiot dungu pekok bloon oon sinting gila "
        "sarap edan gendeng kampungan norak tololnya gobloknya bodohnya bacot cupu pecundang munafik pengecut "
        "brengsek bangsat bgst bangke bangkai keparat bajingan jancok jancuk cok cuk asu kampret kampang "
        "sialan setan iblis laknat biadab kunyuk lonte jablay pelacur perek pecun sundal bencong banci idiots "
        "stupid moron morons imbecile dumb dumbass dumber fool retard retarded loser losers jerk asshole "
        "assholes arsehole scumbag bastard bastards bitch bitches cunt cunts prick dickhead wanker twat "
        "douche douchebag pathetic idiotic moronic braindead clown coward creep hoe whore slut skank "
        "worthless"
    ),
    "swear": (
        "kontol kntl kntol memek mmk ngentot ngentod ngntt entot ewe ngewe pepek puki pukimak pantek tai taik "
        "tahi jembut jmbt peler pler titit itil anjir anjrit anjay njir fuck fucking fucked fucker fuckers "
        "fuckin fck fcking fuk motherfucker motherfuckers shit shitty bullshit ass arse damn goddamn crap "
        "dick cock pussy tits piss pissed wtf stfu"
    ),
    "animal": (
        "anjing anjg ajg anjeng anying njing babi bb1 monyet kera kunyuk celeng kebo onta kadal cebong "
        "kampret tikus dog dogs pig pigs swine monkey monkeys ape apes rat rats cockroach cockroaches"
    ),
    "pet": (
        "peliharaan kucing memelihara pelihara piara piaraan liar hutan daging ternak sate kandang pet pets "
        "puppy cat cats vet farm zoo meat wild walk"
    ),
    "waste": (
        "sampah najis hina kotoran comberan hama kutu benalu scum vermin trash garbage filth filthy parasite "
        "parasites subhuman subhumans animals savages"
    ),
    "slur": (
        "nigger niggers nigga niggas faggot faggots fag fags tranny trannies kike kikes spic spics chink "
        "chinks gook wetback wetbacks towelhead towelheads raghead ragheads muzzie muzzies dyke coon coons "
        "beaner beaners mudslime mudslimes cina_anjing cokin aseng kafir kapir jaseng maho bences"
    ),
    "identity": (
        "muslim muslims islam islamic kristen katolik hindu budha buddha yahudi nasrani cina tionghoa jawa "
        "batak papua madura sunda dayak arab gay gays lesbian lgbt transgender trans bisexual homo queer "
        "black blacks white whites asian asians jew jews jewish christian christians catholic immigrant "
        "immigrants refugees refugee mexican mexicans african africans latino latina indian woman women "
        "perempuan wanita girl girls feminist disabled difabel disabilitas hijab pribumi"
    ),
    "self": "seorang sebagai adalah am as proud bangga being myself diri",
    "dismiss": (
        "usir musnahkan bubarkan ganyang hapuskan enyahkan deport exterminate eradicate gas vermin banish "
        "kick expel send wipe"
    ),
    "sexual": (
        "bokep bokong toket tetek nenen colmek coli crot sange sangean bugil telanjang ngocok sepong mesum "
        "vcs bo openbo open_bo tante pijat plus horny porn porno nude nudes naked boobs dick cock pussy cum "
        "blowjob anal sex sexy seks xxx milf onlyfans masturbate orgasm"
    ),
    "praise": (
        "terima kasih makasih trims mantap keren bagus setuju semoga sukses selamat hebat salut alhamdulillah "
        "amin aamiin sehat indah cantik lucu sayang thanks thank great good nice love lovely awesome "
        "beautiful congrats agree helpful interesting amazing wonderful best"
    ),
    "gambling": (
        "slot gacor maxwin jackpot jp scatter depo deposit wd withdraw togel zeus olympus pragmatic rtp judi "
        "judol bandar cuan modal situs toto jepe sensasional rungkad hoki casino poker betting mahjong petir "
        "spin"
    ),
    "promotion": (
        "subscribe channel check link bio promo diskon klik click daftar join gabung whatsapp wa telegram "
        "followers follow free gratis visit earn money dollars website http_ order jual murah ready order dm "
        "video videos playlist sub"
    ),
    "negation": "jangan tidak gak ga nggak ngga bukan tak not dont doesnt never no isnt arent cant wont",
    "others": (
        "mereka dia they them he she him her those these people orang polisi pelaku korban police suspect "
        "victim man men"
    ),
    "politics": (
        "menteri presiden pemerintah kebijakan dpr partai gubernur bupati anggaran korupsi mundur gagal "
        "council minister government policy president senator vote election budget tax resign mayor party "
        "debate"
    ),
    "intensifier": "dasar banget bgt sangat sekali aja lah deh so such very really fucking total",
    "copula": "are is itu ini the a yang",
}

RUDE = ("insult", "swear", "animal", "slur", "sexual")
SHORTEST, LONGEST = 3, 16  # letters of a rude word that is looked for behind a disguise
NAMES = tuple(CLASSES)


@lru_cache(maxsize=1)
def classes() -> dict[str, int]:
    """Class number (from 1) of each word; the first class that lists a word has it."""
    found: dict[str, int] = {}
    for number, name in enumerate(NAMES, start=1):
        for word in CLASSES[name].split():
            found.setdefault(word, number)
    return found


@lru_cache(maxsize=1)
def rude_words() -> frozenset[str]:
    """Words of the rude classes: what a disguise is worth undoing for."""
    return frozenset(word for name in RUDE for word in CLASSES[name].split() if len(word) >= SHORTEST)


@lru_cache(maxsize=4096)
def starred_word(word: str) -> str:
    """The rude word that a word with stars for letters stands for; the word itself when there is none or more lengths fit."""
    pattern = re.compile("".join("[a-z]" if sign == "*" else re.escape(sign) for sign in word))
    return next((rude for rude in sorted(rude_words()) if pattern.fullmatch(rude)), word)
