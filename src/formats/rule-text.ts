import type { Painter } from '../core/paint.ts'
import type { Description } from '../validate/describe.ts'
import { wrap } from './wrap.ts'

const WIDTH = 100

/** A rule for a person at a terminal: what it wants, why, and how a config goes from wrong to right. */
export function ruleText({ topic, meaning, why, bad, good, suppression }: Description, paint: Painter): string {
  const heading = (text: string) => paint.bold(text)
  const wrongs = bad.map(({ lines, says }) =>
    [
      ...lines.map(({ text, isMark }) => `    ${isMark ? paint.red(text) : text}`.trimEnd()),
      ...says.flatMap(({ severity, text }) => ['', ...wrap(`${severity}: ${text}`, WIDTH - 4).map(line => `    ${line}`)]),
    ].join('\n'),
  )
  const rights = good.map(example => example.replace(/^(?=.)/gm, '    '))
  const parts = [
    `${paint.bold(topic.id)}  ${topic.severity}, ${topic.kind}: ${meaning}`,
    heading(topic.title),
    why.map(paragraph => wrap(paragraph, WIDTH).join('\n')).join('\n\n'),
    heading('Wrong'),
    ...wrongs,
    heading('Right'),
    ...rights,
    ...(suppression ? [heading('Where it does not matter'), `    ${suppression}`] : []),
  ]
  return `${parts.join('\n\n')}\n`
}
