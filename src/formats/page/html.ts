/** Text that is HTML already. Made by `html` alone, so what comes from a config or a backend is always escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** HTML from a template: every value is escaped unless it is HTML itself; lists are joined, `undefined` is nothing. */
export const html = (texts: TemplateStringsArray, ...values: readonly Part[]): Html =>
  new Html(texts.map((text, index) => text + (index < values.length ? rendered(values[index]) : '')).join(''))

function rendered(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(rendered).join('')
  return escaped(String(part))
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, character => ENTITIES[character] as string).replace(/\p{Cc}|\p{Cs}/gu, '�')

/** Data for a script on the page: JSON in which nothing can end the element. */
export const embedded = (data: unknown): Html => new Html(JSON.stringify(data).replaceAll('<', '\\u003c'))

/** A sentence of ours in which `names` stand between backticks. */
export const prose = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`
