"""Names of the columns of the four analytics exports, by language. Which sheet is which export belongs elsewhere.

One paragraph for each language, its names in the order of the fields, variants separated by `|`, `?` where no name is
known. English and Japanese names were seen in real exports of both families; German and Russian ones for X's content,
French ones in part for the former Twitter. All others are words of the language that nobody has seen in an export:
where X writes another word, the place of the column decides.
"""

from collections.abc import Mapping
from functools import cache

X_FIELDS = (
    *("post_id", "day", "text", "link", "impression_count", "like_count", "engagement_count", "bookmark_count"),
    *("share_count", "new_follow_count", "unfollow_count", "reply_count", "repost_count", "profile_click_count"),
    *("post_count", "video_view_count", "media_view_count", "detail_expand_count", "link_click_count"),
    *("hashtag_click_count", "permalink_click_count"),
)
# Fields that do not end in _count are kept in the payload only.
TWITTER_FIELDS = (
    *("post_id", "link", "text", "time", "day", "post_count", "impression_count", "engagement_count"),
    *("engagement_rate", "repost_count", "reply_count", "like_count", "profile_click_count", "link_click_count"),
    *("hashtag_click_count", "detail_expand_count", "permalink_click_count", "app_opens", "app_installs"),
    *("new_follow_count", "emailed_tweets", "dialled_phones", "media_view_count", "media_engagements"),
)

X_WORDS = {
    "English": """Post id, Date, Post text, Post Link|Link, Impressions, Likes, Engagements, Bookmarks,
        Shares|Share, New follows, Unfollows, Replies, Reposts, Profile visits, Create Post, Video views,
        Media views, Detail expands, URL clicks, Hashtag clicks, Permalink clicks""",
    "Japanese": """ポストID, 日付, ポスト本文, ポストのリンク, インプレッション数, いいね, エンゲージメント,
        ブックマーク, 共有された回数, 新しいフォロー, フォロー解除, 返信, リポスト, プロフィールへのアクセス数,
        ポストを作成, 動画再生数, メディアの再生数, 詳細のクリック数, URLのクリック数, ハッシュタグのクリック数,
        パーマリンクのクリック数""",
    "German": """Post-ID, Datum, Post-Text, Post-Link, Impressions, Gefällt mir, Interaktionen, Lesezeichen,
        Mal geteilt, Neue Follower, ?, Antworten, Reposts, Profilbesuche, ?, ?, ?, Detailerweiterungen,
        URL-Klicks, Hashtag-Klicks, Permalink-Klicks""",
    "Russian": """Идентификатор поста, Дата, Текст поста, Ссылка на пост, Показы, Нравится, Взаимодействия,
        Закладки, Поделились, Новые читатели, ?, Ответы, Репосты, Посещения профиля, ?, ?, ?,
        Разворачивания подробных сведений, Клики по URL-адресам, Клики по хештегам, Клики по постоянным ссылкам""",
    "Portuguese": """ID do post, Data, Texto do post, Postar link|Link do post, Impressões, Curtidas,
        Engajamentos, Itens salvos, Compartilhamentos, Novos seguidores, Deixar de seguir, Respostas, Reposts,
        Visitas ao perfil, Criar post, Visualizações de vídeo, Visualizações de mídia, Expansões de detalhes,
        Cliques de URL|Cliques no URL, Cliques de hashtag, Cliques de link permanente""",
    "French": """Identifiant du post|ID du post, Date, Texte du post, Lien du post, Impressions, J'aime,
        Engagements|Interactions, Signets, Partages, Nouveaux abonnements|Nouveaux abonnés, Désabonnements,
        Réponses, Reposts, Visites du profil|Visites de profil, ?, Vues de la vidéo|Vues de vidéo,
        Vues du média|Vues de média, Ouvertures des détails, Clics sur l'URL, Clics sur le hashtag,
        Clics sur le permalien""",
    "Spanish": """ID del post|Identificador del post, Fecha, Texto del post, Enlace del post, Impresiones,
        Me gusta, Interacciones, Guardados|Elementos guardados|Marcadores, Veces compartido|Compartidos,
        Nuevos seguidores, ?, Respuestas, Reposts|Republicaciones, Visitas al perfil, Crear post, ?, ?,
        Ampliaciones de detalles, Clics en URL|Clics en la URL|Clics de URL, Clics en hashtags,
        Clics en enlaces permanentes""",
    "Italian": """ID post|ID del post, Data, Testo del post, Link del post|Link post, Impressioni, Mi piace,
        Interazioni, Segnalibri, Condivisioni, Nuovi follower, ?, Risposte, Repost|Ripubblicazioni,
        Visite al profilo, Crea post, ?, ?, Espansioni dettagli, Clic su URL|Clic sull'URL, Clic su hashtag,
        Clic su permalink""",
    "Dutch": """Post-ID, Datum, Posttekst, Postlink, Impressies|Weergaven, Vind-ik-leuks,
        Interacties|Betrokkenheid, Bladwijzers, Keer gedeeld|Gedeeld, Nieuwe volgers, ?, Antwoorden, Reposts,
        Profielbezoeken, ?, ?, ?, Detailuitbreidingen, URL-klikken|Linkklikken, Hashtagklikken, Permalinkklikken""",
    "Turkish": """Gönderi kimliği|Gönderi ID, Tarih, Gönderi metni, Gönderi bağlantısı,
        Gösterimler|Görüntülenmeler, Beğeniler|Beğeni, Etkileşimler|Etkileşim, Yer işaretleri, Paylaşımlar,
        Yeni takipçiler|Yeni takipler, ?, Yanıtlar, Yeniden gönderiler, Profil ziyaretleri, ?, ?, ?, ?,
        URL tıklamaları, Etiket tıklamaları, Kalıcı bağlantı tıklamaları""",
    "Polish": """Identyfikator wpisu|ID wpisu, Data, Tekst wpisu|Treść wpisu, Link do wpisu, Wyświetlenia,
        Polubienia, Interakcje|Aktywności, Zakładki, Udostępnienia, Nowi obserwujący, ?, Odpowiedzi,
        Podania dalej, Odwiedziny profilu|Wizyty na profilu, ?, ?, ?, Rozwinięcia szczegółów,
        Kliknięcia adresów URL, Kliknięcia hashtagów, ?""",
    "Indonesian": """ID postingan, Tanggal, Teks postingan, Tautan postingan|Link postingan, Impresi|Tayangan,
        Suka, Interaksi|Keterlibatan, Markah, Dibagikan, Pengikut baru, ?, Balasan, Posting ulang|Repost,
        Kunjungan profil, ?, ?, ?, Perluasan detail, Klik URL, Klik tagar, Klik permalink""",
}

TWITTER_WORDS = {
    "English": """Tweet id, Tweet permalink, Tweet text, time, Date, Tweets published, impressions, engagements,
        engagement rate, retweets, replies, likes|favorites, user profile clicks, url clicks, hashtag clicks,
        detail expands, permalink clicks, app opens, app installs, follows, email tweet, dial phone,
        media views, media engagements""",
    "Japanese": """ツイートID, ツイートの固定リンク, ツイート本文, 時間, 日付, ?, インプレッション,
        エンゲージメント, エンゲージメント率, リツイート, 返信, いいね, ユーザープロフィールクリック,
        URLクリック数, ハッシュタグクリック, 詳細クリック, 固定リンクのクリック数, アプリ表示,
        アプリインストール, フォローしている, ツイートをメール送信, ダイアル式電話, メディアの再生数,
        メディアのエンゲージメント数|メディアのエンゲージメント""",
    "French": """Identifiant du Tweet, Permalien du Tweet, Texte du Tweet, heure, Date, Tweets publiés,
        impressions, engagements, taux d'engagement, Retweets, réponses, J'aime|favoris,
        clics sur le profil de l'utilisateur, clics sur l'URL, clics sur le hashtag, ouvertures des détails,
        clics sur le permalien, ouvertures de l'application|ouvertures d'application,
        installations de l'application|installations d'application, abonnements, ?, ?, vues du média,
        engagements avec le média""",
    "Portuguese": """id do Tweet, link permanente do Tweet, texto do Tweet, horário, Data, Tweets publicados,
        impressões, engajamentos, taxa de engajamento, retweets, respostas, favoritos|curtidas,
        cliques no perfil do usuário, cliques no URL, cliques em hashtags, expansões de detalhes,
        cliques no link permanente, aberturas de aplicativos, instalações de aplicativo, seguiram,
        Tweet enviado por e-mail, número de telefone discado, visualizações da mídia, engajamentos com mídia""",
    "Spanish": """Identificador del Tweet, Enlace permanente de Tweet|Enlace permanente del Tweet,
        Texto del Tweet, hora, Fecha, Tweets publicados, impresiones, interacciones, tasa de interacción,
        retweets, respuestas, me gusta|favoritos, clics de perfil de usuario, clics en URL,
        clics en etiquetas|clics en hashtags, ampliaciones de detalles,
        clics en enlaces permanentes|clics en el enlace permanente, aperturas de la aplicación,
        instalaciones de la aplicación, seguimientos, ?, ?, visualizaciones de contenido multimedia,
        interacciones con el contenido multimedia""",
    "German": """Tweet-ID, Tweet-Permalink|Permalink des Tweets, Tweet-Text|Text des Tweets, Zeit|Uhrzeit,
        Datum, Veröffentlichte Tweets|Tweets veröffentlicht, Impressions|Impressionen, Interaktionen,
        Interaktionsrate, Retweets, Antworten, Gefällt mir|Favoriten,
        Klicks auf Nutzerprofil|Nutzerprofilklicks, URL-Klicks, Hashtag-Klicks, Detailerweiterungen,
        Permalink-Klicks, App-Öffnungen, App-Installationen, ?, ?, ?, Medienaufrufe, Medieninteraktionen""",
    "Italian": """ID Tweet|ID del Tweet, Permalink del Tweet|Link permanente del Tweet, Testo del Tweet, ora,
        Data, Tweet pubblicati, impressioni|visualizzazioni, interazioni, tasso di interazione, Retweet,
        risposte, Mi piace|preferiti, clic sul profilo utente, clic su URL|clic sull'URL, clic su hashtag,
        espansioni dettagli, clic su permalink, ?, ?, ?, ?, ?, visualizzazioni contenuti multimediali, ?""",
    "Dutch": """Tweet-ID, Permalink van Tweet|Tweet-permalink, Tweettekst|Tweet-tekst, tijd, Datum,
        Gepubliceerde Tweets, impressies|weergaven, interacties|betrokkenheid, ?, Retweets, antwoorden,
        vind-ik-leuks|favorieten, ?, URL-klikken, hashtagklikken, detailuitbreidingen, permalinkklikken, ?, ?,
        ?, ?, ?, mediaweergaven, ?""",
    "Russian": """Идентификатор твита, Постоянная ссылка на твит, Текст твита, время, Дата,
        Опубликованные твиты, показы, взаимодействия, уровень взаимодействия, ретвиты, ответы,
        нравится|отметки Нравится, клики по профилю пользователя, клики по URL-адресам, клики по хештегам,
        разворачивания подробных сведений, клики по постоянным ссылкам, ?, ?, ?, ?, ?, ?, ?""",
    "Turkish": """Tweet kimliği, Tweet kalıcı bağlantısı, Tweet metni, saat|zaman, Tarih, ?,
        gösterimler|görüntülenmeler, etkileşimler, etkileşim oranı, Retweetler, yanıtlar, beğeniler|favoriler,
        ?, URL tıklamaları, etiket tıklamaları, ?, kalıcı bağlantı tıklamaları, ?, ?, ?, ?, ?, ?, ?""",
    "Polish": """Identyfikator Tweeta, ?, Tekst Tweeta|Treść Tweeta, godzina|czas, Data, ?, wyświetlenia,
        interakcje|aktywności, ?, Retweety, odpowiedzi, polubienia|ulubione, ?, kliknięcia adresów URL,
        kliknięcia hashtagów, rozwinięcia szczegółów, ?, ?, ?, ?, ?, ?, ?, ?""",
    "Indonesian": """ID Tweet, Tautan permanen Tweet|Permalink Tweet, Teks Tweet, waktu, Tanggal, ?,
        impresi|tayangan, interaksi|keterlibatan, ?, Retweet, balasan, suka|favorit, ?, klik URL, klik tagar,
        perluasan detail, klik permalink, ?, ?, ?, ?, ?, ?, ?""",
}


@cache
def names_by_field(export: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Names by field by language for the exports of `x` (X Analytics) or of `twitter` (analytics.twitter.com)."""
    fields, words = (X_FIELDS, X_WORDS) if export == "x" else (TWITTER_FIELDS, TWITTER_WORDS)
    return {language: _split(fields, paragraph) for language, paragraph in words.items()}


def _split(fields: tuple[str, ...], paragraph: str) -> dict[str, tuple[str, ...]]:
    cells = [" ".join(cell.split()) for cell in paragraph.split(",")]
    named = zip(fields, cells, strict=True)
    return {field: tuple(name.strip() for name in cell.split("|")) for field, cell in named if cell != "?"}
