"""Everyday abbreviations and spellings of Indonesian and English, written by hand for this project.

A word on the left is taken for the word on the right when words and their classes are counted; letters are counted as
written. Only what means one thing nearly everywhere is here. Words stand as `fold` reads them. Rude words without their
vowels (`gblk`, `fck`) are taken for them too, but for what else such letters stand for.
"""

from functools import cache

from classifier.lexicon import rude_words

VOWELS = frozenset("aeiou")
BONES = 4  # letters that must be left of a word without its vowels
OTHERWISE = (  # abbreviations and other words that such letters stand for
    "wkwk bllnd smpk pndk bgny ltng kcng chmp chmps flsh tmpk kmbng asng pssd bncng llng kntr gndng kmpng dyks plng psych"
)

STANDARD: dict[str, str] = {
    # particles and pronouns
    "yang": "yg yng yank",
    "tidak": "tdk gak ga gk nggak ngga ngak enggak engga kagak kaga kgk gaada tak ndak ora teu tida",
    "bukan": "bkn bukn",
    "jangan": "jgn jngn jangn ojo",
    "sudah": "sdh udah udh dah uda wis wes",
    "belum": "blm blum belom",
    "akan": "akn",
    "dengan": "dgn dg dngn ama sm",
    "untuk": "utk untk buat bwt",
    "dari": "dr dri",
    "pada": "pd",
    "dalam": "dlm dalem",
    "karena": "krn karna krna gara2 soalnya",
    "kalau": "klo kalo kl klu kalu lek",
    "tapi": "tp tpi tetapi",
    "juga": "jg jga",
    "saja": "aja aj doang",
    "banget": "bgt bngt bgtt bget",
    "lagi": "lg lgi",
    "bisa": "bsa biso",
    "harus": "hrs kudu mesti",
    "banyak": "byk bnyk",
    "orang": "org orng wong",
    "semua": "smua smw kabeh",
    "siapa": "sp sapa spa",
    "apa": "ap opo naon",
    "kenapa": "knp knapa ngapa ngapain kenape mengapa",
    "bagaimana": "bgmn gmn gimana gmana piye kumaha",
    "seperti": "spt sprti kayak kyk kek kaya macam",
    "begitu": "bgitu gitu gt gtu ngono",
    "begini": "gini gni ngene",
    "memang": "emang mmg emg",
    "sama": "sma podo",
    "saya": "sy sya ane",
    "gue": "gua gw gwe",
    "aku": "ak aq akuh",
    "kamu": "kmu kau ko koe kowe sampeyan maneh",
    "lo": "lu loe elo elu lw",
    "kalian": "klian kelen",
    "mereka": "mrk mreka",
    "dia": "dy dya",
    "kita": "kt kta",
    "anak": "ank anake",
    "tahu": "tau tw ngerti",
    "jadi": "jd jdi",
    "masih": "msh msih",
    "terus": "trs trus",
    "sekarang": "skrg skrng skg",
    "kemarin": "kmrn kemaren",
    "besok": "bsk",
    "sebagai": "sbg sbgai",
    "negara": "ngr negri negeri",
    "rakyat": "rakjat ryt",
    "pemerintah": "pemerintahan",
    "presiden": "presidn presidennya",
    "indonesia": "indo endonesa",
    "terima": "trima",
    "makasih": "mksh mksih mks makasi tengkyu trims thx thanks thnx thankyou tq",
    "tolong": "tlg",
    "mohon": "mhn",
    "selamat": "slamat",
    "semoga": "smg smoga",
    "bapak": "pak bpk bpak",
    "ibu": "bu",
    "kakak": "kak kk ka",
    "dasar": "dsr dasarr",
    "goblok": "goblog gblk gblok guoblok goblokk koplok geblek",
    "bodoh": "bodo bdoh bodohh bdh",
    "tolol": "tolool tll toloool tlol",
    "anjing": "anjg ajg anjeng anying njing anjink",
    "bangsat": "bgst bangsadh bngst bangst",
    "kontol": "kntl kontl kntol",
    "memek": "mmk meki",
    "ngentot": "ngentod ngntt entot ngentd",
    "bajingan": "bjngan bajingn",
    "brengsek": "brngsek berengsek",
    "jancok": "jancuk jancook dancok cok cuk jnck",
    "mampus": "mampos mampuss",
    "perempuan": "prempuan cewek cewe wanita",
    "lelaki": "cowok cowo pria",
    # English
    "you": "u",
    "your": "ur yr youre",
    "are": "r",
    "please": "pls plz plse",
    "because": "cuz coz bc cos",
    "people": "ppl peeps",
    "though": "tho",
    "through": "thru",
    "something": "sth smth",
    "someone": "sb sum1",
    "them": "em dem",
    "this": "dis",
    "with": "wit",
    "going": "goin",
    "fuck": "fuk fck fvck phuck fuq fukk",
    "fucking": "fuckin fckin fckng fking fukin effing",
    "shit": "sht shyt shiit",
    "bitch": "btch biatch biotch bytch",
    "asshole": "ahole arsehole asshat asswipe",
    "stupid": "stoopid stupd",
    "cunt": "cnt",
    "dick": "dck",
    "dumb": "dmb",
    "idiot": "idt",
    "jerk": "jrk",
    "whore": "whr",
    "kafir": "kfr",
    "banci": "bnc",
    "bacot": "bct",
    "bejat": "bjt",
    "jelek": "jlk",
    "njir": "njr",
}


def spellings() -> dict[str, str]:
    """The standard word of each abbreviation or spelling that is listed.

    Raises: ValueError when a spelling is listed twice or is itself a standard word: the reading would be a
    matter of order.
    """
    found: dict[str, str] = {}
    for word, listed in STANDARD.items():
        for spelling in listed.split():
            if spelling in found or spelling in STANDARD:
                raise ValueError(f"{spelling!r} is listed twice")
            found[spelling] = word
    return found


@cache
def standard_words() -> dict[str, str]:
    """The standard word of each spelling listed, and of each rude word without its vowels: the shorter of two."""
    found = spellings()
    taken = rude_words() | STANDARD.keys() | set(OTHERWISE.split())
    for word in sorted(rude_words(), key=lambda word: (len(word), word)):
        bones = word[0] + "".join(letter for letter in word[1:] if letter not in VOWELS)
        if len(bones) >= BONES and bones != word and bones not in taken:
            found.setdefault(bones, word)
    return found
