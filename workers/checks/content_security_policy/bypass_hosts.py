"""Well-known hosts whose scripts run what an attacker puts into an address or a page.

A policy that trusts such a host is bypassed by it. A line is a host and the path there; one that ends in "/"
is all below it. Compiled in November 2026 from what the services document of themselves (callback, jsonp,
alt=json-in-script parameters; the catalogues of the library hosts); from Weichselbaum, Spagnuolo, Lekies and
Janc, "CSP Is Dead, Long Live CSP!" (ACM CCS 2016), which measured such hosts in the policies of the web; and
from Lekies and others, "Code-Reuse Attacks for the Web" (ACM CCS 2017). Services change: a host here is a
reason to look, its absence no clearance.
"""

from typing import Final

# Answer with a call of the function that the address names, so with code of the attacker's choice.
CALLBACKS: Final = """
    accounts.google.com/o/oauth2/revoke
    ajax.googleapis.com/ajax/services/feed/find
    ajax.googleapis.com/ajax/services/search/
    books.google.com/books
    cbks0.googleapis.com/cbk
    clients1.google.com/complete/search
    cse.google.com/api/
    docs.google.com/spreadsheets/
    maps.google.com/maps/api/js
    maps.google.de/maps/api/js
    maps-api-ssl.google.com/maps/api/js
    maps.googleapis.com/maps/api/js
    picasaweb.google.com/data/feed/
    script.google.com/macros/
    spreadsheets.google.com/feeds/
    suggestqueries.google.com/complete/search
    translate.google.com/translate_a/element.js
    translate.googleapis.com/translate_a/l
    translate.googleapis.com/language/translate/
    www.blogger.com/feeds/
    www.google.com/complete/search
    www.google.com/jsapi
    www.google.com/maps/api/js
    www.google.com/tools/feedback/
    www.googleapis.com/blogger/
    www.googleapis.com/books/
    www.googleapis.com/customsearch/
    www.googleapis.com/plus/
    www.googleapis.com/youtube/
    gdata.youtube.com/feeds/
    www.youtube.com/oembed
    www.youtube.com/profile_style
    ad.doubleclick.net/ddm/
    googleads.g.doubleclick.net/pagead/conversion/
    partner.googleadservices.com/gampad/
    pubads.g.doubleclick.net/gampad/
    securepubads.g.doubleclick.net/gampad/
    api.facebook.com/restserver.php
    graph.facebook.com/
    www.facebook.com/plugins/
    api.instagram.com/oembed
    www.instagram.com/oembed/
    api.twitter.com/1/
    cdn.syndication.twimg.com/
    cdn.syndication.twitter.com/
    cdn.api.twitter.com/1/
    publish.twitter.com/oembed
    search.twitter.com/search.json
    syndication.twitter.com/
    urls.api.twitter.com/1/
    api.bing.com/qsonhs.aspx
    dev.virtualearth.net/REST/
    ecn.dev.virtualearth.net/
    www.bing.com/api/maps/mapcontrol
    api.microsofttranslator.com/
    query.yahooapis.com/v1/public/yql
    search.yahooapis.com/
    sugg.search.yahoo.net/
    api.flickr.com/services/
    www.flickr.com/services/oembed/
    itunes.apple.com/search
    itunes.apple.com/lookup
    www.linkedin.com/countserv/count/share
    api.linkedin.com/
    api.pinterest.com/v1/
    widgets.pinterest.com/v1/
    www.reddit.com/
    api.reddit.com/
    api.tumblr.com/
    api.vk.com/method/
    vk.com/share.php
    connect.mail.ru/share_count
    connect.ok.ru/dk
    api.github.com/
    gist.github.com/
    api.bitbucket.org/
    bitbucket.org/api/
    api.stackexchange.com/
    commons.wikimedia.org/w/api.php
    de.wikipedia.org/w/api.php
    en.wikipedia.org/w/api.php
    en.wiktionary.org/w/api.php
    www.wikidata.org/w/api.php
    www.mediawiki.org/w/api.php
    api.dailymotion.com/
    api.soundcloud.com/
    soundcloud.com/oembed
    api.vimeo.com/
    vimeo.com/api/
    fast.wistia.com/embed/medias/
    fast.wistia.net/embed/medias/
    api.embed.ly/1/
    api.embedly.com/1/
    noembed.com/embed
    disqus.com/api/
    links.services.disqus.com/api/
    public-api.wordpress.com/rest/
    en.gravatar.com/
    secure.gravatar.com/
    www.gravatar.com/
    api.bitly.com/
    api-ssl.bitly.com/
    api.geonames.org/
    secure.geonames.org/
    api.ipify.org/
    ipinfo.io/
    jsonip.com/
    ip-api.com/json/
    freegeoip.net/json/
    nominatim.openstreetmap.org/
    api.openweathermap.org/data/
    openexchangerates.org/api/
    a.tiles.mapbox.com/v3/
    b.tiles.mapbox.com/v3/
    api.tiles.mapbox.com/v3/
    ws.audioscrobbler.com/2.0/
    api.mixpanel.com/
    bam.nr-data.net/
    api.bazaarvoice.com/data/
    dpm.demdex.net/id
    gum.criteo.com/sync
    m.addthis.com/live/
    ulogin.ru/token.php
    visitor-service.tealiumiq.com/
    forms.hsforms.com/embed/
    api.map.baidu.com/
    passport.baidu.com/
    sp0.baidu.com/
    suggestion.baidu.com/su
    www.baidu.com/su
    api.weibo.com/
    suggest.taobao.com/sug
    h5api.m.taobao.com/
    api.m.taobao.com/
    pcookie.taobao.com/
    log.mmstat.com/
    c.y.qq.com/
    api.youku.com/
    api-maps.yandex.ru/
    share.yandex.net/counter/
    an.yandex.ru/page/
    mc.yandex.ru/watch/
    suggest.yandex.net/
    suggest.yandex.ru/
    translate.yandex.net/api/
"""

# The same, but what comes back hands the address's text to eval() before it runs.
CALLBACKS_WITH_EVAL: Final = """
    google-analytics.com/gtm/js
    ssl.google-analytics.com/gtm/js
    www.google-analytics.com/gtm/js
    googletagmanager.com/gtm/js
    www.googletagmanager.com/gtm/js
    www.googleadservices.com/pagead/conversion/
"""

# Serve AngularJS 1, whose expressions run out of the page's markup, with no inline script.
ANGULAR: Final = """
    ajax.googleapis.com/ajax/libs/angularjs/
    gstatic.com/fsn/angular_js-bundle1.js
    www.gstatic.com/fsn/angular_js-bundle1.js
    code.angularjs.org/
    cdnjs.cloudflare.com/ajax/libs/angular.js/
    ajax.cloudflare.com/ajax/libs/angular.js/
    cdn.bootcdn.net/ajax/libs/angular.js/
    cdn.bootcss.com/angular.js/
    cdn.staticfile.org/angular.js/
    cdn.staticfile.net/angular.js/
    cdn.baomitu.com/angular.js/
    lib.baomitu.com/angular.js/
    lib.sinaapp.com/js/angular.js/
    lf3-cdn-tos.bytecdntp.com/cdn/expire-1-M/angular.js/
    pagecdn.io/lib/angularjs/
    yandex.st/angularjs/
    yastatic.net/angularjs/
"""

# Serve every package of a public registry, so what anybody publishes, AngularJS too.
REGISTRIES: Final = """
    cdn.jsdelivr.net/npm/
    cdn.jsdelivr.net/gh/
    cdn.jsdelivr.net/wp/
    fastly.jsdelivr.net/npm/
    gcore.jsdelivr.net/npm/
    testingcf.jsdelivr.net/npm/
    unpkg.com/
    www.unpkg.com/
    npmcdn.com/
    esm.sh/
    cdn.esm.sh/
    cdn.skypack.dev/
    ga.jspm.io/npm:
    jspm.dev/
    cdn.statically.io/
    wzrd.in/
"""

# Serve, as scripts, the files that anybody stores there.
PUBLISHING: Final = """
    cdn.rawgit.com/
    rawgit.com/
    raw.githack.com/
    rawcdn.githack.com/
    gitcdn.xyz/
    cdn.shopify.com/s/files/
    dl.dropboxusercontent.com/
    firebasestorage.googleapis.com/
    storage.googleapis.com/
    commondatastorage.googleapis.com/
    s3.amazonaws.com/
    s3-eu-central-1.amazonaws.com/
    s3-eu-west-1.amazonaws.com/
    s3-us-west-2.amazonaws.com/
    s3-ap-southeast-1.amazonaws.com/
    static.tumblr.com/
    a248.e.akamai.net/
    script.googleusercontent.com/macros/
"""

# Domains under which anybody is given a name: public suffixes of two labels, and hosting.
SHARED_HOSTING: Final = """
    ac.uk co.uk org.uk me.uk com.au net.au org.au com.br net.br com.cn net.cn co.id co.il co.in co.jp ne.jp
    or.jp co.kr or.kr com.mx com.my co.nz com.pl com.sg com.tr com.tw com.ua com.vn co.za com.ar com.hk co.th
    000webhostapp.com akamai.net akamaihd.net akamaized.net aliyuncs.com amazonaws.com amplifyapp.com
    appspot.com azureedge.net azurestaticapps.net azurewebsites.net b-cdn.net blob.core.windows.net
    blogspot.com cachefly.net cdn77.org cloudapp.net cloudfront.net core.windows.net deno.dev
    digitaloceanspaces.com edgecastcdn.net edgekey.net edgesuite.net fastly.net firebaseapp.com fly.dev
    freetls.fastly.net github.io gitlab.io glitch.me global.ssl.fastly.net googlecode.com
    googleusercontent.com herokuapp.com hwcdn.net kxcdn.com llnwd.net myqcloud.com myshopify.com
    neocities.org netdna-cdn.com netdna-ssl.com netlify.app netlify.com ngrok-free.app ngrok.app ngrok.io
    now.sh onrender.com pages.dev pantheonsite.io r2.dev rackcdn.com railway.app repl.co replit.app run.app
    s3.amazonaws.com stackpathcdn.com surge.sh trycloudflare.com vercel.app web.app web.core.windows.net
    weebly.com windows.net wixsite.com wordpress.com workers.dev wpengine.com
"""
