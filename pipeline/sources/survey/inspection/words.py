"""The vocabulary by which columns of unknown surveys are recognised. Words only; deciding belongs to `column_kinds`.

Names are compared as words in lower case, so that `Start.Date..UTC.`, `Start Date (UTC)` and `start_date_utc` are one.
"""

import re

RESPONDENT_ID = {
    *("response id", "responseid", "respondent id", "respondentid", "record id", "recordid", "session id", "case id"),
    *("caseid", "token", "id", "uuid", "respondent", "response", "submission id", "entry id", "id response"),
    *("antwort id", "teilnehmer", "fallnummer", "lfdn", "case", "id de la réponse", "id de respuesta", "antwoord id"),
}
WEAK_ID = {"respondent", "response", "case", "token", "teilnehmer"}  # a question may be called so as well
STARTED = {
    *("start date", "startdate", "start time", "started at", "date started", "started", "begin", "interview start"),
    *(
        "time started",
        "startzeit",
        "start",
        "startdatum",
        "date de début",
        "fecha de inicio",
        "starttime",
        "date start",
    ),
    *("date created", "hora de inicio", "heure de début", "ora di inizio", "hora de início", "begintijd", "starttijd"),
    *("godzina rozpoczęcia", "開始時刻", "starttidspunkt", "starttid", "başlangıç zamanı", "время начала"),
}
SUBMITTED = {
    *("end date", "enddate", "submit date", "submitdate", "submitted at", "date submitted", "submit time", "ended"),
    *("timestamp", "completed at", "end time", "endtime", "completion time", "submitted", "interview end"),
    *(
        "submission date",
        "date completed",
        "datestamp",
        "submitted time",
        "submission time",
        "submitted on",
        "completed on",
        "end",
    ),
    *("zeitstempel", "horodateur", "marca temporal", "informazioni cronologiche", "tijdstempel"),
    *("carimbo de data hora", "отметка времени", "タイムスタンプ", "tidsstämpel", "enddatum", "abgeschickt am"),
    *("zaman damgası", "časové razítko", "časová pečiatka", "aikaleima", "tidsstempel", "időbélyeg", "时间戳记"),
    *("타임스탬프", "時間戳記", "sygnatura czasowa", "marcaj de timp"),
    *("answered on", "answered at", "date answered", "response date", "date of response"),
    *("date de fin", "fecha de finalización", "date de soumission"),
    # SurveyMonkey's pair is `Date Created` and `Date Modified`, SoSci's `STARTED` and `LASTDATA`.
    *("time finished", "finished at", "date finished", "date modified", "lastdata", "fertigstellungszeit"),
    *("heure de fin", "hora de finalización", "ora di completamento", "hora de conclusão", "tijd van voltooien"),
    *("voltooiingstijd", "godzina ukończenia", "完了時刻", "sluttid", "tamamlanma zamanı", "время выполнения"),
}
# REDCap's `my_survey_timestamp`, Zoho's `Timestamp (mm/dd/yyyy)`.
SUBMITTED_STAMP = re.compile(r"(?<!start )\btimestamp( (mm|dd|yyyy))*$")
# LimeSurvey writes the time of submission for finished responses only.
SUBMITTED_WHEN_FINISHED = {"submitdate", "date submitted", "datum abgeschickt", "date de soumission"}
COMPLETE = {
    *("finished", "is complete", "complete", "completed", "status", "response status", "is finished", "completion"),
    *("completion status", "beendet", "terminé", "finalizado", "submission status"),
}
FINISHED = {
    *("true", "1", "complete", "completed", "yes", "finished", "submitted", "wahr", "vrai", "verdadero", "ja", "oui"),
    *("vollständig", "abgeschlossen", "terminé", "complet", "completo", "finalizado", "y"),
}
WEIGHT = {
    *("weight", "weights", "wt", "wgt", "weighting", "gewicht", "survey weight", "final weight", "weightvec", "poids"),
    *("weighting factor", "weight factor", "gewichtungsfaktor", "rake weight", "factor de ponderación"),
    *("gewichtung", "weging", "peso", "ponderación", "pondération"),
}
META = {
    *("collector id", "collectorid", "progress", "duration in seconds", "duration", "distribution channel", "status"),
    *("recorded date", "recordeddate", "user language", "userlanguage", "seed", "last page", "lastpage", "tags"),
    *("start language", "startlanguage", "response set", "responseset", "stage date", "response type", "score"),
    *("external lfdn", "tester", "dispcode", "distributionchannel", "last action", "submission status", "ending"),
    "total time",
    *("interviewtime", "total time spent", "howpaid", "how paid", "collector", "datestamp", "date last action"),
    *("letzte seite", "startsprache", "zufallsstartwert", "survey id", "surveyid", "version", "language", "sprache"),
    *("total points", "quiz feedback", "time sum", "time rsi", "maxpage", "missing", "missrel", "q viewer", "questnnr"),
    *("mailsent", "time taken to complete seconds"),
    *("collector name", "os", "browser language", "browser version", "time taken", "time taken in seconds"),
    *("user agent", "useragent", "referer", "sessionid", "legacy comments", "device", "browser", "operating system"),
}
# How long a page or a group of questions took: SoSci's `TIME001`, LimeSurvey's `groupTime12`.
PAGE_TIME = re.compile(r"^(group)?time\d+$")
# Names of META that a question may bear as well.
META_OR_QUESTION = {"status", "version", "language", "sprache", "score", "ending", "duration"}
PERSONAL = {
    *("external reference", "externalreference", "external data reference", "externaldatareference", "network id"),
    *("referrer", "referrer url", "refurl", "ip", "ipaddr", "ip adresse", "custom data 1", "locationaccuracy"),
    *("zip", "zip code", "zipcode", "postal", "postal code", "postcode", "plz", "postleitzahl", "code postal"),
    *("código postal", "cap", "cep"),
    *("location accuracy", "twitter handle", "handle", "company name", "website", "url", "linkedin", "your website"),
}
# A question for the respondent's own name, not for that of a company or a brand.
PERSON_NAME = re.compile(
    r"\byour (first |last |full |given |family |own |sur)*name\b|^(first|last|full|given|family) name$"
    r"|\b(ihr|dein|euer) (vor |nach |vor und nach|vollständiger )*name\b|\bwie hei(ß|ss)(en sie|t du)\b"
    r"|^(vor|nach|familien)name$|\bvotre (pré)?nom\b|^(pré)?nom$|^nom et prénom|^prénom et nom"
    r"|\bcomment (vous appelez vous|t appelles tu)\b|\b(su|tu) nombre\b|^nombre( completo| y apellidos?)?$"
    r"|^apellidos?$|\bcómo (se|te) llam|\b(seu|teu|tuo|suo) nome\b|^nome( completo| e (cognome|sobrenome))?$"
    r"|^(cognome|sobrenome)$|\b(uw|je|jouw) (voor|achter)?naam\b|^(voor|achter)?naam$|^imię( i nazwisko)?$|^nazwisko$"
    r"|^(お?名前|氏名|이름|(您的)?姓名)$|\b(ваше имя|ваша фамилия|фио)\b|^(имя|фамилия)$"
    r"|\b(adınız|soyadınız)\b|^ad soyad$"
)
FREE_TEXT = re.compile(
    r"please specify|free text|comments?\b|anything else|in your own words|tell us|describe\b|explain\b|open.?ended|"
    r"other \(text\)|_text\b|- text\b|why did you|what else|bitte angeben|freitext|précisez|especifique|"
    r"anmerkung|bemerkung|kommentar|komentarz|commentaire|remarque|comentario|observaci|opmerking|osservazion|uwagi",
    re.IGNORECASE,
)
NOT_ANSWERED = {
    *(
        "-",
        "–",
        "—",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "no answer",
        "prefer not to say",
        "prefer not to answer",
        "refused",
    ),
    *("not applicable", "(vol.) refused", "don't know/refused", "don't know/refused (vol.)", "not answered"),
    *("no response", "missing", "skipped", "i'd rather not say", "dk/ref", "ref", "dk", "decline to answer"),
    *("rather not say", "not asked", "no reply", "i prefer not to say", "i prefer not to answer", "not reported"),
    *("keine angabe", "k.a.", "k. a.", "nicht beantwortet", "trifft auf mich nicht zu", "sans réponse"),
    *("pas de réponse", "ne souhaite pas répondre", "prefiero no contestar", "sin respuesta", "no contesta", "ns/nc"),
    *("geen antwoord", "wil ik niet zeggen", "nicht zutreffend / keine angabe", "preferisco non rispondere"),
}
# No position on a scale, but an answer to a question with one choice.
OFF_SCALE = NOT_ANSWERED | {
    *("don't know", "do not know", "dont know", "i don't know", "i do not know", "not sure", "i'm not sure"),
    *("i am not sure", "unfamiliar (n/a)", "unfamiliar", "cannot say", "can't say", "no opinion", "don't know (vol.)"),
    *("not sure / don't know", "don't know / not sure", "don't know/not sure", "don't know / no opinion"),
    *("can't judge", "cannot judge", "not relevant", "does not apply", "doesn't apply", "never heard of it"),
    *("weiß nicht", "weiss nicht", "kann ich nicht beurteilen", "weiß ich nicht", "trifft nicht zu / weiß nicht"),
    *("ne sait pas", "je ne sais pas", "sans opinion", "no sé", "no sabe", "non so", "weet niet", "weet ik niet"),
    *("não sei", "nie wiem", "trudno powiedzieć", "не знаю", "затрудняюсь ответить", "vet ej", "vet inte", "ved ikke"),
    *("わからない", "不知道", "不清楚", "모름"),
}
# What somebody did not do, have or see is no degree of anything: `I have not attended`, `I never did`.
NOT_TAKEN = re.compile(
    r"^(i|we)\b.*\b(not|never|no|n't)\b|^(i|we) (haven't|hasn't|didn't|don't|do not|never|have never)\b"
    r"|^(did|have|has|had|was|were) ?(not|n't)\b|^(didn't|haven't|hasn't|don't use|do not use|don't have|do not have)\b"
    r"|^not (attended|used|tried|seen|visited|asked|yet used|relevant|applicable|in use|familiar)\b"
    r"|^never (used|tried|attended|seen|did|heard|visited|had)\b|^unfamiliar\b|^no experience\b"
    r"|^(habe|haben|hatte) .*(nicht|nie|kein)|^nicht (teilgenommen|genutzt|besucht|relevant)|^nie (genutzt|benutzt)"
    r"|^(je|nous) n'|^pas (utilisé|participé|concerné)|^no (he|hemos|lo|la) |^non (applicable|concerné)",
    re.IGNORECASE,
)
NONE_OPTION = re.compile(r"^(none\b|no(ne)? of (the|these)|not applicable|nichts davon|keine?s? (davon|der))", re.I)
_OTHER = (
    r"other|others|sonstiges?|sonstige[rs]?|andere[srn]?|autres?|otr[oa]s?|altr[oia]|outr[oa]s?|anders|annat|andet"
    r"|annet|inne|jin[éáý]|muu|другое|その他|其他|기타"
)
# A column for what people type next to the options of a question: `Other (please specify)`, `Channels [Other]`.
OTHER_TYPED = re.compile(
    rf"(^|[\[/(:]\s*|- )({_OTHER})(?![\w])(?! comments)(?!,? \w+ (?!specify|angeben|name|list|enter|describe)\w)",
    re.IGNORECASE,
)
OTHER_OPTION = re.compile(rf"^({_OTHER})(?!\w)", re.IGNORECASE)
BUSINESS = {"businesses", "business", "b2b", "companies", "other businesses", "business customers"}
CONSUMER = {"consumers", "consumer", "b2c", "private customers", "individuals", "consumer customers", "people"}
BOTH = {"both", "both b2b and b2c", "b2b and b2c", "businesses and consumers", "a mix of both", "mixed"}
BUSINESS |= {"geschäftskunden", "unternehmen", "firmenkunden", "entreprises", "empresas", "bedrijven"}
CONSUMER |= {"privatkunden", "verbraucher", "endkunden", "konsumenten", "particuliers", "particulares", "consumenten"}
BOTH |= {"beides", "beide", "les deux", "ambos", "gemischt"}
# Numbers are only averaged where the name of the column says that they are amounts.
AMOUNT_NAME = re.compile(
    r"\b(hours?|minutes?|how many|how much|how long|number of|amount|count|total|spend(ing)?|costs?|price|revenue"
    r"|income|salary|percent(age)?|share|age|followers?|quantity|times|per (week|month|day|year)|what (is|was) your "
    r"(\w+ )?budget|stunden|minuten|alter|anzahl|wie viele?|wieviele?|betrag|kosten|prozent|heures|combien|nombre"
    r"|montant|horas|cuánt[oa]s|número|importe|uren|aantal|hoeveel|ore|quant[ie]|timmar|eur|usd|euros?|dollars?"
    r"|days|weeks|months|years|tage|jahre|jours|années|días|años)\b|[%€$£]",
    re.IGNORECASE,
)
# Questions that ask for no amount, and spans of time that only say when.
NO_AMOUNT = re.compile(
    r"^(has|have|had|do|does|did|is|are|was|were|will|would|can|could|should|which|who|why|where|hat|haben|ist|sind|wird"
    r"|welche[rsnm]?|wer|warum|avez|est|quels?|quelles?|qui|tiene|ha|es|cuál|qué|quién)\b",
    re.IGNORECASE,
)
SPAN = re.compile(
    r"\b(past|last|next|previous|letzten|nächsten|derniers|últimos|próximos) (\w+ )?(days|weeks|months|years"
    r"|tagen?|wochen|monaten?|jahren?|jours|mois|ans|días|meses|años)\b",
    re.IGNORECASE,
)
RATING_NAME = re.compile(
    r"\b(rate|rating|rank|scale|score|how (likely|satisfied|important|effective|useful|well|strongly|confident|easy|"
    r"difficult|often|familiar|much do you)|satisf\w*|agree\w*|recommend\w*|importan\w*|nps|stars?|bewert\w*|note"
    r"|zufrieden\w*|wichtig\w*|wie (zufrieden|wichtig|wahrscheinlich)|puntua\w*|évalu\w*|1 ?(-|–|to|bis) ?\d+)\b",
    re.IGNORECASE,
)
SERIAL_DATE_NAME = re.compile(r"\b(date|time|start\w*|end\w*|submit\w*|timestamp|datum|zeit|fecha|began|when)\b", re.I)
# Letters of zones that tools write into the names of their columns: `Submit Date (UTC)`, `Start.Date..MST.`.
ZONE_LETTERS = {
    *("utc", "gmt", "z", "est", "edt", "et", "cst", "cdt", "ct", "mst", "mdt", "mt", "pst", "pdt", "pt", "cet", "cest"),
    *("mez", "mesz", "wet", "west", "eet", "eest", "bst", "ist", "msk", "jst", "kst", "hkt", "sgt", "aest", "aedt"),
    *("acst", "acdt", "awst", "nzst", "nzdt", "sast", "brt", "art", "akst", "hst"),
}
_WORD = re.compile(r"[^\W_]+")
_DATE_FORM = re.compile(r"\s*[(\[][dmyhs/.:\- ]{4,}[)\]]$", re.IGNORECASE)


def words(text: str) -> str:
    """A name as words in lower case with single blanks."""
    return " ".join(_WORD.findall(text.casefold()))


def without_zone(name: str) -> str:
    """Words of a column's name without the zone, or the form of the date, behind them."""
    name = _DATE_FORM.sub("", name)
    plain = words(re.sub(r"[(\[](UTC|GMT)?[+-]\d{1,2}(:?\d{2})?[)\]]", "", name, flags=re.IGNORECASE))
    head, _, last = plain.rpartition(" ")
    return head if head and last in ZONE_LETTERS else plain


def focus_label(text: str) -> str | None:
    """b2b, b2c or both for what surveys call them."""
    plain = " ".join(text.casefold().split())
    for label, known in (("b2b", BUSINESS), ("b2c", CONSUMER), ("both", BOTH)):
        if plain in known:
            return label
    return None
