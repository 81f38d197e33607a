"""The words for yes and no that survey tools and people write, in many languages: one vocabulary for draft and reader.

An explicit no is an answer; only a blank says nothing. Texts are compared folded (`cells.fold`).
"""

YES = frozenset(
    {
        *("yes", "y", "true", "t", "1", "1.0", "x", "✓", "✔", "☑"),
        *("selected", "checked", "ticked", "chosen", "mentioned", "quoted", "named", "marked"),
        *("ja", "wahr", "ausgewählt", "angekreuzt", "genannt", "gewählt", "zutreffend", "trifft zu"),  # German
        *("oui", "vrai", "sélectionné", "coché", "cité", "mentionné"),  # French
        *("sí", "si", "verdadero", "seleccionado", "marcado", "mencionado"),  # Spanish
        *("sim", "verdadeiro", "selecionado", "assinalado"),  # Portuguese
        *("sì", "vero", "selezionato", "menzionato"),  # Italian
        *("waar", "geselecteerd", "aangevinkt", "genoemd"),  # Dutch
        *("tak", "prawda", "zaznaczono", "zaznaczone", "wybrano"),  # Polish
        *("ano", "áno", "pravda"),  # Czech, Slovak
        *("да", "истина", "выбрано", "отмечено"),  # Russian
        *("так", "обрано"),  # Ukrainian
        *("evet", "doğru", "seçildi"),  # Turkish
        *("はい", "有", "選択", "選択済み"),  # Japanese
        *("是", "是的", "有选择", "选中", "已选"),  # Chinese
        *("예", "네", "선택"),  # Korean
        *("kyllä", "kylla", "valittu", "tosi"),  # Finnish
        *("sant", "sann", "vald", "valgt", "valt", "sandt"),  # Swedish, Norwegian, Danish
        *("igen", "igaz"),  # Hungarian
        *("da", "adevărat", "selectat"),  # Romanian
        *("ναι", "αληθές"),  # Greek
        *("نعم", "כן", "हाँ", "हां", "có", "ya", "ใช่"),  # Arabic, Hebrew, Hindi, Vietnamese, Indonesian, Thai
    }
)
NO = frozenset(
    {
        *("no", "n", "false", "f", "0", "0.0", "✗", "✘", "☐"),
        *("not selected", "unselected", "unchecked", "not checked", "not ticked", "unticked", "not chosen"),
        *("not mentioned", "not quoted", "not named", "not marked"),
        *("nein", "falsch", "nicht ausgewählt", "nicht angekreuzt", "nicht genannt", "nicht gewählt"),  # German
        *("trifft nicht zu", "nicht zutreffend"),
        *("non", "faux", "non sélectionné", "non coché", "non cité", "non mentionné"),  # French
        *("falso", "no seleccionado", "no marcado", "no mencionado", "sin marcar"),  # Spanish
        *("não", "nao", "não selecionado", "não assinalado"),  # Portuguese
        *("non selezionato", "non menzionato"),  # Italian
        *("nee", "onwaar", "niet geselecteerd", "niet aangevinkt", "niet genoemd"),  # Dutch
        *("nie", "fałsz", "nie zaznaczono", "nie wybrano", "niezaznaczone"),  # Polish
        *("ne", "nepravda"),  # Czech
        *("нет", "ложь", "не выбрано", "не отмечено"),  # Russian
        *("ні", "не обрано"),  # Ukrainian
        *("hayır", "hayir", "yanlış", "seçilmedi"),  # Turkish
        *("いいえ", "無", "未選択"),  # Japanese
        *("否", "不是", "未选", "未选中"),  # Chinese
        *("아니요", "아니오", "미선택"),  # Korean
        *("ei", "ei valittu", "epätosi"),  # Finnish
        *("nej", "nei", "falskt", "ej vald", "inte vald", "ikke valgt"),  # Swedish, Norwegian, Danish
        *("nem", "hamis"),  # Hungarian
        *("nu", "fals", "neselectat"),  # Romanian
        *("όχι", "ψευδές"),  # Greek
        *("لا", "לא", "नहीं", "không", "tidak", "ไม่"),  # Arabic, Hebrew, Hindi, Vietnamese, Indonesian, Thai
    }
)
