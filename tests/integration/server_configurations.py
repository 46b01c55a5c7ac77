"""The configurations of the real servers: each writes one into the site's folder and returns the arguments.

Each lets its server speak in its own manner (its spelling, its order, its error pages) and adds only what
the tests look for: repeated fields and cookies.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.integration.authority import Certificate

APACHE_MODULES = "/usr/lib/apache2/modules"
# Apache's ETag is weak for a file that changed in the second before: two requests would see two.
AGED_S = 1_700_000_000
COOKIES = ("a=1; Path=/", "b=2; Secure; HttpOnly", "c=3; SameSite=Lax")


@dataclass(frozen=True, slots=True)
class Site:
    """What a configuration is written for."""

    folder: Path
    http: int
    https: int
    one: Certificate
    two: Certificate


def _nginx(site: Site) -> list[str]:
    cookies = "".join(f'add_header Set-Cookie "{cookie}" always;' for cookie in COOKIES)
    body = f"""
        add_header X-Repeat one always;
        add_header x-lower Spelt always;
        add_header X-Repeat two always;
        {cookies}
        location = / {{ return 200 "hello"; }}
        location = /moved {{ return 302 /; }}
        location = /no-head {{ if ($request_method = HEAD) {{ return 405; }} return 200 "hello"; }}
        location / {{ return 404; }}"""
    hosts = "".join(
        f"""server {{
            listen 127.0.0.1:{site.http}; listen 127.0.0.1:{site.https} ssl; server_name {host};
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_certificate {certificate.certificate}; ssl_certificate_key {certificate.key};
            {body}
        }}"""
        for host, certificate in (("one.test 127.0.0.1", site.one), ("two.test", site.two))
    )
    bodies = "".join(
        f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (site.folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; absolute_redirect off; {bodies} {hosts} }}\n"
    )
    return ["-p", str(site.folder), "-c", "nginx.conf", "-e", "stderr"]


def _apache(site: Site) -> list[str]:
    modules = (
        "mpm_event",
        "authz_core",
        "headers",
        "rewrite",
        "alias",
        "ssl",
        "setenvif",
        "socache_shmcb",
        "dir",
    )
    loads = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in modules)
    cookies = "\n".join(f'Header always add Set-Cookie "{cookie}"' for cookie in COOKIES)
    root = site.folder / "root"
    root.mkdir()
    for name in ("index.html", "no-head", "old"):
        (root / name).write_text("hello")
        os.utime(root / name, (AGED_S, AGED_S))
    hosts = "".join(
        f"""
        <VirtualHost 127.0.0.1:{port}>
            ServerName {host}
            RewriteEngine on
            RewriteOptions Inherit
            {f"SSLEngine on{chr(10)}SSLCertificateFile {certificate.pair}" if port == site.https else ""}
        </VirtualHost>"""
        for port in (site.http, site.https)
        for host, certificate in (("one.test", site.one), ("two.test", site.two))
    )
    (site.folder / "apache.conf").write_text(f"""
        {loads}
        ServerRoot {site.folder}
        ServerName one.test
        PidFile apache.pid
        ErrorLog /dev/stderr
        Mutex file:{site.folder} default
        SSLSessionCache none
        {"User www-data" if os.geteuid() == 0 else ""}
        {"Group www-data" if os.geteuid() == 0 else ""}
        Listen 127.0.0.1:{site.http}
        Listen 127.0.0.1:{site.https}
        DocumentRoot {root}
        DirectoryIndex index.html
        <Directory {root}>
            Require all granted
        </Directory>
        Header always add X-Repeat one
        Header always add x-lower Spelt
        Header always add X-Repeat two
        {cookies}
        Redirect 302 /moved /
        SetEnvIf Request_URI ^/old$ downgrade-1.0 force-response-1.0
        RewriteEngine on
        RewriteCond %{{REQUEST_METHOD}} =HEAD
        RewriteRule ^/no-head$ - [R=405,L]
        {hosts}
    """)
    return ["-d", str(site.folder), "-f", str(site.folder / "apache.conf"), "-DFOREGROUND"]


def _caddy(site: Site) -> list[str]:
    cookies = "\n".join(f'+Set-Cookie "{cookie}"' for cookie in COOKIES)
    rules = f"""
        header {{
            +X-Repeat one
            x-lower Spelt
            +X-Repeat two
            {cookies}
        }}
        @refused {{
            method HEAD
            path /no-head
        }}
        respond @refused 405
        redir /moved / 302
        respond / hello
        respond /no-head hello
        respond 404
    """
    (site.folder / "Caddyfile").write_text(f"""
        {{
            admin off
            auto_https off
            default_sni one.test
            log {{
                output stderr
            }}
        }}
        http://:{site.http} {{
            bind 127.0.0.1
            {rules}
        }}
        https://one.test:{site.https}, https://127.0.0.1:{site.https} {{
            bind 127.0.0.1
            tls {site.one.certificate} {site.one.key}
            {rules}
        }}
        https://two.test:{site.https} {{
            bind 127.0.0.1
            tls {site.two.certificate} {site.two.key}
            {rules}
        }}
    """)
    return ["run", "--config", str(site.folder / "Caddyfile"), "--adapter", "caddyfile"]


def _haproxy(site: Site) -> list[str]:
    fields = " ".join(f'hdr Set-Cookie "{cookie}"' for cookie in COOKIES)
    refused = "http-request return status 405 content-type text/plain string no"
    answer = (
        f"content-type text/plain string hello hdr X-Repeat one hdr x-lower Spelt hdr X-Repeat two {fields}"
    )
    (site.folder / "haproxy.cfg").write_text(f"""
global
    log stderr local0 crit
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend site
    bind 127.0.0.1:{site.http}
    bind 127.0.0.1:{site.https} ssl crt {site.one.pair} crt {site.two.pair}
    {refused} if METH_HEAD {{ path /no-head }}
    http-request redirect location / code 302 if {{ path /moved }}
    http-request return status 200 {answer} if {{ path / /no-head }}
    http-request return status 404 {answer}
""")
    return ["-db", "-f", str(site.folder / "haproxy.cfg")]


def _lighttpd(site: Site) -> list[str]:
    root = site.folder / "root"
    root.mkdir()
    cookies = "".join(f"Set-Cookie: {cookie}\\r\\n" for cookie in COOKIES)
    fields = f"X-Repeat: one\\r\\nx-lower: Spelt\\r\\nX-Repeat: two\\r\\n{cookies}"
    script = root / "site.sh"
    script.write_text(
        f"""#!/bin/sh
case "$REQUEST_METHOD $REQUEST_URI" in
    "HEAD /no-head") status="405 Method Not Allowed" ;;
    *" /moved") status="302 Found\\r\\nLocation: /" ;;
    *" /" | *" /no-head") status="200 OK" ;;
    *) status="404 Not Found" ;;
esac
printf "Status: $status\\r\\n{fields}\\r\\n"
"""
    )
    (site.folder / "lighttpd.conf").write_text(f"""
server.modules = ("mod_openssl", "mod_cgi", "mod_rewrite")
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {site.http}
url.rewrite-once = ("" => "/site.sh")
cgi.assign = (".sh" => "/bin/sh")
$SERVER["socket"] == "127.0.0.1:{site.https}" {{
    ssl.engine = "enable"
    ssl.pemfile = "{site.one.pair}"
    $HTTP["host"] =~ "^two\\.test" {{ ssl.pemfile = "{site.two.pair}" }}
}}
""")
    return ["-D", "-f", str(site.folder / "lighttpd.conf")]


CONFIGURATIONS: dict[str, Callable[[Site], list[str]]] = {
    "nginx": _nginx,
    "apache2": _apache,
    "caddy": _caddy,
    "haproxy": _haproxy,
    "lighttpd": _lighttpd,
}
