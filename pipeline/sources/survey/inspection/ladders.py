"""The answers of well-known scales from least to most, in several languages. A table; reading it belongs to `scales`.

A ladder is a tuple of places; the spellings of one place stand between bars. `FORMS` are the selections of places that
questionnaires use, the most usual first; an empty tuple of forms means that the answers given are the scale.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ladder:
    """A family of answers with one place each."""

    name: str
    places: tuple[str, ...]
    forms: tuple[tuple[int, ...], ...] = ()


FREQUENCY = Ladder(
    "frequency",
    (
        "never and not open to it",
        "never but open to it",
        "never|never at all|not at any time|nie|niemals|jamais|nunca|jamás|mai|nooit|aldrig|nigdy|никогда|全くない",
        "hardly ever|almost never|very rarely|fast nie|sehr selten|presque jamais|casi nunca|quasi mai|bijna nooit",
        "rarely|seldom|selten|rarement|raramente|rara vez|pocas veces|zelden|sällan|sjældent|rzadko|редко",
        "occasionally|once in a while|now and then|gelegentlich|occasionnellement|ocasionalmente"
        "|de vez en cuando|af en toe",
        "sometimes|manchmal|ab und zu|hin und wieder|parfois|quelquefois|a veces|algunas veces|às vezes"
        "|a volte|qualche "
        "volta|soms|ibland|nogle gange|czasami|czasem|иногда",
        "often|frequently|regularly|fairly often|häufig|oft|regelmäßig|souvent|a menudo|frecuentemente|con frecuencia"
        "|frequentemente|spesso|vaak|ofta|ofte|często|часто",
        "usually|mostly|most of the time|meistens|la plupart du temps|casi siempre|quasi sempre|meestal|generalmente",
        "very often|very frequently|almost always|sehr oft|sehr häufig|fast immer|très souvent|muy a menudo|heel vaak",
        "always|all the time|constantly|immer|ständig|toujours|siempre|sempre|altijd|alltid|altid|zawsze|всегда",
    ),
    (
        *((2, 4, 6, 7, 10), (2, 4, 6, 7), (2, 4, 6, 8, 10), (2, 4, 5, 7, 10), (2, 4, 6, 7, 9), (2, 3, 6, 7)),
        *((2, 6, 7, 10), (2, 4, 6, 9, 10), (2, 6, 7), (0, 1, 4, 6, 7)),
    ),
)
AMOUNT = Ladder(
    "amount",
    (
        "not at all|nothing|nothing at all|none|none at all|gar nicht|überhaupt nicht|pas du tout|en absoluto|nada"
        "|per niente|helemaal niet|inte alls|slet ikke|wcale",
        "a little|only a little|just a little|very little|little|a little bit|slightly|not much|not very much|ein wenig"
        "|ein bisschen|wenig|kaum|un peu|peu|un poco|poco|een beetje|weinig|lite",
        "some|somewhat|moderately|a moderate amount|to some extent|teilweise|etwas|mittelmäßig|moyennement|algo"
        "|abbastanza|enigszins|een aantal|quite some|neither much nor little",
        "a lot|quite a lot|quite a bit|much|ziemlich|viel|beaucoup|assez|bastante|mucho|molto|veel|mycket",
        "a great deal|very much|extremely|completely|sehr viel|sehr|énormément|tout à fait|muchísimo"
        "|moltissimo|heel veel",
    ),
    ((0, 1, 2, 3, 4), (0, 1, 2, 3), (0, 1, 3), (0, 1, 2, 4)),
)
EXTENT = Ladder(
    "extent",
    (
        "not at all|to no extent|no extent|in no way",
        "to a very small extent|to a very limited extent",
        "to a small extent|to a limited extent|to a slight extent|to a little extent|small extent",
        "to some extent|to a moderate extent|to a certain extent|moderate extent|some extent|somewhat",
        "to a large extent|to a great extent|to a considerable extent|large extent|great extent",
        "to a very large extent|to a very great extent|completely|fully|very great extent",
    ),
    ((0, 2, 3, 4, 5), (0, 2, 3, 4), (1, 2, 3, 4, 5)),
)
QUALITY = Ladder(
    "quality",
    (
        "terrible|awful|very poor|extremely poor|très mauvais|muy malo|ungenügend",
        "poor|mangelhaft|mauvais|malo",
        "fair|average|acceptable|ausreichend|passable|regular",
        "good|gut|bon|bueno|buono|goed",
        "very good|sehr gut|très bon|muy bueno|molto buono|heel goed",
        "excellent|outstanding|ausgezeichnet|exzellent|excelente|eccellente|uitstekend",
    ),
    ((1, 2, 3, 4, 5), (1, 2, 3, 5), (0, 1, 2, 3, 4), (0, 1, 2, 3, 5), (0, 1, 2, 3, 4, 5), (1, 2, 3)),
)
LEVEL = Ladder(
    "level",
    (
        "none|no",
        "very low|very small|beginner|novice|sehr niedrig|très faible|muy bajo",
        "low|small|basic|niedrig|gering|faible|bajo|laag",
        "medium|moderate|average|intermediate|mittel|moyen|medio|gemiddeld",
        "high|large|advanced|hoch|élevé|alto|hoog",
        "very high|very large|expert|sehr hoch|très élevé|muy alto",
    ),
    ((2, 3, 4), (1, 2, 3, 4, 5), (0, 2, 3, 4)),
)
INTENTION = Ladder(
    "intention",
    (
        "definitely not|definitely will not|certainly not|auf keinen fall|sicher nicht|certainement pas"
        "|definitivamente no",
        "probably not|probably will not|eher nicht|wahrscheinlich nicht|probablement pas|probablemente no",
        "might or might not|maybe|perhaps|possibly|unsure|not sure|undecided|vielleicht|peut être|tal vez|quizás",
        "probably|probably yes|probably will|eher ja|wahrscheinlich|probablement|probablemente sí|probablemente",
        "definitely|definitely yes|definitely will|certainly|auf jeden fall|sicher|certainement|definitivamente sí",
    ),
    ((0, 1, 2, 3, 4), (0, 1, 3, 4)),
)
INTERVAL = Ladder(
    "interval",
    (
        "never|nie|jamais|nunca|mai|nooit",
        "less than once a year|less than yearly",
        "yearly|annually|once a year|every year|jährlich|einmal im jahr|une fois par an|anualmente",
        "a few times a year|several times a year|twice a year|mehrmals im jahr|plusieurs fois par an",
        "quarterly|every quarter|every few months|rarely every few months|vierteljährlich|trimestriel",
        "less than once a month|less than monthly|less often|seltener",
        "monthly|once a month|every month|about once a month|monatlich|einmal im monat|mensuel"
        "|une fois par mois|mensual",
        "a few times a month|several times a month|2 3 times a month|multiple times per month|mehrmals im monat",
        "bi weekly|biweekly|fortnightly|every two weeks|every other week|alle zwei wochen",
        "weekly|once a week|every week|about once a week|wöchentlich|einmal pro woche|hebdomadaire|semanal",
        "a few times a week|several times a week|multiple times per week|multiple times a week|2 3 times a week"
        "|mehrmals pro woche|plusieurs fois par semaine",
        "daily|once a day|every day|about once a day|täglich|einmal am tag|tous les jours|quotidien|diario|a diario",
        "several times a day|multiple times a day|multiple times per day|many times a day"
        "|more than once a day|mehrmals am "
        "tag|mehrmals täglich|plusieurs fois par jour",
        "hourly|almost constantly|constantly",
    ),
)
AGREEMENT_ELSEWHERE = Ladder(
    "agreement",
    (
        "stimme überhaupt nicht zu|stimme gar nicht zu|trifft überhaupt nicht zu|trifft gar nicht zu"
        "|pas du tout d accord"
        "|totalmente en desacuerdo|muy en desacuerdo|completamente en desacuerdo|discordo totalmente|fortemente in "
        "disaccordo|per niente d accordo|helemaal mee oneens|helemaal oneens|zdecydowanie się nie zgadzam"
        "|совершенно не "
        "согласен|instämmer inte alls|helt uenig|非常不同意",
        "stimme nicht zu|trifft nicht zu|trifft eher nicht zu|stimme eher nicht zu|lehne ab|pas d accord"
        "|plutôt pas d accord"
        "|en desacuerdo|discordo|discordo parcialmente|in disaccordo|mee oneens|oneens"
        "|raczej się nie zgadzam|не согласен"
        "|instämmer delvis inte|uenig|不同意",
        "teils teils|weder noch|unentschieden|neutral|ni d accord ni pas d accord|neutre|ni de acuerdo ni en desacuerdo"
        "|neutro|não concordo nem discordo|né d accordo né in disaccordo|neutraal|noch eens noch oneens"
        "|trudno powiedzieć"
        "|нейтрально|varken eller|hverken eller|中立",
        "stimme zu|trifft zu|trifft eher zu|stimme eher zu|d accord|plutôt d accord|de acuerdo|concordo|concordo "
        "parcialmente|d accordo|mee eens|eens|raczej się zgadzam|согласен|instämmer delvis|enig|同意",
        "stimme voll zu|stimme voll und ganz zu|stimme völlig zu|trifft voll zu|trifft voll und ganz zu"
        "|tout à fait d accord"
        "|totalmente de acuerdo|muy de acuerdo|completamente de acuerdo|concordo totalmente"
        "|fortemente d accordo|molto d "
        "accordo|helemaal mee eens|helemaal eens|zdecydowanie się zgadzam|полностью согласен|instämmer helt|helt enig"
        "|非常同意",
    ),
    ((0, 1, 2, 3, 4), (0, 1, 3, 4)),
)
LADDERS = (AGREEMENT_ELSEWHERE, FREQUENCY, INTENTION, QUALITY, LEVEL, AMOUNT, EXTENT, INTERVAL)

# Answers on both sides of a middle: one word and its opposite, with what makes them stronger or weaker.
OPPOSITES: tuple[tuple[str, str], ...] = (
    ("disagree", "agree"),
    *(("dissatisfied", "satisfied"), ("unsatisfied", "satisfied"), ("unlikely", "likely")),
    *(("unimportant", "important"), ("ineffective", "effective"), ("unfavorable", "favorable")),
    *(("unfavourable", "favourable"), ("unfavorably", "favorably"), ("unfavourably", "favourably")),
    *(("disapprove", "approve"), ("difficult", "easy"), ("hard", "easy"), ("oppose", "support"), ("oppose", "favor")),
    *(("oppose", "favour"), ("unhelpful", "helpful"), ("useless", "useful"), ("negative", "positive")),
    *(("negatively", "positively"), ("decreased", "increased"), ("decrease", "increase"), ("worse", "better")),
    *(("less", "more"), ("lower", "higher"), ("unhappy", "happy"), ("uncomfortable", "comfortable")),
    *(("bad", "good"), ("uninterested", "interested"), ("inefficient", "efficient"), ("distrust", "trust")),
    *(("shrunk", "grown"), ("declined", "improved"), ("worsened", "improved"), ("fewer", "more")),
    *(("unzufrieden", "zufrieden"), ("unwichtig", "wichtig"), ("unwahrscheinlich", "wahrscheinlich")),
    *(("schlecht", "gut"), ("schlechter", "besser"), ("weniger", "mehr"), ("gesunken", "gestiegen")),
    *(("insatisfait", "satisfait"), ("improbable", "probable"), ("insatisfecho", "satisfecho")),
    *(("insatisfeito", "satisfeito"), ("insoddisfatto", "soddisfatto"), ("ontevreden", "tevreden")),
    *(("onbelangrijk", "belangrijk"), ("onwaarschijnlijk", "waarschijnlijk"), ("missnöjd", "nöjd")),
    *(("utilfreds", "tilfreds"), ("niezadowolony", "zadowolony"), ("недоволен", "доволен")),
)
STRENGTHS: dict[str, float] = {
    **dict.fromkeys(("slightly", "a little", "mildly", "a bit", "etwas", "un peu", "un poco", "een beetje"), 1.0),
    **dict.fromkeys(
        ("somewhat", "rather", "fairly", "moderately", "tend to", "mostly", "partly", "generally", "lean", "eher"), 1.5
    ),
    **dict.fromkeys(("plutôt", "assez", "algo", "abbastanza", "enigszins", "tamelijk", "ganska", "raczej"), 1.5),
    **dict.fromkeys(("very", "strongly", "strong", "highly", "much", "a lot", "greatly", "significantly"), 3.0),
    **dict.fromkeys(("definitely", "sehr", "stark", "viel", "deutlich", "très", "fortement", "muy", "molto"), 3.0),
    **dict.fromkeys(("muito", "zeer", "heel", "erg", "mycket", "meget", "bardzo", "очень", "substantially"), 3.0),
    **dict.fromkeys(("extremely", "completely", "totally", "fully", "entirely", "äußerst", "völlig", "voll"), 4.0),
    **dict.fromkeys(("extrêmement", "extremadamente", "estremamente", "uiterst", "absolutely", "dramatically"), 4.0),
}
# Degrees of one thing, from none of it: `Not at all important`, `Somewhat familiar`.
DEGREES: tuple[str, ...] = (
    "not at all|not|not even slightly|gar nicht|überhaupt nicht|pas du tout|nada|en absoluto"
    "|helemaal niet|per niente|inte "
    "alls",
    "not very|not too|not so|not that|not particularly|hardly|nicht sehr|kaum|pas très|no muy|niet erg"
    "|wenig|peu|poco|weinig"
    "|nicht besonders",
    "slightly|a little|a bit|minimally|ein wenig|etwas|un peu|un poco|een beetje",
    "somewhat|moderately|fairly|rather|reasonably|mittelmäßig|eher|plutôt|moyennement|algo|abbastanza"
    "|enigszins|tamelijk",
    "quite|considerably|ziemlich|assez|bastante",
    "very|sehr|très|muy|molto|zeer|heel|mycket",
    "extremely|completely|totally|critically|äußerst|extrêmement|extremadamente|uiterst",
)
DEGREE_FORMS = ((0, 2, 3, 5, 6), (0, 1, 3, 5, 6), (0, 1, 3, 5), (0, 3, 5), (0, 2, 3, 5), (0, 3, 5, 6))
