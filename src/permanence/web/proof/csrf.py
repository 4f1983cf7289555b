"""Django's CSRF check, with our cookie's name at each place. Kept although requests are proved: see trap 2 of the design.

The worker re-issues what a page of another site starts, so SameSite and Origin are no evidence; this token still is.
"""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import (  # type: ignore[attr-defined]  # private names: Django is pinned
    CSRF_TOKEN_LENGTH,
    CsrfViewMiddleware,
    _check_token_format,
    _unmask_cipher_token,
)

from permanence.web.proof import cookies
from permanence.web.proof.places import place_of


class CsrfMiddleware(CsrfViewMiddleware):
    """As Django's; the cookie is readable by our scripts, which send it back in `X-CSRFToken`."""

    def _get_secret(self, request: HttpRequest) -> str | None:
        secret = cookies.read(request, cookies.CSRF)
        if not secret:
            return None
        _check_token_format(secret)
        return str(_unmask_cipher_token(secret)) if len(secret) == CSRF_TOKEN_LENGTH else secret

    def _set_csrf_cookie(self, request: HttpRequest, response: HttpResponseBase) -> None:
        secret: Any = request.META.get("CSRF_COOKIE")
        if secret:
            secure = place_of(request).secure
            response.set_cookie(cookies.cookie_name(cookies.CSRF, secure=secure), secret, path="/", secure=secure,
                                httponly=False, samesite="Strict")
