import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { REMARKS, type Topic } from './remarks.ts'
import { RULES } from './rules/index.ts'

/** All that a finding can be about, by its id. */
export const TOPICS: ReadonlyMap<string, Topic> = new Map([...RULES, ...REMARKS].map(topic => [topic.id, topic]))

/** `unknown rule …`, with the one that was most likely meant. */
export function unknownRule(id: string): string {
  const meant = nearest(id, TOPICS.keys())
  return `unknown rule \`${id}\`${meant ? `; did you mean \`${meant}\`?` : ''}`
}

/** Throws `wrong-use` for an id that nothing has. */
export function topicCalled(id: string): Topic {
  const topic = TOPICS.get(id)
  if (!topic) throw new FailoverctlError('wrong-use', unknownRule(id), 'All of them: failoverctl rules')
  return topic
}
