import { FailoverctlError } from '../core/errors.ts'

/** Somewhere that requests may go. */
export interface Endpoint {
  /** Unique among the endpoints of one manager; by default the address. */
  readonly id: string
  /** `http://host:port`, `https://host:port`, or whatever the caller of `execute` understands. */
  readonly url: string
  /** The service that it belongs to. */
  readonly name?: string
  /** Lower numbers come first. */
  readonly priority: number
  /** Share of the work among equals; 0 is none at all. */
  readonly weight: number
  readonly region?: string
  readonly zone?: string
  readonly tags: readonly string[]
  /** What a registry says of it; checks of our own come on top. */
  readonly health?: 'healthy' | 'degraded' | 'unhealthy'
}

export type EndpointSettings = Partial<Omit<Endpoint, 'url'>> & { readonly url: string }

/** Fills in the defaults: priority 0, weight 1, no tags, the address as id. Throws `wrong-use`. */
export function endpoint({ url, ...given }: EndpointSettings): Endpoint {
  const made = { id: shownUrl(url), priority: 0, weight: 1, tags: [], ...given, url }
  if (url.trim() === '') throw wrong('an endpoint needs an address')
  if (!Number.isFinite(made.weight) || made.weight < 0) {
    throw wrong(`endpoint ${made.id}: weight ${made.weight} is not a number of at least 0`, EXAMPLE)
  }
  if (!Number.isSafeInteger(made.priority) || made.priority < 0) {
    throw wrong(`endpoint ${made.id}: priority ${made.priority} is not a whole number of at least 0`, EXAMPLE)
  }
  return made
}

/** All of them, with ids that differ. Throws `wrong-use`. */
export function endpoints(given: readonly EndpointSettings[]): Endpoint[] {
  const made = given.map(endpoint)
  const ids = new Set<string>()
  for (const { id } of made) {
    if (ids.has(id)) throw wrong(`two endpoints have the id ${id}`, 'Give each its own with ;id=NAME.')
    ids.add(id)
  }
  return made
}

const TEXTS = new Set(['id', 'name', 'region', 'zone'])
const NUMBERS = new Set(['priority', 'weight'])
const EXAMPLE = 'Example: http://localhost:4318;priority=1;weight=3;region=eu'

/** `url;priority=1;weight=3;region=eu;zone=a;tags=x,y;id=near` as a flag says it. Throws `wrong-use`. */
export function parseEndpoint(text: string): Endpoint {
  return overHttp(parseTarget(text))
}

/** The same, when a client can ask its address. Throws `wrong-use`. */
export function overHttp(made: Endpoint): Endpoint {
  if (!/^https?:\/\/./i.test(made.url) || !URL.canParse(made.url)) {
    throw wrong(`${shownUrl(made.url)} is not an http or https address`, EXAMPLE)
  }
  return made
}

/** The same with any address: the caller knows what an address is. */
export function parseTarget(text: string): Endpoint {
  const [url = '', ...settings] = text.split(';').map(part => part.trim())
  const given: Record<string, unknown> = { url }
  for (const setting of settings.filter(part => part !== '')) {
    const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(setting) ?? []
    if (TEXTS.has(name)) given[name] = value
    else if (NUMBERS.has(name)) given[name] = numberOf(value, name, url)
    else if (name === 'tags') given.tags = value.split(',')
    else throw wrong(`endpoint ${shownUrl(url)}: ${name || 'a part without ='} is no setting of an endpoint`, EXAMPLE)
  }
  return endpoint(given as unknown as EndpointSettings)
}

function numberOf(text: string, name: string, url: string): number {
  const number = Number(text)
  if (Number.isNaN(number)) throw wrong(`endpoint ${shownUrl(url)}: ${name} ${text} is no number`, EXAMPLE)
  return number
}

// What stands before an @ or after a ? may be a secret.
const shownUrl = (url: string): string => url.replace(/\/\/[^/@\s]*@/, '//').replace(/\?.*$/s, '')

const wrong = (message: string, hint?: string) => new FailoverctlError('wrong-use', message, hint)

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  url: value => typeof value === 'string',
  id: value => typeof value === 'string' && value !== '',
  name: value => typeof value === 'string',
  region: value => typeof value === 'string',
  zone: value => typeof value === 'string',
  priority: value => typeof value === 'number',
  weight: value => typeof value === 'number',
  tags: value => Array.isArray(value) && value.every(tag => typeof tag === 'string'),
}

/** Whether data from outside has the shape of an endpoint; `endpoint` then looks at the values. */
export const isEndpointSettings = (data: unknown): data is EndpointSettings =>
  typeof data === 'object' &&
  data !== null &&
  'url' in data &&
  Object.entries(data).every(([name, value]) => Object.hasOwn(TYPES, name) && TYPES[name]?.(value))
