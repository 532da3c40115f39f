import type { PageContent } from './content.ts'
import { Html, html } from './html.ts'
import { SCRIPT } from './script.ts'
import { spread } from './spread.ts'
import { STYLE } from './style.ts'
import { assertions, checks, ledger, summary, why } from './summary.ts'
import { timeline } from './timeline.ts'

/**
 * One page by itself, without a request to anywhere: an outage as `simulate` computed it or `chaos` measured it, or several side by side.
 * Readable on a phone, by keyboard, by a screen reader, and without its script.
 */
export function reportPage(title: string, contents: readonly PageContent[], version: string): string {
  const parts = contents.map((content, index) => outage(content, `outage-${index + 1}`, contents.length > 1))
  return page(title, contents.length > 1 ? html`<div class="several">${parts}</div>` : html`${parts}`, version)
}

/** The page around its parts. */
export const page = (title: string, body: Html, version: string): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
<footer>failoverctl ${version}</footer>
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text

/** One outage, whole. */
export const outage = (content: PageContent, id: string, named: boolean): Html => html`
<article id="${id}">${named ? html`<h2>${content.outcome.config}</h2>` : undefined}
${summary(content)}
${assertions(content)}
${timeline(content.outcome, content.series, id)}
${checks(content, id)}
${why(content)}
${spread(content)}
${ledger(content, id)}
</article>`
