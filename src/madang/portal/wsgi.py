"""The site as a WSGI application: pages are short, so threads serve them well."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.portal.settings.prod")
application = get_wsgi_application()
