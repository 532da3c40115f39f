import { Command } from 'commander'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json as asJson } from '../formats/json.ts'
import { rulesText } from '../formats/rules-text.ts'
import { TOPICS } from '../validate/topics.ts'
import { jsonOption } from './flags.ts'

export interface RulesOptions {
  readonly json: boolean
}

// Flags end here …
export const rulesCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('rules')
    .description('List what validate can find.')
    .addOption(jsonOption())
    .action((options: RulesOptions) => done(rules(options, host)))

// … and work begins here: plain values in, an exit code out.
export function rules({ json }: RulesOptions, { terminal }: Host): number {
  const topics = [...TOPICS.values()]
  if (json) {
    terminal.out(asJson(topics.map(({ id, severity, kind, title }) => ({ id, severity, kind, title }))))
    return 0
  }
  terminal.out(rulesText(topics, painterFor(terminal.colour.out)))
  terminal.err('More about one: failoverctl explain <rule>\n')
  return 0
}
