import { InvalidArgumentError, Option } from 'commander'
import { NEWEST, parseVersion } from '../collector/versions.ts'
import type { Expected } from '../validate/rule.ts'
import type { Upgrade } from '../validate/upgrade.ts'
import { durationFlag } from './values.ts'

/** What `validate` is told of the outage to get through. */
export interface ExpectedOptions {
  readonly outage?: number
  readonly rate?: Rates
}

type Rates = Pick<Expected, 'bytesPerSecond' | 'requestsPerSecond'>

export const outageOption = (): Option =>
  new Option('--outage <duration>', 'the longest outage that queues and backups have to last for').argParser(durationFlag)

export const rateOption = (): Option =>
  new Option('--rate <amount>', 'traffic, as 5MB/s or as 200/s requests; both may be given').argParser(rateFlag)

export const upgradeOption = (): Option =>
  new Option('--upgrade <from..to>', 'only what breaks or changes between two releases, such as 0.125..0.163').argParser(
    upgradeFlag,
  )

export const expectedOf = ({ outage, rate }: ExpectedOptions): Expected => ({
  ...rate,
  ...(outage === undefined ? {} : { outageMs: outage }),
})

const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
])

/** `5MB/s` → bytes, `200/s` → requests; several, with commas between them, add up to what is known. */
function rateFlag(text: string, before: Rates | undefined): Rates {
  return Object.assign({}, before, ...text.split(',').map(one => oneRate(one.trim())))
}

function oneRate(text: string): Rates {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?\/s$/i.exec(text) ?? []
  const value = Number(number)
  if (number === undefined || value <= 0)
    throw new InvalidArgumentError('Expected an amount such as 5MB/s, or 200/s for requests.')
  return unit ? { bytesPerSecond: value * (UNITS.get(unit.toLowerCase()) ?? 1) } : { requestsPerSecond: value }
}

/** `5MB/s` → bytes a second; requests are no amount here. */
export function bytesFlag(text: string): number {
  const { bytesPerSecond } = oneRate(text)
  if (bytesPerSecond === undefined) throw new InvalidArgumentError('Expected an amount such as 5MB/s.')
  return bytesPerSecond
}

/** `0.125..0.163`; without an end it is the newest release. */
function upgradeFlag(text: string): Upgrade {
  const [from = '', to = ''] = text.split('..')
  const versions = { from: parseVersion(from), to: to === '' ? NEWEST : parseVersion(to) }
  if (!text.includes('..') || !versions.from || !versions.to)
    throw new InvalidArgumentError('Expected two releases, such as 0.125..0.163.')
  if (versions.from.minor >= versions.to.minor) throw new InvalidArgumentError('The second release has to be the newer one.')
  return { from: versions.from, to: versions.to }
}
