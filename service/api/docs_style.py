"""The one style of `/docs`: readable in light and dark, on a wide screen and a narrow one, and on paper."""

from typing import Final

STYLE: Final = """\
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--get:#0a7d4f;--post:#1f5fbf;--delete:#b3261e}
@media(prefers-color-scheme:dark){:root{--get:#4cc38a;--post:#7aa8ff;--delete:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;display:flex}
nav{width:22rem;flex:none;height:100vh;position:sticky;top:0;overflow:auto;padding:1rem;font-size:14px;
border-right:1px solid var(--line)}
nav ul{list-style:none;margin:0;padding:0}nav li{margin:0 0 .6rem}nav a{display:block}
main{flex:1;min-width:0;max-width:62rem;padding:1rem 2rem 6rem}
h2{margin-top:3rem}section{border-top:1px solid var(--line);margin-top:2rem}
h3{font-family:ui-monospace,monospace;font-size:1.1rem}h4{margin:1.2rem 0 .4rem}
a{color:inherit}p{margin:.5rem 0}code,pre{font:13px/1.45 ui-monospace,monospace}
code{background:var(--soft);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
pre{background:var(--soft);padding:.8rem;border-radius:4px;overflow:auto;max-height:28rem;
white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:14px}td p{margin:0}td:first-child code{white-space:nowrap}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
details{border-bottom:1px solid var(--line);padding:.35rem 0}summary{cursor:pointer}
.get,.s2{color:var(--get)}.post{color:var(--post)}.delete,.s4,.s5{color:var(--delete)}
@media(max-width:50rem){body{display:block}nav{width:auto;height:auto;position:static;border:0}main{padding:1rem}}
@media print{nav{display:none}pre{max-height:none}}
"""
