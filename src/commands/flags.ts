import { InvalidArgumentError, Option } from 'commander'
import { NEWEST, parseVersion, type Version } from '../collector/versions.ts'
import { listFlag } from './values.ts'

/** Flags that mean the same in every command. Each call makes a new one: an option belongs to one command. */
export const collectorVersionOption = (): Option =>
  new Option('--collector-version <release>', 'the collector that the config runs on')
    .argParser(collectorVersion)
    .default(NEWEST, NEWEST.text)

function collectorVersion(text: string): Version {
  const version = parseVersion(text)
  if (!version) throw new InvalidArgumentError('Expected a release such as 0.161.0.')
  return version
}

export const configOption = (): Option =>
  new Option('-c, --config <location>', 'collector config; several are merged as the collector merges them')
    .argParser((location: string, before: readonly string[] | undefined) => [...(before ?? []), location])
    .default([], 'none')

export const jsonOption = (): Option => new Option('--json', 'print JSON on standard output, and nothing else').default(false)

export const htmlOption = (): Option =>
  new Option('--html <file>', 'write the report as one page by itself, which needs nothing from anywhere')

export const projectOption = (): Option =>
  new Option('--project <file>', 'where flags that are not given come from (default: failoverctl.yaml, when it is there)')

export const quietOption = (): Option => new Option('--quiet', 'no progress on standard error').default(false)

/** Names of things, repeated or with commas between them. */
export const namesOption = (flags: string, description: string): Option => new Option(flags, description).argParser(listFlag)
