"""Names of the columns of LinkedIn's page exports, by table, field and language. Pure.

English names were seen in real exports from 2020 to 2026; Portuguese and Spanish ones, and the German ones of content,
in public programs that read real exports. No name is translated by us: an export in another language, or with names
that nobody has seen, is refused by its shape and never read in part.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache

ENGLISH = "English"
# Per table: field, then its names in the order of LANGUAGES; variants are separated by `|`, empty where none was seen.
LANGUAGES = (ENGLISH, "Portuguese", "Spanish", "German")
_SCOPES = {
    "organic": ("organic", "organico|organica|organicos|organicas", "organico|organica|organicos|organicas|generales",
                "organisch|organische updates"),
    "sponsored": ("sponsored", "patrocinado|patrocinada|patrocinados|patrocinadas",
                  "patrocinado|patrocinada|patrocinados|patrocinadas", "gesponsert|sponsored updates"),
    "total": ("total", "total", "total|totales", "insgesamt"),
}  # fmt: skip
# Daily figures are named `Impressions (organic)`: a figure and a scope.
_DAILY = {
    "impressions": ("impressions", "impressoes", "impresiones", "impressions"),
    "unique_impressions": ("unique impressions", "impressoes unicas", "impresiones unicas", "individuelle impressions"),
    "clicks": ("clicks", "cliques", "clics", "klicks"),
    "reactions": ("reactions", "reacoes", "reacciones", "reaktionen"),
    "comments": ("comments", "comentarios", "comentarios", "kommentare"),
    "reposts": ("reposts|shares", "compartilhamentos", "veces compartido", "geteilte inhalte|direkt geteilte beitrage"),
    "rate": ("engagement rate", "taxa de engajamento", "tasa de interaccion", "engagement-rate|engagement rate"),
}
_DAY = ("date", "data", "fecha", "datum")
_POSTS = {
    "title": ("post title|update title", "titulo da publicacao", "titulo de la publicacion", "titel des beitrags"),
    "link": ("post link|update link", "link da publicacao", "enlace de la publicacion", "link veroffentlichen"),
    "type": ("post type|update type", "tipo de publicacao", "tipo de publicacion", "art des beitrags"),
    "campaign": ("campaign name", "nome da campanha", "nombre de la campana", "kampagnenname|name der kampagne"),
    "posted_by": ("posted by", "publicada por|publicado por", "anunciado por|publicado por", "veroffentlicht von"),
    "day": ("created date", "criacao|data de criacao", "fecha de creacion", "erstellt am"),
    "campaign_start": ("campaign start date", "data de inicio da campanha", "fecha de inicio de campana", ""),
    "campaign_end": ("campaign end date", "data de termino da campanha", "fecha de finalizacion de campana", ""),
    "audience": ("audience", "publico", "publico", "zielgruppe"),
    "impressions": _DAILY["impressions"],
    "views": ("views|video views", "visualizacoes", "visualizaciones", "aufrufe"),
    "offsite_views": ("offsite views", "visualizacoes fora do site", "visualizaciones fuera del sitio", ""),
    "clicks": _DAILY["clicks"],
    "ctr": ("click through rate (ctr)", "taxa de cliques (ctr)", "porcentaje de clics", "klickrate (ctr)"),
    "reactions": ("likes|reactions", "gostaram", "recomendaciones", "likes"),
    "comments": _DAILY["comments"],
    "reposts": _DAILY["reposts"],
    "follows": ("follows", "seguidores", "seguidores", ""),
    "rate": _DAILY["rate"],
    "content_type": ("content type", "tipo de conteudo", "tipo de contenido", ""),
}
_FOLLOWERS = {
    "day": _DAY,
    "sponsored": ("sponsored followers", "seguidores patrocinados", "seguidores patrocinados", ""),
    "organic": ("organic followers", "seguidores organicos", "seguidores generales|seguidores organicos", ""),
    "auto_invited": (
        *("auto-invited followers", "seguidores convidados automaticamente", "seguidores invitados automaticamente"),
        "",
    ),
    "total": ("total followers", "total de seguidores", "total de seguidores", ""),
}
_COMPETITORS = {
    "page": ("page", "pagina", "pagina", ""),
    "total": _FOLLOWERS["total"],
    "new": ("new followers", "novos seguidores", "nuevos seguidores", ""),
    "engagements": ("total post engagements", "total de engajamentos da publicacao",
                    "total de interacciones de las publicaciones", ""),
    "posts": ("total posts", "total de publicacoes", "total de publicaciones", ""),
}  # fmt: skip
# What is not stored needs no exact names: a guess in any language costs nothing.
_VISITS = {
    *("page views", "unique visitors", "visualizacoes da pagina", "visitantes unicos", "visualizaciones de la pagina"),
    *("seitenaufrufe", "besucher", "pages vues", "visiteurs uniques"),
}
_AUDIENCE_TOTALS = {
    *filter(None, "|".join(_FOLLOWERS["total"]).split("|")),
    *("follower insgesamt", "follower gesamt", "total des abonnes", "nombre total d'abonnes", "total d'abonnes"),
    *("total views", "total de visualizacoes", "total de visualizaciones", "aufrufe insgesamt", "aufrufe gesamt"),
    *("total des vues", "nombre total de vues"),
}
_TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "metrics": {
        "day": _DAY,
        **{f"{figure} {scope}": tuple(
            "|".join(f"{one} ({word})" for one in names.split("|") for word in words.split("|"))
            for names, words in zip(figures, scopes, strict=True)
        ) for figure, figures in _DAILY.items() for scope, scopes in _SCOPES.items()},
    },
    "posts": _POSTS,
    "followers": _FOLLOWERS,
    "competitors": _COMPETITORS,
}  # fmt: skip
# Fields without which a row is not the header of a table.
NEEDED = {
    "metrics": {"day", "impressions organic", "clicks organic", "reactions organic"},
    "posts": {"link", "type", "impressions"},
    "followers": {"day", "total", "organic"},
    "competitors": {"page", "new"},
}


def fold(name: str) -> str:
    """A name for comparison: one width and case, no accents, single spaces, no forms for both sexes."""
    plain = unicodedata.normalize("NFKD", name).replace("’", "'").replace(":innen", "").replace("*innen", "")
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(letters.casefold().split()).strip("\ufeff\"' :.")


@cache
def words(table: str) -> dict[str, dict[str, str]]:
    """Fields of a table by folded name, by language."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for field, by_language in _TABLES[table].items():
        for language, names in zip(LANGUAGES, by_language, strict=True):
            found[language] |= dict.fromkeys(filter(None, names.split("|")), field)
    return found


def scope_of(cell: str) -> str | None:
    """`organic`, `sponsored` or `total` by the word in a post's row; None for another word."""
    word = fold(cell)
    of_posts = {"organic": ("general",)}
    known = {scope: {*"|".join(names).split("|"), *of_posts.get(scope, ())} for scope, names in _SCOPES.items()}
    return next((scope for scope, names in known.items() if word and word in names), None)


def is_visits(name: str) -> bool:
    """True for a column of the visitors' export."""
    return any(word in fold(name) for word in _VISITS)


def is_audience_total(name: str) -> bool:
    """True for the second column of a table by place, seniority or employer."""
    return fold(name) in _AUDIENCE_TOTALS
