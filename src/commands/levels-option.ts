import { Option } from 'commander'
import { type Level, parseLevel } from '../validate/severities.ts'

/** Severities of rules, repeated: the last one for a rule counts. */
export const levelsOption = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((text: string, before: ReadonlyMap<string, Level> | undefined) => new Map([...(before ?? []), parseLevel(text)]))
    .default(new Map<string, Level>(), 'as the rules say')
