import { decodeRpcStatus } from '../core/rpc-status.ts'
import { redactUrl } from './destination.ts'

const LONGEST = 200
/** Of a text that may be a whole page. */
const MOST_BYTES = 64 * 1024
/** Shorter values are no tokens, and might be a part of any word. */
const SHORTEST_SECRET = 6

type Headers = Readonly<Record<string, string>>

export const isWebPage = (headers: Headers): boolean =>
  /^\s*(?:text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')

/** What an answer with an error says for a person: the message of a google.rpc.Status, the title of a page, a text, where it redirects to. */
export function serverWords(status: number, headers: Headers, body: Uint8Array): string {
  if (status >= 300 && status < 400) return redactUrl(headers.location ?? '')
  const type = headers['content-type'] ?? ''
  if (/protobuf/i.test(type)) return decodeRpcStatus(body).message
  const text = new TextDecoder().decode(body.subarray(0, MOST_BYTES))
  if (/json/i.test(type)) return jsonMessage(text)
  return isWebPage(headers) ? (/<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? '') : text
}

/** `message` or `error` of a JSON body; the whole text of any other. */
function jsonMessage(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown }
    const inner = (error as { message?: unknown } | null | undefined)?.message
    return [message, inner, error].find((each): each is string => typeof each === 'string') ?? text
  } catch {
    return text
  }
}

const ESCAPES = /\p{Cc}\[[\d;?]*[ -/]*[@-~]/gu
/** Controls, marks that turn the direction of text, separators of lines. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu

/** One short line for a terminal, without secrets. */
export function cleaned(text: string, secrets: Readonly<Record<string, string>>): string {
  if (text === '') return ''
  const values = Object.values(secrets).flatMap(value => [value, ...value.split(/\s+/)])
  const hidden = values.filter(value => value.length >= SHORTEST_SECRET)
  const harmless = hidden.reduce((left, secret) => left.replaceAll(secret, '…'), text)
  const line = harmless.slice(0, MOST_BYTES).replace(ESCAPES, ' ').replace(UNPRINTABLE, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).trimEnd()}…` : line
}
