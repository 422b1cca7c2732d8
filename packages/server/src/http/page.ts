import { createHash } from 'node:crypto';

export const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A self-contained page: inline style, and no script but the given one. */
export function writePage({ title, header, main, script = '' }: { title: string; header: string; main: string; script?: string }): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><style>${style}</style></head>
<body><a class="skip" href="#main">Skip to content</a><header>${header}</header>
<main id="main" tabindex="-1">${main}</main>${script === '' ? '' : `<script>${script}</script>`}</body></html>`;
}

/** The hash by which a Content-Security-Policy allows an inline script. */
export const scriptHash = (script: string): string => `sha256-${createHash('sha256').update(script).digest('base64')}`;

/** The page may do nothing but run its own script. */
export function pageHeaders(script = ''): Record<string, string> {
  const scripts = script === '' ? '' : ` script-src '${scriptHash(script)}';`;
  return {
    'content-security-policy': `default-src 'none';${scripts} style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

const style = `:root{--ink:#231f1c;--paper:#fbf8f5;--line:#ddd3cb;--lamp:#a3260f;--soft:#f1eae4;--good:#1c6b3a;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#f0e6df;--paper:#171210;--line:#40342e;--lamp:#ff8f70;--soft:#221b18;--good:#7fd39b;--on:#171210}}
*{box-sizing:border-box}body{margin:0;font:1rem/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}header,main{max-width:56rem;margin:auto;padding:1rem 1.25rem}
h1{font-size:1.75rem;margin:.5rem 0}h2{border-bottom:1px solid var(--line);padding-bottom:.25rem;margin-top:2.5rem}h3{font-size:1rem;overflow-wrap:anywhere;margin-bottom:.25rem}
.method{color:var(--lamp);font-weight:700}code{font:0.9em ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:.25em}a{color:var(--lamp)}nav a{margin-right:.75rem;display:inline-block;padding:.2rem 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.925rem}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
.status{font-weight:600}.status::before{content:"";display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.5em;background:var(--lamp)}.status[data-ready]::before{background:var(--good)}
.doors{list-style:none;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr))}.doors a{display:block;height:100%;padding:.9rem 1rem;border:1px solid var(--line);border-radius:.5rem;text-decoration:none;color:var(--ink)}.doors a:hover{border-color:var(--lamp)}.doors b{display:block;color:var(--lamp)}
pre{margin:.75rem 0;padding:1rem;background:var(--soft);border-radius:.5rem;overflow-x:auto;font-size:.95rem}pre code{padding:0;background:none}
button{font:inherit;font-weight:600;padding:.45rem 1rem;min-height:2.75rem;border:0;border-radius:.4rem;background:var(--lamp);color:var(--on);cursor:pointer}
main:focus{outline:none}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}:focus-visible{outline:3px solid var(--lamp);outline-offset:2px}`;
