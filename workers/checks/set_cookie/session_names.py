"""Which cookies know a visitor again as somebody who has logged in, by their names alone.

Nothing else tells: a value is a value. So names are listed that frameworks and products give by default, as
their documentation has them, and of others only those are taken whose last words say that the cookie is a
session or its id. `session_lang` and `has_session` tell something about one. The Observatory has a rule of
its own, coarser, for its test of cookies (`workers.observatory.cookies`).
"""

import re
from functools import lru_cache
from typing import Final

_NAME_LIMIT: Final = 128  # characters of a name that are looked at; digests in names have 64 at most
_PREFIX = re.compile(r"__(?:host-http|host|http|secure)-")

# In lower case, and without what a prefix adds.
_NAMES: Final = frozenset(
    {
        ".aspnet.applicationcookie",  # ASP.NET Identity 2
        ".aspnetcore.cookies",  # ASP.NET Core's scheme "Cookies", and below that of its Identity
        ".aspnetcore.identity.application",
        ".aspnetcore.session",
        ".aspxauth",  # ASP.NET's forms authentication
        "_oauth2_proxy",
        "_session_id",  # Rails
        "adminer_sid",
        "be_typo_user",  # TYPO3: editors, and below visitors
        "fe_typo_user",
        "cakephp",
        "cfid",  # ColdFusion: the two together are the session
        "cftoken",
        "connect.sid",  # Express
        "i_like_gitea",
        "idsrv",  # IdentityServer
        "keycloak_identity",
        "keycloak_session",
        "msisauth",  # Active Directory Federation Services
        "phpmyadmin",
        "phpsessid",
        "remember-me",  # Spring Security
        "remember_token",  # Flask-Login
        "remember_user_token",  # Devise, whose default scope is "user"
        "sails.sid",
        "simplesamlauthtoken",
        # What people call it who name it themselves.
        *(
            "access_token",
            "accesstoken",
            "auth",
            "auth_token",
            "authtoken",
            "id_token",
            "jwt",
            "refresh_token",
        ),
        "sid",
    }
)
_PATTERNS: Final = (
    r"\.aspnetcore\.(?:cookies|identity\.application)c\d+",  # the parts of one that is too long for a cookie
    r"aspsessionid[a-z]{8}",  # Active Server Pages
    r"awselbauthsessioncookie-\d+",  # AWS's load balancer, where it does the login
    r"_shibsession_.+",  # Shibboleth
    r"jsessionid(?:[._-]?[0-9a-z]+)?",  # Java's servlets; Jenkins and others add who they are
    r"keycloak_(?:identity|session)_legacy",
    r"moodlesession\w*",
    r"msisauth\d",
    r"_oauth2_proxy_\d",
    r"remember_[a-z]+_[0-9a-f]{40}",  # Laravel: the guard, and the SHA-1 of a class's name
    r"s?sess[0-9a-f]{32}",  # Drupal; over https with another S in front
    r"wordpress_(?:logged_in_|sec_)?[0-9a-f]{32}",
)
_PATTERN = re.compile("|".join(_PATTERNS), re.ASCII)

_WORD = re.compile(r"[^._:-]+")
_SESSIONS: Final = frozenset({"sess", "sessid", "session", "sessionid"})
_THEIR_IDS: Final = frozenset({"id", "key", "token"})
# Words by which a cookie is none all the same: it tells that there is one, counts visits, steers a load
# balancer, or is a token that scripts must read.
_OTHERS: Final = frozenset(
    {
        *("affinity", "analytics", "csrf", "first", "has", "intercom", "is", "last", "new", "no", "tracking"),
        *("visit", "visitor", "xsrf"),
    }
)


@lru_cache(maxsize=256)  # asked for several times of each cookie
def looks_like_session(name: str) -> bool:
    """Whether the name is one that frameworks, or people, give to the cookie of a session or a login."""
    lower = _PREFIX.sub("", name[:_NAME_LIMIT].lower(), count=1)
    if lower in _NAMES or _PATTERN.fullmatch(lower) is not None:
        return True
    words = _WORD.findall(lower)
    while words and words[-1].isdecimal():  # the parts of a long one are numbered
        words.pop()
    if not words or not _OTHERS.isdisjoint(words):
        return False
    if len(words) > 1 and words[-1] in _THEIR_IDS:
        return words[-2] in _SESSIONS
    return words[-1] in _SESSIONS or words[-1].endswith(("sessionid", "sessid"))
