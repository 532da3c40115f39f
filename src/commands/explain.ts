import { Command } from 'commander'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { ruleText } from '../formats/rule-text.ts'
import { describe } from '../validate/describe.ts'
import { topicCalled } from '../validate/topics.ts'

// Flags end here …
export const explainCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('explain')
    .description('Say what a rule wants and why, with configs that break and keep it.')
    .argument('<rule>', 'the word in brackets of a finding, such as queue-hides-errors')
    .action((rule: string) => done(explain(rule, host)))

// … and work begins here: plain values in, an exit code out.
export function explain(rule: string, { terminal }: Host): number {
  terminal.out(ruleText(describe(topicCalled(rule)), painterFor(terminal.colour.out)))
  return 0
}
