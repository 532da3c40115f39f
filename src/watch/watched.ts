import { FailoverctlError } from '../core/errors.ts'

/** A collector that is looked at, and where. */
export interface Watched {
  /** How it is called in every report. */
  readonly name: string
  readonly metricsUrl: string
  readonly healthUrl: string | undefined
}

const EXPECTED =
  'Write --collector http://localhost:8888/metrics, with ,health=http://localhost:13133 and ,name=main where wanted.'

/**
 * `http://host:8888/metrics,health=http://host:13133,name=main`: the address of the metrics, and what else is known.
 * `host:8888` is enough. Throws `wrong-use`.
 */
export function parseWatched(text: string): Watched {
  const [address = '', ...more] = text.split(',').map(part => part.trim())
  const settings = new Map(more.map(part => [part.slice(0, Math.max(0, part.indexOf('='))), part.slice(part.indexOf('=') + 1)]))
  const unknown = [...settings.keys()].find(key => key !== 'health' && key !== 'name')
  if (unknown !== undefined)
    throw new FailoverctlError('wrong-use', `--collector ${shownUrl(text)}: \`${unknown}\` is not known here`, EXPECTED)
  const metrics = addressOf(address, '/metrics')
  const health = settings.get('health')
  return {
    name: settings.get('name') || metrics.host,
    metricsUrl: metrics.href,
    healthUrl: health === undefined ? undefined : addressOf(health, '/').href,
  }
}

/** Each name once: two collectors with one name would be one series in what is served. */
export function withOwnNames(all: readonly Watched[]): Watched[] {
  const taken = new Set<string>()
  return all.map(watched => {
    let name = watched.name
    for (let turn = 2; taken.has(name); turn++) name = `${watched.name} (${turn})`
    taken.add(name)
    return { ...watched, name }
  })
}

function addressOf(text: string, path: string): URL {
  const whole = /^https?:\/\//i.test(text) ? text : `http://${text}`
  if (text === '' || !URL.canParse(whole) || (/^[a-z]+:\/\//i.test(text) && whole !== text))
    throw new FailoverctlError('wrong-use', `--collector ${shownUrl(text)}: expected an address of http or https`, EXPECTED)
  const url = new URL(whole)
  if (url.pathname === '/') url.pathname = path
  return url
}

/** Without the password that may stand in it, nor a token in its query. */
export const shownUrl = (url: string): string => url.replace(/(:\/\/)[^/@\s]*@/, '$1').replace(/\?.*$/, '?…')
