"""Headers of X's exports in several languages, in the order of the file.

`seen` ones are in public programs that read real exports. The others are only words that a reader cannot know: they
stand for the languages of which no header could be found, and test what is done with an unknown header.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """The header of one export in one language or version."""

    code: str
    is_seen: bool
    names: tuple[str, ...]


def _language(code: str, is_seen: bool, text: str) -> Language:
    return Language(code, is_seen, tuple(name.strip() for name in text.split("|")))


CONTENT = (
    _language(
        "en",
        True,
        "Post id|Date|Post text|Post Link|Impressions|Likes|Engagements|Bookmarks|Shares|New follows|Replies|Reposts"
        "|Profile visits|Detail Expands|URL Clicks|Hashtag Clicks|Permalink Clicks",
    ),
    _language(
        "en until 2025",
        True,
        "Post id|Date|Post text|Link|Impressions|Likes|Engagements|Bookmarks|Share|New follows|Replies|Reposts"
        "|Profile visits|Detail expands|Url clicks|Hashtag clicks|Permalink clicks",
    ),
    _language(
        "ja",
        True,
        "ポストID|日付|ポスト本文|ポストのリンク|インプレッション数|いいね|エンゲージメント|ブックマーク|共有された回数|新しいフォロー|返信|リポスト"
        "|プロフィールへのアクセス数|詳細のクリック数|URLのクリック数|ハッシュタグのクリック数|パーマリンクのクリック数",
    ),
    _language(
        "de",
        False,
        "Post-ID|Datum|Post-Text|Post-Link|Impressions|Gefällt mir|Interaktionen|Lesezeichen|Geteilt|Neue Follower"
        "|Antworten|Reposts|Profilbesuche|Detailansichten|URL-Klicks|Hashtag-Klicks|Permalink-Klicks",
    ),
    _language(
        "es",
        False,
        "ID del post|Fecha|Texto del post|Enlace del post|Impresiones|Me gusta|Interacciones|Guardados|Compartidos"
        "|Nuevos seguidores|Respuestas|Reposts|Visitas al perfil|Ampliaciones de detalle|Clics en la URL"
        "|Clics en el hashtag|Clics en el enlace permanente",
    ),
    _language(
        "fr",
        False,
        "ID du post|Date|Texte du post|Lien du post|Impressions|J'aime|Engagements|Signets|Partages|Nouveaux abonnés"
        "|Réponses|Reposts|Visites du profil|Ouvertures du détail|Clics sur l'URL|Clics sur le hashtag"
        "|Clics sur le permalien",
    ),
    _language(
        "pt",
        False,
        "ID do post|Data|Texto do post|Link do post|Impressões|Curtidas|Engajamentos|Itens salvos"
        "|Compartilhamentos|Novos seguidores|Respostas|Reposts|Visitas ao perfil|Expansões de detalhes|Cliques na URL"
        "|Cliques na hashtag|Cliques no link permanente",
    ),
    _language(
        "tr",
        False,
        "Gönderi kimliği|Tarih|Gönderi metni|Gönderi bağlantısı|Görüntüleme|Beğeni|Etkileşim|Yer işareti|Paylaşım"
        "|Yeni takip|Yanıt|Yeniden gönderi|Profil ziyareti|Ayrıntı açma|Bağlantı tıklaması|Etiket tıklaması"
        "|Kalıcı bağlantı tıklaması",
    ),
    _language(
        "ko",
        False,
        "게시물 ID|날짜|게시물 본문|게시물 링크|노출수|마음에 들어요|참여|북마크|공유|새 팔로우|답글|재게시|프로필 방문"
        "|세부 정보 확장|URL 클릭|해시태그 클릭|고유 링크 클릭",
    ),
    _language(
        "ru",
        False,
        "ID поста|Дата|Текст поста|Ссылка на пост|Показы|Нравится|Взаимодействия|Закладки|Поделились|Новые читатели"
        "|Ответы|Репосты|Посещения профиля|Раскрытия|Клики по ссылке|Клики по хештегу|Клики по постоянной ссылке",
    ),
)
OVERVIEW = (
    _language(
        "en",
        True,
        "Date|Impressions|Likes|Engagements|Bookmarks|Shares|New follows|Unfollows|Replies|Reposts|Profile visits"
        "|Create Post|Video views|Media views",
    ),
    _language(
        "ja",
        False,
        "日付|インプレッション数|いいね|エンゲージメント|ブックマーク|共有された回数|新しいフォロー|フォロー解除|返信|リポスト"
        "|プロフィールへのアクセス数|ポストを作成|動画の再生数|メディアの再生数",
    ),
    _language(
        "de",
        False,
        "Datum|Impressions|Gefällt mir|Interaktionen|Lesezeichen|Geteilt|Neue Follower|Entfolgt|Antworten|Reposts"
        "|Profilbesuche|Post erstellen|Videoaufrufe|Medienaufrufe",
    ),
    _language(
        "es",
        False,
        "Fecha|Impresiones|Me gusta|Interacciones|Guardados|Compartidos|Nuevos seguidores|Dejaron de seguir|Respuestas"
        "|Reposts|Visitas al perfil|Crear post|Reproducciones de video|Vistas multimedia",
    ),
    _language(
        "tr",
        False,
        "Tarih|Görüntüleme|Beğeni|Etkileşim|Yer işareti|Paylaşım|Yeni takip|Takipten çıkma|Yanıt|Yeniden gönderi"
        "|Profil ziyareti|Gönderi oluştur|Video görüntüleme|Medya görüntüleme",
    ),
)
_JA = (
    "インプレッション|エンゲージメント|エンゲージメント率|リツイート|返信|いいね|ユーザープロフィールクリック|URLクリック数|ハッシュタグクリック|詳細クリック"
    "|固定リンクのクリック数|アプリ表示|アプリインストール|フォローしている|ツイートをメール送信|ダイアル式電話|メディアの再生数|メディアのエンゲージメント数"
)
_EN = (
    "impressions|engagements|engagement rate|retweets|replies|likes|user profile clicks|url clicks|hashtag clicks"
    "|detail expands|permalink clicks|app opens|app installs|follows|email tweet|dial phone|media views"
    "|media engagements"
)
_FR = (
    "impressions|engagements|taux d'engagement|Retweets|réponses|J'aime|clics sur le profil|clics sur l'URL"
    "|clics sur le hashtag|ouvertures du détail|clics sur le permalien|ouvertures d'app|installations d'app"
    "|abonnements|envois par e-mail|appels|vues du média|engagements avec le média"
)
_DE = (
    "Impressions|Interaktionen|Interaktionsrate|Retweets|Antworten|Gefällt mir|Klicks auf Nutzerprofil|URL-Klicks"
    "|Hashtag-Klicks|Detail-Erweiterungen|Permalink-Klicks|App-Öffnungen|App-Installationen|Folgt|Tweet per E-Mail"
    "|Anrufe|Medienansichten|Medieninteraktionen"
)
_ES = (
    "impresiones|interacciones|tasa de interacción|Retweets|respuestas|me gusta|clics en el perfil de usuario"
    "|clics en URL|clics en etiquetas|ampliaciones de detalles|clics en enlaces permanentes|aperturas de la app"
    "|instalaciones de la app|siguiendo|enviar Tweet por correo|marcar teléfono|visualizaciones"
    "|interacciones con medios"
)


def _promoted(prefix: str, metrics: str) -> str:
    return "|".join(f"{prefix}{name}" for name in metrics.split("|"))


BY_TWEET = (
    _language("en", True, f"Tweet id|Tweet permalink|Tweet text|time|{_EN}|{_promoted('promoted ', _EN)}"),
    _language("ja", True, f"ツイートID|ツイートの固定リンク|ツイート本文|時間|{_JA}|{_promoted('プロモの', _JA)}"),
    # The first names and six of the metrics are seen, the rest is not.
    _language(
        "fr",
        True,
        f"Identifiant du Tweet|Permalien du Tweet|Texte du Tweet|heure|{_FR}|{_promoted('sponsorisé : ', _FR)}",
    ),
    _language("de", False, f"Tweet-ID|Tweet-Permalink|Tweet-Text|Zeit|{_DE}|{_promoted('gesponsert ', _DE)}"),
    _language(
        "es",
        False,
        f"ID del Tweet|Enlace permanente al Tweet|Texto del Tweet|hora|{_ES}|{_promoted('promocionado ', _ES)}",
    ),
)
BY_DAY = (
    _language("en", True, f"Date|Tweets published|{_EN}|{_promoted('promoted ', _EN)}"),
    _language("ja", True, f"日付|Tweets published|{_JA}|{_promoted('プロモの', _JA)}"),
    _language("fr", False, f"Date|Tweets publiés|{_FR}|{_promoted('sponsorisé : ', _FR)}"),
    _language("de", False, f"Datum|Veröffentlichte Tweets|{_DE}|{_promoted('gesponsert ', _DE)}"),
    _language("es", False, f"Fecha|Tweets publicados|{_ES}|{_promoted('promocionado ', _ES)}"),
)
