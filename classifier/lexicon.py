"""Word classes in Indonesian and English, written by hand for this project.

A class says what a word may do in a sentence (who speaks, whom they address, violence, praise …), not that it is
bad: the training weighs classes and the patterns they form (`gue` + `bunuh` + `lo`), which carry over to words and
languages with few labelled rows. Words stand as `fold` reads them: lower case, no apostrophes.
"""

import re
from functools import lru_cache

CLASSES: dict[str, str] = {
    "speaker": "gue aku saya kami kita i ill im id we ima imma ive our my me",
    "addressee": "lo kamu kamulah mu kalian anda you your yours yourself urself yall ngana awakmu engkau kaulah thou",
    "violence": (
        "bunuh kubunuh dibunuh bunuhin habisi habisin abisin abisi bacok kubacok dibacok bacokin tusuk "
        "kutusuk tusukin tembak kutembak ditembak tembakin gorok digorok penggal kupenggal dipenggal bakar "
        "kubakar dibakar bakarin hajar kuhajar dihajar hajarin gebuk gebukin digebukin pukul pukulin dipukuli "
        "tonjok tonjokin tampar tabok gampar cekik culik bantai dibantai sembelih disembelih ledakin ledakkan "
        "matiin patahin patahkan remukin injak tebas ditebas siksa disiksa perkosa diperkosa keroyok rajam "
        "dirajam gantung digantung racun kill killing killed stab shoot shot behead murder murdered strangle "
        "choke beat punch smash slit burn bomb rape raped kidnap torture hang hanged lynch lynched skin gut "
        "slaughter execute executed hurt harm break drown poison slap kick crush attack bash nuke gebukan "
        "ditonjok digampar ditusuk ditikam tikam kutikam sabet disabet diinjak ditendang tendang dicekik "
        "mutilasi dimutilasi dibom racuni diracun bakarlah whack stomp thrash maim mutilate throttle bludgeon "
        "impale gunned curbstomp waterboard"
    ),
    "body": (
        "leher kepala muka kepalamu lehermu mukamu mulut mulutmu otak otaknya otakmu kaki tangan mata neck "
        "throat head face skull teeth brain brains legs house rumah rumahmu family keluargamu keluarga "
        "bapakmu ibumu emakmu anakmu mother mom mum batok jidat tempurung perut tulang darah lidah jantung "
        "usus bones blood spine tongue jaw kneecaps belly ribs guts"
    ),
    "future": (
        "akan bakal bakalan mau tunggu tungguin nanti ntar awas hati2 siap2 will gonna going shall tonight "
        "tomorrow soon wait watch malam besok"
    ),
    "find": (
        "cari datengin datangi samperin kejar incar temukan find hunt track come coming chase visit alamat "
        "address lives live cariin nyari sambangi sambangin gerebek tangkap intai buntuti locate located doxx "
        "dox outside doorstep"
    ),
    "die": (
        "mati mampus modar koit mampuslah matilah matiaja mokad metong die dead dies death suicide kys rip "
        "cancer kanker kecelakaan neraka hell dikubur kuburan grave azab mamposlah modyar almarhum bundir "
        "dying corpse coffin drowned mampuskan tewas"
    ),
    "insult": (
        "goblok bodoh bego beg0 idiot dungu pekok tolol bloon oon sinting gila sarap edan gendeng kampungan "
        "norak tololnya gobloknya bodohnya begonya dungunya bacot cupu pecundang munafik pengecut brengsek "
        "bangsat bangke bangkai keparat bajingan jancok asu kampret kampang sialan setan iblis laknat biadab "
        "kunyuk lonte jablay pelacur perek pecun sundal bencong banci bedebah kacung penjilat pembohong "
        "penipu pengkhianat culun tuyul dongok sompret sontoloyo somplak songong sotoy lebay alay jelek "
        "gendut gembrot jongos jahanam dajjal durjana bejat sesat plonga plongo bebal tolil kudet idiots "
        "stupid moron morons imbecile imbeciles dumb dumbass dumbasses dumber fool fools foolish retard "
        "retards retarded loser losers jerk jerks asshole assholes scumbag scumbags bastard bastards bitch "
        "bitches cunt cunts prick pricks dickhead dickheads wanker wankers twat twats douche douchebag "
        "pathetic idiotic moronic braindead clown clowns coward cowards creep creeps hoe hoes whore whores "
        "slut sluts skank skanks worthless liar liars hypocrite hypocrites crybaby snowflake snowflakes "
        "libtard libtards halfwit dimwit numbskull dunce simpleton lunatic psycho weirdo fatso ugly lowlife "
        "deadbeat leech traitor traitors thug thugs nitwit buffoon ignoramus bigot bigots congor cocot bolot "
        "kacrut bangsad picek budeg ndasmu matamu raimu kemproh ogeb kimcil germo keple bejad bacrit bodat "
        "lonthe telaso sundala burik bahlul bahlol begundal cecunguk jembel gembel udik ndeso katro kamseupay "
        "koplak kopok pekak peang sableng senewen kentir gemblung tengik pembual terlaknat bandot tolilnya "
        "nutjob nutjobs bellend knobhead gobshite muppet muppets pillock plonker tosser tossers slags minger "
        "airhead airheads bonehead boneheads blockhead meathead knucklehead dipshit dipshits dumbfuck "
        "dumbfucks fuckwit fuckwits arseholes fuckface cocksucker cocksuckers shitbag shitbags sleazebag "
        "sleazeball sleazy dirtbag dirtbags pervert perverts perv pervs pedo pedos paedo paedos pedophile "
        "nonce tard fucktard fucktards wimp wimps sissy cuck cucks incel incels thots bimbo bimbos weasel "
        "weasels shill shills sycophant bootlicker bootlickers cretin cretins gullible delusional deranged "
        "lunatics crackpot crackpots nutter nutters imbecilic brainless gutless spineless freak freaks fatty "
        "fatass lardass windbag blowhard dolts dullard goon goons goof numpty wuss douchebags dumbo dummy "
        "dummies stupidity idiocy ignoramuses sheeple crybabies whiner whiners snitch"
    ),
    "swear": (
        "kontol memek ngentot ewe ngewe pepek puki pukimak kimak pantek tai taik tahi jembut jembud jmbt "
        "peler pler titit itil silit njir anjir anjrit anjay cukimai fuck fucked fucker fuckers fucking "
        "motherfucker motherfuckers mofo shit shits shitty shithead bullshit bs ass asses arse damn dammit "
        "goddamn goddamned crap crappy dick dicks cock pussy pussies tits piss pissed wtf stfu gtfo bollocks "
        "bugger bloody ancuk dancuk ndlogok tempik turuk ngewek ngentiaw sempak pukimai cibai lancau puqi "
        "pundek shite shitting fuckery bullcrap horseshit dogshit batshit apeshit jackass jackasses dumbshit "
        "cocks minge wanking arsed pissing friggin frigging freaking ffs"
    ),
    "animal": (
        "anjing babi bb1 monyet kera celeng kebo kerbau onta unta kadal tikus lintah ular kambing keledai "
        "beruk lutung bagong cacing dog dogs pig pigs swine monkey monkeys ape apes rat rats snake snakes "
        "cockroach cockroaches maggot maggots donkey mutt mongrel asu2 kecoa curut vulture vultures leeches "
        "roaches roach toad toads skunk skunks baboon baboons gorilla gorillas chimp chimps mongrels sow "
        "rodent rodents"
    ),
    "pet": (
        "peliharaan kucing memelihara pelihara piara piaraan hutan daging ternak sate kandang pet pets puppy "
        "cat cats vet farm zoo meat wild walk"
    ),
    "waste": (
        "sampah najis hina kotoran comberan hama kutu benalu penyakit virus racunnya parasit scum vermin "
        "trash garbage filth filthy parasite parasites subhuman subhumans animals savages savage disease "
        "plague cancerous pests pest degenerate degenerates inferior dirty barbarians barbarian evil tinja "
        "limbah sampahnya borok tumor nanah koreng nista jijikkan menjijikkan busuk bau kotor kumuh keji "
        "leprosy infestation infest infested vermins slime sewage excrement turd turds rubbish dregs rot "
        "rotten rotting stink stinks stinking stinky smelly unclean rabid feral uncivilized uncivilised "
        "backward primitive mutants mutant abomination abominations demon demons demonic satanic"
    ),
    "slur": (
        "nigger niggers nigga niggas faggot faggots fag fags tranny trannies kike kikes spic spics chink "
        "chinks gook gooks wetback wetbacks towelhead towelheads raghead ragheads muzzie muzzies dyke dykes "
        "coon coons beaner beaners mudslime mudslimes paki pakis gypsy gyppo sodomite shemale cripple spastic "
        "aseng kafir kapir kafirun jaseng maho bences homo homos lesbi pki komunis singkek cokin inlander "
        "teroris terrorist terrorists nigguh niglet niglets niggah niggahs niggaz nigg honky honkies wigger "
        "wiggers abos coolies dothead japs darkie darkies jigaboo jigaboos golliwog wops dago dagos pikey "
        "pikeys chav chavs gyppos redskin redskins injun injuns sandnigger sandniggers goatfucker goatfuckers "
        "heeb yids zionazi poof poofs poofter poofters lesbo lesbos lezzie lezzies troon troons shemales "
        "ladyboy ladyboys rapefugee rapefugees rapeugees jihadi jihadis turdworlder slanteye slanteyes "
        "zipperhead cripples mongoloid mongoloids midget midgets sipit cinak loleng kuffar kopar ngondek "
        "bancong banciii hombreng kafirr kapirr"
    ),
    "partisan": (
        "cebong kecebong kadrun togog buzzer buzzerrp bong bani antek taplak rezim rejim panastak panasbung "
        "nasbung penista libs leftist leftists maga trumptard democrats republicans liberal liberals "
        "conservatives commie commies communist antifa nazi nazis fascist fascists lengserkan dilengserkan "
        "lengser makar kampret2 cebongers kadrunn togog2 mukidi wowo anies ahoker ahokers jokower bpip "
        "demokrat pdip gerindra pks fpi hti repubs rethuglicans dems demonrats dumbocrats cuckservative woke "
        "sjw sjws feminazi feminazis globalist globalists tories remoaners brexiteers gammon gammons lefties "
        "lefty righty neocon neocons marxist marxists"
    ),
    "identity": (
        "muslim muslims islam islamic kristen katolik hindu hindus budha buddha buddhist buddhists yahudi "
        "nasrani cina tionghoa chinese jawa batak papua madura sunda dayak minang bugis ambon melayu arab "
        "arabs gay gays lesbian lesbians lgbt transgender trans bisexual bisexuals queer black blacks white "
        "whites asian asians jew jews jewish christian christians catholic catholics immigrant immigrants "
        "migrants migrant refugees refugee mexican mexicans african africans latino latinos latina hispanic "
        "hispanics indian indians woman women perempuan girl girls feminist feminists disabled difabel "
        "disabilitas tuli tunanetra rohingya syiah ahmadiyah hijab cadar pribumi pengungsi imigran waria "
        "atheist atheists ateis deaf blind elderly lansia "
        "aboriginal aborigines aceh afrika ahmadi ahmadis asia bataks betawi biseksual homoseksual homosexual "
        "homosexuals bule chindo female females male males lelaki indigenous javanese korean koreans japanese "
        "negro negros nigerian nigerians pakistani pakistanis papuan papuans pendatang romani shia shias "
        "shiite shiites sunni sunnis sikh sikhs somali somalis sundanese syrian syrians toraja transpuan "
        "transgendered tunarungu tunadaksa foreigner foreigners madurese malay malays dayaks filipino "
        "filipinos turks turkish iranian iranians palestinian palestinians israeli israelis american "
        "americans european europeans russian russians polish poles irish vietnamese boys nonmuslim "
        "nonbelievers agnostic protestan protestant mormon mormons konghucu penghayat minoritas minority "
        "minorities aboriginals natives eskimo latinx autistic autis orphan yatim janda duda homeless "
        "tunawisma wheelchair kristiani nonis negroid berkerudung bercadar"
    ),
    "self": "seorang sebagai adalah am as proud bangga being myself diri diriku",
    "dismiss": (
        "usir diusir musnahkan dimusnahkan bubarkan ganyang hapuskan enyahkan enyah minggat pulangkan deport "
        "deported exterminate exterminated eradicate gas gassed banish expel expelled send wipe wiped "
        "sterilised lenyapkan lenyap dilenyapkan tumpas tumpaskan ditumpas basmi dibasmi bersihkan singkirkan "
        "disingkirkan kucilkan dikucilkan boikot diboikot usirlah usirin deportasi dideportasi bumihanguskan "
        "cleanse cleansed cleansing purge purged eliminate eliminated erase erased boycott evict evicted "
        "eviction castrate castrated sterilise sterilize sterilized neuter outlaw segregate"
    ),
    "hate": (
        "benci membenci jijik muak eneg enek hate hates hated despise despises detest loathe disgusts disgust "
        "disgusting disgusted sick repulsive vile revolting nauseating benciku muakku mual eneq ogah sebel "
        "sebal kesel alergi najisin dibenci geram abhor abhors resent resents dislike nausea gross grosses "
        "icky yuck sickens sickening repulsed repulses odious repugnant"
    ),
    "report": (
        "bilang katanya menurut dilaporkan polisi menyebut disebut hinaan ujaran kebencian diskriminasi "
        "stop hentikan dihentikan said says saying called calling reported wrong racism sexism "
        "bigotry discrimination police unacceptable condemn condemned quote mengaku dituduh diejek "
        "dihina melaporkan menghina mengecam dikecam tuduhan hoaks fitnah menolak intoleransi perundungan "
        "bullying bullied insulted accused told yelled shouted spat slurs slur abuse abused harassed "
        "harassment hateful prejudice stereotype stereotypes tolerance"
    ),
    "obligation": (
        "harus harusnya seharusnya pantas pantasnya layak wajib should must deserve deserves need needs "
        "ought belong belongs"
    ),
    "quantifier": (
        "semua setiap kebanyakan rata2 para kaum umat orang2 all every everyone most always typical selalu "
        "seluruh segala sebagian tiap majority entire whole bunch nobody"
    ),
    "sexual": (
        "bokep bokong toket tetek nenen colmek coli crot sange sangean bugil telanjang ngocok sepong mesum "
        "vcs bo openbo tante pijat plus horny porn porno nude nudes naked boobs cum blowjob anal sex sexy "
        "seks xxx milf onlyfans masturbate masturbating orgasm ngaceng bispak bisyar sagne kulum ngentotin "
        "perkosain bugilin ciblek wikwik nyepong spank fap fapping titties boobies nipple nipples slutty "
        "cumshot gangbang bukkake camgirl nsfw"
    ),
    "praise": (
        "terima kasih makasih mantap keren bagus setuju semoga sukses selamat hebat salut alhamdulillah amin "
        "aamiin sehat indah cantik lucu sayang jujur adil damai thank great good nice love lovely awesome "
        "beautiful congrats agree helpful interesting amazing wonderful best kind respect equal peace happy "
        "welcome ramah baik rajin cerdas pintar berani tangguh dukung mendukung hormat menghormati menghargai "
        "kagum senang bahagia bantu membantu pejuang berprestasi inspiratif brave smart clever talented "
        "honest generous hardworking welcoming support supports admire admired admires celebrate celebrating "
        "celebrated grateful glad honour honor honoured friendly gifted delightful excellent fantastic "
        "brilliant"
    ),
    "gambling": (
        "slot gacor maxwin jackpot jp scatter depo deposit wd withdraw togel zeus olympus pragmatic rtp judi "
        "judol bandar cuan modal situs toto jepe sensasional rungkad hoki casino poker betting mahjong petir "
        "spin"
    ),
    "promotion": (
        "subscribe channel check link bio promo diskon klik click daftar join gabung whatsapp wa telegram "
        "followers follow free gratis earn money dollars website http_ order jual murah ready dm video "
        "videos playlist sub"
    ),
    "negation": (
        "jangan tidak bukan not dont doesnt didnt never no isnt arent wasnt cant wont shouldnt tanpa without "
        "neither nor"
    ),
    "others": (
        "mereka dia they them he she him her those these people orang pelaku korban suspect victim man men "
        "beliau someone somebody anyone himself herself themselves bapak bapak2 ibu2"
    ),
    "politics": (
        "menteri presiden pemerintah kebijakan dpr partai gubernur bupati anggaran korupsi mundur gagal "
        "council minister government policy president senator vote election budget tax resign mayor party "
        "debate camat lurah wali kota kpk polri tni jaksa hakim mk undang2 ruu apbn pemilu pilkada capres "
        "cawapres koalisi oposisi parliament congress mp mps governor cabinet campaign ballot referendum "
        "economy policies"
    ),
    "intensifier": "dasar banget sangat sekali saja lah deh so such very really total",
    "scorn": (
        "sucks suck sucked silly corrupt racist racists fascistic bully bullies hypocrisy hypocritical "
        "crooked cheat cheats cheating cheated awful worst insane crazy ridiculous nonsense embarrassing "
        "embarrassment shameful shame shameless lame clueless joke ludicrous absurd pitiful laughable "
        "incompetent incompetence useless selfish greedy arrogant arrogance rude nasty horrible terrible "
        "dreadful lousy fraud fraudulent fake phony bogus crook crooks charlatan grifter disgrace disgraceful "
        "despicable desperate cowardly dishonest deceitful lying lied butthurt butt tyrant thieves thief "
        "maniac nut nuts mental demented senile cringe hack sellout puppet stooge mouthpiece petty spiteful "
        "vindictive whiny whining lazy slimy shady sexist homophobe homophobic xenophobic xenophobe "
        "islamophobe bigoted payah bohong ngibul licik curang serakah rakus sombong angkuh arogan malas culas "
        "ngawur ngaco konyol memalukan menyedihkan bobrok amburadul korup koruptor maling rampok garong begal "
        "ngibulin omdo nyinyir julid caper sok belagu tengil lemot lelet ngeles ngeyel dodol cemen letoy loyo "
        "lembek bocil baper halu ngehalu kepo rese reseh tercela rasis diktator tiran "
        "zalim dzalim dzolim zolim antek2 cerewet bawel"
    ),
    "copula": "are is itu ini the a yang",
}

RUDE = ("insult", "swear", "animal", "slur", "sexual")
SHORTEST, LONGEST = 3, 16  # letters of a rude word that is looked for behind a disguise
NAMES = tuple(CLASSES)
IDENTITY = NAMES.index("identity") + 1
TELEPHONE, NUMBERED = range(len(NAMES) + 1, len(NAMES) + 3)  # classes of words that no list can hold


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
